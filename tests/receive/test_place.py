from pathlib import Path

import pytest

from hfpush.disk.content import Content
from hfpush.disk.draft import Draft, claim
from hfpush.endpoints import Endpoint, RepoAddress
from hfpush.hub.cache import RepoCache
from hfpush.hub.local_dir import LocalDir
from hfpush.hub.presence import Presence
from hfpush.receive.place import Place

EMPTY = Content("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", 0)


@pytest.fixture(params=["cache", "folder"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    if request.param == "folder":
        return LocalDir(tmp_path / "here", "1" * 40)
    return RepoCache(tmp_path / "here", RepoAddress.parse(Endpoint("h", "http://h"), "ada/m")).snapshot("1" * 40)


def test_every_place_takes_a_draft_shows_it_and_keeps_it(place: Place) -> None:
    paths = ["a", "deep/b"]
    assert {place.presence(path, EMPTY) for path in paths} == {Presence.ABSENT}
    draft = claim(place.home("a", EMPTY))
    assert isinstance(draft, Draft)
    place.put(EMPTY, paths, draft)
    place.put(EMPTY, paths, None)
    assert {place.presence(path, EMPTY) for path in paths} == {Presence.PLACED}
    assert all(place.file(path).read_bytes() == b"" and place.folder in place.file(path).parents for path in paths)


def test_drafts_are_on_the_file_system_of_their_destination(place: Place) -> None:
    home = place.home("a", EMPTY)
    draft = claim(home)
    assert isinstance(draft, Draft)
    place.put(EMPTY, ["a"], draft)
    assert home.folder.stat().st_dev == place.file("a").stat().st_dev
