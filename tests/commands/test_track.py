from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from support.command_line import git

from hfpush.commands.track import track
from hfpush.errors import HfpushError, LocalTrouble, Misuse
from hfpush.repo.attributes import template
from hfpush.repo.track.starts import hub_attributes

LARGE = b"x" * (10 * 2**20 + 1)
LFS = "filter=lfs diff=lfs merge=lfs -text"


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    path = tmp_path / "repo"
    path.mkdir()
    git(path, "init", "-q")
    git(path, "config", "filter.lfs.process", "git-lfs filter-process")
    return path


def write(repo: Path, name: str, content: bytes) -> Path:
    place = repo / name
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(content)
    os.utime(place, ns=(10**18, 10**18))
    return place


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def filter_of(repo: Path, path: str) -> str:
    return git(repo, "check-attr", "-z", "filter", path).split("\0")[2]


def test_lines_are_written_with_reasons_and_staged_content_becomes_pointers(repo: Path) -> None:
    write(repo, ".gitattributes", b"# mine\n*.txt text")
    write(repo, "w.bin", b"\0" * 1000)
    write(repo, "words.json", LARGE)
    git(repo, "add", ".")
    write(repo, "later.q4", b"\0")
    report = track(repo)
    assert [(line.file, line.text, line.reason) for line in report.lines] == [
        (".gitattributes", f"*.bin {LFS}", "w.bin is binary (1.0 kB)"),
        (".gitattributes", f"*.q4 {LFS}", "later.q4 is binary (1 B)"),
        (".gitattributes", f"/words.json {LFS}", "words.json is over 10 MiB (10.5 MB)"),
    ]
    assert (report.restaged, report.files, report.start) == (("w.bin", "words.json"), (".gitattributes",), None)
    assert report.clean
    written = (repo / ".gitattributes").read_bytes()
    assert written.startswith(b"# mine\n*.txt text\n*.bin filter=lfs")
    assert {filter_of(repo, path) for path in ("w.bin", "words.json", "later.q4")} == {"lfs"}
    git(repo, "commit", "-q", "-m", "all")
    assert git(repo, "ls-tree", "-r", "--name-only", "HEAD").split() == [".gitattributes", "w.bin", "words.json"]
    git(repo, "config", "--unset", "filter.lfs.process")
    assert git(repo, "status", "--porcelain") == "?? later.q4"


def test_a_second_run_writes_nothing_at_all(repo: Path) -> None:
    write(repo, "w.bin", b"\0")
    write(repo, "a b.json", LARGE)
    git(repo, "add", ".")
    track(repo)
    before = bytes_of(repo)
    again = track(repo)
    assert (again.lines, again.files, again.restaged, again.start) == ((), (), (), None)
    assert bytes_of(repo) == before


def test_a_dry_run_says_the_same_and_writes_nothing(repo: Path) -> None:
    write(repo, "w.bin", b"\0")
    git(repo, "add", ".")
    before = bytes_of(repo)
    planned = track(repo, dry_run=True)
    assert bytes_of(repo) == before
    done = track(repo)
    assert (planned.lines, planned.files, planned.restaged) == (done.lines, done.files, done.restaged)
    assert (planned.dry_run, done.dry_run) == (True, False)


@pytest.mark.parametrize("start", ["hfpush", "model", "dataset", "none"])
def test_a_repository_without_attributes_starts_with_the_template_asked_for(repo: Path, start: str) -> None:
    write(repo, "odd.q4", b"\0")
    report = track(repo, start=start)  # type: ignore[arg-type]
    first = {"hfpush": template(), "model": hub_attributes("model"), "dataset": hub_attributes("dataset")}.get(
        start, b""
    )
    assert (repo / ".gitattributes").read_bytes() == first + f"*.q4 {LFS}\n".encode()
    assert report.start == (None if start == "none" else start)


def test_a_template_that_nobody_knows_is_refused(repo: Path) -> None:
    with pytest.raises(Misuse) as caught:
        track(repo, start="space")  # type: ignore[arg-type]
    assert caught.value.finding.reference == "template-unknown"


def test_the_whole_repository_is_meant_wherever_in_it_one_stands(repo: Path) -> None:
    write(repo, "a.q4", b"\0")
    write(repo, "d/e/b.q5", b"\0")
    assert len(track(repo / "d/e").lines) == 2
    assert not (repo / "d/e/.gitattributes").exists()


def test_a_bare_repository_and_a_folder_in_none_are_refused(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "--bare", "bare")
    (tmp_path / "plain").mkdir()
    for name, reference in (("bare", "repo-bare"), ("plain", "not-a-repo")):
        with pytest.raises(Misuse) as caught:
            track(tmp_path / name)
        assert caught.value.finding.reference == reference


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"*.a text\r\n", b"*.a text\r\n{line}\r\n"),
        (b"*.a text\r\n*.b text", b"*.a text\r\n*.b text\r\n{line}\r\n"),
        (b"*.a text", b"*.a text\n{line}\n"),
        (b"\xef\xbb\xbf*.a text\n", b"\xef\xbb\xbf*.a text\n{line}\n"),
        (b"", b"{line}\n"),
        (b"{syntax} [error\n\n\n", b"{syntax} [error\n\n\n{line}\n"),
    ],
    ids=["crlf", "crlf-cut", "cut", "bom", "empty", "errors"],
)
def test_the_users_own_lines_stay_byte_for_byte(repo: Path, before: bytes, after: bytes) -> None:
    write(repo, ".gitattributes", before)
    write(repo, "w.q4", b"\0")
    track(repo)
    assert (repo / ".gitattributes").read_bytes() == after.replace(b"{line}", f"*.q4 {LFS}".encode())
    assert filter_of(repo, "w.q4") == "lfs"
    assert track(repo).files == ()


def test_an_attribute_file_that_is_a_link_is_told_and_nothing_written(repo: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_bytes(b"# somebody's\n")
    (repo / ".gitattributes").symlink_to(outside)
    write(repo, "w.q4", b"\0")
    with pytest.raises(LocalTrouble) as caught:
        track(repo)
    assert caught.value.finding.reference == "attributes-link"
    assert outside.read_bytes() == b"# somebody's\n"


def test_twenty_thousand_lines_are_kept_and_one_is_added(repo: Path) -> None:
    mine = b"".join(b"/data/file-%06d.json filter=lfs diff=lfs merge=lfs -text\n" % number for number in range(20_000))
    write(repo, ".gitattributes", mine)
    write(repo, "data/file-000123.json", LARGE)
    write(repo, "w.q4", b"\0")
    track(repo)
    assert (repo / ".gitattributes").read_bytes() == mine + f"*.q4 {LFS}\n".encode()


def test_a_folder_that_may_not_be_written_is_told(repo: Path) -> None:
    write(repo, "d/w.json", LARGE)
    write(repo, "d/.gitattributes", b"* -filter\n")
    with immutable(repo / "d"), pytest.raises(HfpushError) as caught:
        track(repo)
    assert caught.value.finding.reference == "place-unwritable"
    assert (repo / "d/.gitattributes").read_bytes() == b"* -filter\n"


class immutable:
    """A folder in which nobody may make a file: by its rights, and for root by an attribute of the file system."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __enter__(self) -> None:
        self._folder.chmod(0o555)
        if os.geteuid() == 0:
            chattr = shutil.which("chattr")
            if chattr is None or subprocess.run([chattr, "+i", self._folder], capture_output=True).returncode:
                pytest.skip("root may write anywhere here")

    def __exit__(self, *_: object) -> None:
        if os.geteuid() == 0:
            subprocess.run(["chattr", "-i", self._folder], check=True)
        self._folder.chmod(0o755)


def test_a_killed_run_is_finished_by_the_next(repo: Path) -> None:
    write(repo, "w.q4", b"\0")
    git(repo, "add", ".")
    write(repo, ".gitattributes", f"*.q4 {LFS}\n".encode())  # as if killed before it came to the index
    write(repo, ".gitattributes.hfpush-new", b"half of")
    report = track(repo)
    assert report.restaged == ("w.q4",)
    assert git(repo, "diff", "--cached", "--name-only").split() == [".gitattributes", "w.q4"]


def test_linked_work_trees_and_a_first_commit_to_come_are_no_obstacle(repo: Path, tmp_path: Path) -> None:
    write(repo, "t", b"t")
    git(repo, "add", ".")
    git(repo, "commit", "-q", "-m", "one")
    linked = tmp_path / "linked"
    git(repo, "worktree", "add", "-q", "-b", "other", str(linked))
    write(linked, "w.q4", b"\0")
    git(linked, "add", ".")
    assert track(linked).restaged == ("w.q4",)
    git(linked, "commit", "-q", "-m", "two")
    assert git(linked, "status", "--porcelain") == ""
    assert list((repo / ".git/lfs/objects").rglob("*"))  # the store is shared
    assert not (repo / ".gitattributes").exists()


def test_settings_of_the_user_change_nothing(repo: Path, home: Path) -> None:
    for name, value in (
        ("core.quotePath", "true"),
        ("color.ui", "always"),
        ("core.autocrlf", "true"),
        ("core.attributesFile", str(home / "attributes")),
        ("core.ignoreCase", "true"),
    ):
        git(repo, "config", "--global", name, value)
    (home / "attributes").write_text("*.q4 filter=lfs\n")
    write(repo, "é.q4", b"\0")
    write(repo, "A.BIN", b"\0")
    write(repo, ".gitattributes", b"*.bin filter=lfs\n")
    assert [line.text.split()[0] for line in track(repo).lines] == ["*.BIN", "*.q4"]


@pytest.mark.needs("git-lfs")
def test_with_git_lfs_the_next_add_makes_the_same_pointers(repo: Path) -> None:
    git(repo, "lfs", "install", "--local", "--force")
    write(repo, "d [1]/a b.json", LARGE)
    write(repo, "w.q4", b"\0" * 5000)
    track(repo)
    git(repo, "add", ".")
    git(repo, "commit", "-q", "-m", "all")
    git(repo, "lfs", "fsck")
    assert len(git(repo, "lfs", "ls-files").splitlines()) == 2
    assert track(repo).restaged == ()


POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"1" * 64 + b"\nsize 12345\n"


@pytest.mark.parametrize("staged", [None, b"# an older one\n"])
def test_lines_that_staged_pointers_need_are_staged_with_them(repo: Path, staged: bytes | None) -> None:
    if staged is not None:
        write(repo, ".gitattributes", staged)
        git(repo, "add", ".gitattributes")
    write(repo, "w.bin", POINTER)
    git(repo, "add", "w.bin")
    text = b"# mine\n*.bin " + LFS.encode() + b"\n"
    write(repo, ".gitattributes", text)
    before = (repo / ".git" / "index").read_bytes()
    told = track(repo, dry_run=True)
    assert (told.staged, told.files, told.restaged) == ((".gitattributes",), (), ())
    assert (repo / ".git" / "index").read_bytes() == before
    assert track(repo).staged == (".gitattributes",)
    assert git(repo, "show", ":.gitattributes").encode() == text.strip()
    assert git(repo, "show", ":w.bin").encode() == POINTER.strip()
    assert git(repo, "diff", "--name-only") == ""
    assert track(repo).staged == ()


def test_lines_that_no_staged_pointer_needs_are_left_unstaged(repo: Path) -> None:
    write(repo, ".gitattributes", b"*.bin " + LFS.encode() + b"\n")
    git(repo, "add", ".")
    write(repo, "w.bin", POINTER)
    git(repo, "add", "w.bin")
    write(repo, ".gitattributes", b"*.bin " + LFS.encode() + b"\n*.gguf " + LFS.encode() + b"\n")
    assert track(repo).staged == ()
    assert git(repo, "diff", "--name-only").strip() == ".gitattributes"
