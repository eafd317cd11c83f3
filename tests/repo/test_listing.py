from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from hfpush.repo.listing import LEFTOVER, Listing, list_folder
from hfpush.repo.scratch import scratch

NewRepo = Callable[..., "Place"]  # noqa: F821


def listed(folder: Path) -> Listing:
    with scratch() as git:
        assert git.git_dir is not None
        return list_folder(folder, git.git_dir)


def write(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"1")


def test_files_come_without_what_git_and_we_leave_out(tmp_path: Path) -> None:
    write(tmp_path, "b", "a/c", "n\u00e9", "x.log", "keep/x.log", ".hidden", f"{LEFTOVER}1/f", f"{LEFTOVER}2")
    write(tmp_path, ".cache/huggingface/a", "d/.cache/huggingface/b", ".cache/other")
    (tmp_path / ".gitignore").write_text("*.log\n!keep/*.log\n")
    (tmp_path / "empty").mkdir()
    os.mkfifo(tmp_path / "pipe")
    assert [entry.path for entry in listed(tmp_path).entries] == [
        *(".cache/other", ".gitignore", ".hidden", "a/c", "b", "keep/x.log", "n\u00e9"),
    ]


def test_the_users_own_ignore_file_counts(tmp_path: Path, home: Path) -> None:
    write(tmp_path, "a", ".DS_Store")
    (home / ".config/git").mkdir(parents=True)
    (home / ".config/git/ignore").write_text(".DS_Store\n")
    assert [entry.path for entry in listed(tmp_path).entries] == ["a"]


def test_files_of_a_repository_inside_come_without_its_history(new_repo: NewRepo) -> None:
    outer = new_repo("folder")
    inner = new_repo("folder/in ner")
    outer.write("in ner/deep/er/f", b"1")
    outer.write("in ner/skip.log", b"1")
    outer.write("in ner/own.tmp", b"1")
    outer.write(".gitignore", b"*.log\n")
    inner.write(".gitignore", b"*.tmp\n")
    inner.commit()
    innermost = new_repo("folder/in ner/deep/repo")
    innermost.write("g", b"1")
    assert [entry.path for entry in listed(outer.path).entries] == [
        *(".gitignore", "in ner/.gitignore", "in ner/deep/er/f", "in ner/deep/repo/g"),
    ]


def test_links_within_the_folder_are_taken_and_others_are_told(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    write(folder, "a", "d/e")
    links = {
        "good": "d/e",
        "dead": "d/none",
        "d/up": "../a",
        "out": "../other",
        "abs": str(folder / "a"),
        "d/far": "../..",
    }
    for name, target in links.items():
        (folder / name).symlink_to(target)
    listing = listed(folder)
    assert [entry.path for entry in listing.entries if entry.is_link] == ["d/up", "dead", "good"]
    (finding,) = listing.findings
    assert finding.reference == "link-leaves-folder"
    assert [line.split(" -> ")[0] for line in finding.evidence] == ["abs", "d/far", "out"]


def test_a_link_through_another_cannot_leave(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    write(folder, "a/b/c")
    (folder / "deep").symlink_to("a/b")
    (folder / "sly").symlink_to("deep/../../../secret")
    assert [finding.reference for finding in listed(folder).findings] == ["link-leaves-folder"]


@pytest.mark.parametrize("name", [b"caf\xe9", b"a\nb", b"a\x1bb", b"a\\b", b".GIT/x"])
def test_a_name_that_the_hub_cannot_hold_is_told(tmp_path: Path, name: bytes) -> None:
    write(tmp_path, os.fsdecode(name), "fine")
    listing = listed(tmp_path)
    assert [entry.path for entry in listing.entries] == ["fine"]
    (finding,) = listing.findings
    assert finding.reference == "name-unusable"
    assert finding.evidence[0].isprintable()


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_file_is_told(tmp_path: Path) -> None:
    write(tmp_path, "secret")
    (tmp_path / "secret").chmod(0)
    (finding,) = listed(tmp_path).findings
    assert (finding.reference, finding.evidence) == ("file-unreadable", ("secret",))


def test_many_troubles_are_counted_and_some_shown(tmp_path: Path) -> None:
    write(tmp_path, *(f"a\\{number}" for number in range(30)))
    (finding,) = listed(tmp_path).findings
    assert finding.message.startswith("30 files")
    assert len(finding.evidence) == 21
