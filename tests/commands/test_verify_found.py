from pathlib import Path

from hfpush.commands.verify_found import CacheRepo, Sighting
from hfpush.disk.content import Content
from hfpush.hub.tree import TreeFile


def test_a_repository_is_called_as_the_hub_calls_it() -> None:
    assert str(CacheRepo(Path("x"), "model", "ada/model")) == "ada/model"
    assert str(CacheRepo(Path("x"), "dataset", "ada/data")) == "datasets/ada/data"


def test_the_list_says_what_the_bytes_must_be() -> None:
    assert Sighting("a", "1" * 40, 3).content is None
    assert Sighting("a", "1" * 40, 3, listed=TreeFile("a", 3, "b" * 40)).content == Content("b" * 40, 3, git=True)
