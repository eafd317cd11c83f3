from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from hfpush.repo.audit.at_commit import AttrOracle, alternates_line
from hfpush.repo.repository import Repository

NewRepo = Callable[..., "Place"]  # noqa: F821
LFS = b"filter=lfs diff=lfs merge=lfs -text\n"


def ask(path: Path, *pairs: tuple[str, str]) -> list[bool]:
    with AttrOracle(Repository.around(path)) as oracle:
        return oracle.answer(pairs)


@pytest.mark.parametrize("object_format", ["sha1", "sha256"])
def test_each_commit_is_asked_by_its_own_files(new_repo: NewRepo, object_format: str) -> None:
    place = new_repo("r", f"--object-format={object_format}")
    place.write("a.bin", b"1")
    before = place.commit()
    place.write(".gitattributes", b"*.bin " + LFS)
    during = place.commit()
    place.write("d/.gitattributes", b"*.bin -filter\n*.txt " + LFS)
    nested = place.commit()
    place.git("rm", "-q", "-r", ".")
    after = place.commit()
    asked = {
        (before, "a.bin"): False,
        (during, "a.bin"): True,
        (during, "d/a.bin"): True,
        (during, "a.txt"): False,
        (nested, "a.bin"): True,
        (nested, "d/e/a.bin"): False,
        (nested, "d/a.txt"): True,
        (nested, "a.txt"): False,
        (after, "a.bin"): False,
    }
    assert dict(zip(asked, ask(place.path, *asked), strict=True)) == asked
    assert ask(place.path, (place.git("rev-parse", f"{nested}^{{tree}}"), "a.bin")) == [True]


@pytest.mark.parametrize(
    ("text", "path", "expected"),
    [
        (b"[attr]big filter=lfs\n*.bin big\n", "a.bin", True),
        (b"[attr]off -filter\n*.bin filter=lfs\n*.bin off\n", "a.bin", False),
        (b"*.bin filter=lfs\n*.bin !filter\n", "a.bin", False),
        (b"*.bin filter=other filter=lfs\n", "a.bin", True),
        (b"*.bin filter=lfs # a comment\n", "a.bin", False),
        (b"*.bin filter=lfs\r\n", "a.bin", True),
        (b"\xef\xbb\xbf# a comment\n*.bin filter=lfs\n", "a.bin", True),
        (b"\xef\xbb\xbf[attr]big filter=lfs\n*.bin big\n*.pt filter=lfs\n", "a.pt", True),
        (b"*.bin filter=lfs", "a.bin", True),
        (b"*.BIN filter=lfs\n", "a.bin", False),
        (b"d/ filter=lfs\n", "d/a.bin", False),
        (b"d/** filter=lfs\n", "d/e/a.bin", True),
        (b"/a.bin filter=lfs\n", "d/a.bin", False),
        (b"!a.bin filter=lfs\n", "a.bin", False),
        (b"*.bin filter=lfs " + b"x" * 2100 + b"\n", "a.bin", False),
        (b"[unclosed filter=lfs\n\0\xff\n*.bin filter=lfs\n", "a.bin", True),
        (b"/new[[:space:]]line filter=lfs\n", "new\nline", True),
        (b"/\xff.bin filter=lfs\n", "\udcff.bin", True),
        (b"* filter=lfs\n", "-x", True),
        (b"* filter=lfs\n", ":!x", True),
    ],
)
def test_git_decides_what_a_line_means(new_repo: NewRepo, text: bytes, path: str, expected: bool) -> None:
    place = new_repo()
    place.write(".gitattributes", text)
    commit = place.commit()
    assert lfs_by_git(place.path, path) is expected
    assert ask(place.path, (commit, path)) == [expected]


def lfs_by_git(path: Path, name: str) -> bool:
    done = subprocess.run(["git", "check-attr", "-z", "filter", "--", name], cwd=path, capture_output=True, check=True)
    return done.stdout.endswith(b"\0lfs\0")


def test_macros_of_one_commit_are_not_those_of_another(new_repo: NewRepo) -> None:
    place = new_repo()
    place.write(".gitattributes", b"[attr]big filter=lfs\n*.bin big\n")
    with_macro = place.commit()
    place.write(".gitattributes", b"*.bin big\n*.dat filter=lfs\n")
    without = place.commit()
    place.write(".gitattributes", b"*.dat filter=lfs\n")
    place.write("d/.gitattributes", b"[attr]big filter=lfs\n*.bin big\n")
    below = place.commit()
    asked = [(id, name) for id in (with_macro, without, below) for name in ("d/a.bin", "d/a.dat")]
    assert ask(place.path, *asked) == [True, False, False, True, False, True]


def test_neither_the_user_nor_the_repository_itself_has_a_say(new_repo: NewRepo, home: Path) -> None:
    place = new_repo()
    (home / "attributes").write_text("* filter=lfs\n")
    place.git("config", "--global", "core.attributesFile", str(home / "attributes"))
    place.git("config", "core.ignoreCase", "true")
    place.write(".git/info/attributes", b"* filter=lfs\n")
    place.write(".gitattributes", b"*.BIN filter=lfs\n")
    commit = place.commit()
    place.write(".gitattributes", b"* filter=lfs\n")
    assert ask(place.path, (commit, "a.bin"), (commit, "A.BIN")) == [False, True]


def test_an_odd_tree_is_answered_for(new_repo: NewRepo) -> None:
    place = new_repo()
    blob = place.git("hash-object", "-w", "--stdin", stdin=b"* filter=lfs\n")
    inner = place.git("mktree", stdin=f"100644 blob {blob}\t.gitattributes\n".encode())
    names = (".git", "..", ".gitattributes", "back\\slash", "con")
    listing = "".join(f"040000 tree {inner}\t{name}\n" for name in names).encode()
    tree = place.git("mktree", "--missing", stdin=listing)
    paths = [f"{name}/x" for name in names]
    assert ask(place.path, *((tree, path) for path in paths)) == [False, False, True, True, True]
    assert ask(place.path, (inner, "x"), (inner, ""), (inner, "a//b")) == [True, False, False]


def test_many_states_are_asked_about_at_once(new_repo: NewRepo) -> None:
    place = new_repo()
    commits = []
    for number in range(40):
        place.write(f"d{number}/.gitattributes", b"*.bin filter=lfs\n")
        commits.append(place.commit())
    asked = [(id, f"d{number}/a.bin") for id in commits for number in range(40)]
    answers = ask(place.path, *asked)
    assert answers == [number <= at for at in range(40) for number in range(40)]


def test_a_file_that_is_not_here_says_nothing_and_is_not_fetched(new_repo: NewRepo, tmp_path: Path) -> None:
    place = new_repo()
    place.git("config", "uploadpack.allowFilter", "true")
    place.write(".gitattributes", b"*.bin filter=lfs\n")
    commit = place.commit()
    clone = tmp_path / "partial"
    place.git("clone", "-q", "--bare", "--filter=blob:none", place.path.as_uri(), str(clone))
    before = sorted((clone / "objects").rglob("*"))
    assert ask(clone, (commit, "a.bin")) == [False]
    assert sorted((clone / "objects").rglob("*")) == before


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"*.bin filter=lfs\n", False),  # a clone loses the line
        (b"*.bin filter=lfs\n*.bin filter=lfs\n", True),
        (b"*.bin filter=lfs\n*.bin -filter\n", False),
        (b"*.txt text\n*.bin filter=lfs\n", True),
    ],
)
def test_after_a_byte_order_mark_a_work_tree_and_a_clone_must_agree(
    new_repo: NewRepo, text: bytes, expected: bool
) -> None:
    place = new_repo()
    place.write(".gitattributes", b"\xef\xbb\xbf" + text)
    commit = place.commit()
    with AttrOracle(Repository.around(place.path)) as oracle:
        assert oracle.answer([(commit, "a.bin")]) == [expected]


@pytest.mark.parametrize("name", ['quo"te', "back\\slash", "new\nline", "# hash", "caf\udce9", "a:b"])
def test_the_folder_of_the_repository_may_have_any_name(new_repo: NewRepo, name: str) -> None:
    place = new_repo(name)
    place.write(".gitattributes", b"*.bin filter=lfs\n")
    assert ask(place.path, (place.commit(), "a.bin")) == [True]


def test_an_alternate_is_quoted() -> None:
    assert alternates_line(Path(os.fsdecode(b'/a "b"\\\n\xff'))) == b'"/a \\"b\\"\\\\\\n\xff"\n'
