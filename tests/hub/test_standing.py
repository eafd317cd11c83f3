import os
from pathlib import Path

import pytest

from hfpush.hub.standing import Standing, leads_out, may_be_folder, standing


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with files, folders, and links in and out of it."""
    folder = tmp_path / "folder"
    (folder / "in" / "deep").mkdir(parents=True)
    (tmp_path / "out").mkdir()
    (folder / "file").write_bytes(b"x")
    os.mkfifo(folder / "pipe")
    for name, target in {
        "to-file": "file",
        "to-nothing": "nowhere",
        "to-in": "in",
        "to-out": "../out",
        "to-root": "/",
        "round": "round",
        "up": "..",
        "out-and-in": "../folder/in",
    }.items():
        (folder / name).symlink_to(target)
    return folder


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("file", Standing.FILE),
        ("nothing", Standing.NOTHING),
        ("no/thing", Standing.NOTHING),
        ("to-file", Standing.LINK),
        ("to-nothing", Standing.LINK),
        ("round", Standing.LINK),
        ("in", Standing.BLOCKED),
        ("to-in", Standing.BLOCKED),
        ("pipe", Standing.BLOCKED),
        ("file/x", Standing.BLOCKED),
        ("x" * 300, Standing.NOTHING),
    ],
)
def test_what_stands_there(folder: Path, name: str, expected: Standing) -> None:
    assert standing(folder / name) is expected


@pytest.mark.parametrize(
    ("path", "out"),
    [
        ("x", False),
        ("in/deep/x", False),
        ("not/there/x", False),
        ("to-in/x", False),
        ("out-and-in/x", False),
        ("to-out", False),  # the link itself would be replaced, and nothing written through it
        ("to-out/x", True),
        ("to-root/x", True),
        ("up/x", True),
        ("to-nothing/x", True),
        ("round/x", True),
        ("to-file/x", True),
        ("file/x", True),
        ("file/x/y", True),
    ],
)
def test_a_way_that_leads_out_is_seen(folder: Path, path: str, out: bool) -> None:
    assert leads_out(folder, path) == out


def test_folder_itself_may_be_a_link(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(folder)
    assert not leads_out(tmp_path / "link", "in/x")
    assert not leads_out(tmp_path / "link", "to-in/x")
    assert leads_out(tmp_path / "link", "to-out/x")


@pytest.mark.parametrize(
    ("name", "may"),
    [(".", True), ("new/er", True), ("to-in", True), ("file", False), ("file/x/y", False), ("to-nothing", False)],
)
def test_folder_is_one_or_can_be_made(folder: Path, name: str, may: bool) -> None:
    assert may_be_folder(folder / name) == may
