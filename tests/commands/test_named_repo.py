"""What a user wrote for a repository, and the endpoint that it leads to."""

from __future__ import annotations

import pytest

from hfpush.commands.named_repo import named_repo
from hfpush.errors import Misuse

GIVEN = ("http://127.0.0.1:9", "http://127.0.0.1:10")


@pytest.mark.parametrize(
    ("text", "flag", "url"),
    [
        ("ada/model", None, "https://huggingface.co"),
        ("https://huggingface.co/ada/model", "http://127.0.0.1:9", "http://127.0.0.1:9"),
        ("https://hf-mirror.com/ada/model", None, "https://hf-mirror.com"),
        ("https://hf-mirror.com/ada/model", "hf", "https://huggingface.co"),
        ("http://127.0.0.1:10/ada/model", GIVEN, "http://127.0.0.1:9"),
    ],
)
def test_who_is_asked(text: str, flag: str | tuple[str, ...] | None, url: str) -> None:
    settings, said = named_repo(text, {"endpoint": flag})
    assert (settings.usual_endpoint.url, said.id) == (url, "ada/model")


def test_the_page_of_a_stranger_is_not_understood() -> None:
    with pytest.raises(Misuse, match="repo-url-elsewhere"):
        named_repo("http://127.0.0.1:9/ada/model", {"endpoint": None})
