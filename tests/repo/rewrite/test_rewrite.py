"""Whole rewrites of real repositories. What is compared by `mend` itself: every commit, old with new."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from support.object_reader import read

from hfpush.repo.repository import Repository
from hfpush.repo.rewrite.plan import plan_rewrite
from hfpush.repo.rewrite.rewrite import rewrite
from hfpush.repo.rewrite.values import Offence
from hfpush.repo.scope import Scope

NewRepo = Callable[..., "Place"]  # noqa: F821
Mend = Callable[..., "Mended"]  # noqa: F821
BIG = b"big\0" * 500
OTHER = b"other\0" * 500
SMALL = b'{"small": 1}\n'
ODD = ["new\nline.bin", "back\\slash.bin", "sp ace.bin", "tab\t.bin", "[x].bin", "st*r.bin", "wh?t", '"q"', "!b", "#h"]
ODD += [" lead", "trail ", "-dash", ":colon", "cr\r.bin", "é.bin", "e\u0301.bin", "{a,b}", "\udcff\udcfe.bin", "a;b|c"]


def pointer(content: bytes) -> bytes:
    oid = hashlib.sha256(content).hexdigest()
    return f"version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize {len(content)}\n".encode()


@pytest.mark.parametrize("object_format", ["sha1", "sha256"])
def test_a_large_file_is_a_pointer_from_its_commit_on_and_what_was_before_keeps_its_ids(
    new_repo: NewRepo, mend: Mend, object_format: str
) -> None:
    place = new_repo("r", f"--object-format={object_format}")
    place.write("README.md", b"x")
    first = place.commit()
    place.write("d/model.bin", BIG)
    place.write("d/run", BIG)
    (place.path / "d/run").chmod(0o755)
    os.symlink("model.bin", place.path / "d/link")
    second = place.commit()
    place.git("rm", "-q", "d/model.bin")
    third = place.commit()
    objects_before, files_before = read(place.path / ".git").files(second), place.git("status", "--porcelain")
    done = mend(place.path)
    assert done.new(first) == first
    assert done.file(second, "d/model.bin") == done.file(second, "d/run") == pointer(BIG)
    changed = done.objects.files(done.new(second))
    assert {path: entry[0] for path, entry in changed.items()} == {
        **{path: entry[0] for path, entry in objects_before.items()},
        ".gitattributes": "100644",
    }
    assert "d/model.bin" not in done.objects.files(done.new(third))
    assert done.done.refs["refs/heads/main"].new == done.new(third)
    assert place.git("rev-parse", "main") == third
    assert place.git("status", "--porcelain") == files_before
    assert [path.name for path in (place.path / ".git/lfs").rglob("*") if path.is_file()] == [
        hashlib.sha256(BIG).hexdigest()  # two equal files are one object, and nothing is left in tmp
    ]


@pytest.mark.parametrize("lines", [b"", b"*.bin -filter\n", b"*.bin !filter\r\n"])
def test_every_odd_name_is_covered_also_below_a_file_that_overrules_the_top(
    new_repo: NewRepo, mend: Mend, lines: bytes
) -> None:
    place = new_repo()
    for name in ODD:
        place.write(name.encode("utf-8", "surrogateescape"), BIG)
        place.write(f"a b/{name}".encode("utf-8", "surrogateescape"), OTHER)
    if lines:
        place.write("a b/.gitattributes", lines)
    commit = place.commit()
    done = mend(place.path)
    place.git("read-tree", done.new(commit))
    names = "".join(f"{folder}{name}\0" for name in ODD for folder in ("", "a b/"))
    asked = ("check-attr", "--cached", "--stdin", "-z", "filter")
    answer = place.git(*asked, stdin=names.encode("utf-8", "surrogateescape")).split("\0")
    assert set(answer[2::3]) == {"lfs"}
    assert len(done.done.pointers) == 2


@pytest.mark.needs("git-lfs")
def test_git_lfs_agrees_with_every_pointer(new_repo: NewRepo, mend: Mend) -> None:
    place = new_repo()
    for name in ODD:
        place.write(name.encode("utf-8", "surrogateescape"), BIG)
    place.write("d/.gitattributes", b"*.bin -filter\n")
    place.write("d/x.bin", OTHER)
    commit = place.commit()
    done = mend(place.path)
    place.git("lfs", "install", "--local")
    place.git("update-ref", "refs/heads/main", done.new(commit))
    place.git("reset", "-q", "--hard")
    place.git("lfs", "fsck")
    assert (place.path / "d/x.bin").read_bytes() == OTHER


def test_a_file_that_shrinks_is_a_pointer_still_and_what_was_small_before_keeps_its_id(
    new_repo: NewRepo, mend: Mend
) -> None:
    place = new_repo()
    place.write("grow.json", SMALL)
    before = place.commit()
    place.write("grow.json", BIG)
    large = place.commit()
    place.write("grow.json", SMALL * 2)
    small = place.commit()
    place.write("grow.json", b"")
    empty = place.commit()
    place.write("grow.json", pointer(OTHER))
    already = place.commit()
    done = mend(place.path)
    assert done.new(before) == before
    assert done.file(large, "grow.json") == pointer(BIG)
    assert done.file(small, "grow.json") == pointer(SMALL * 2)
    assert done.file(empty, "grow.json") == b""
    assert done.file(already, "grow.json") == pointer(OTHER)


def test_files_that_git_reads_stay_and_are_told(new_repo: NewRepo, mend: Mend) -> None:
    place = new_repo()
    for name in (".gitignore", "d/.gitattributes", ".mailmap"):
        place.write(name, b"# no\n" * 1000)
    commit = place.commit()
    place.write("x.bin", BIG)
    second = place.commit()
    done = mend(place.path)
    assert done.new(commit) == commit
    assert done.file(second, ".gitignore") == b"# no\n" * 1000
    assert {one.offence.path for one in done.plan.unmended} == {".gitignore", "d/.gitattributes", ".mailmap"}


def test_a_path_that_is_a_file_here_and_a_folder_there(new_repo: NewRepo, mend: Mend) -> None:
    place = new_repo()
    place.write("d", BIG)
    file = place.commit()
    place.git("rm", "-q", "d")
    place.write("d/e", OTHER)
    place.write("d/small", SMALL)
    folder = place.commit()
    done = mend(place.path)
    assert done.file(file, "d") == pointer(BIG)
    assert done.file(folder, "d/e") == pointer(OTHER)
    assert done.file(folder, "d/small") == SMALL


def test_merges_join_the_paths_of_their_parents(new_repo: NewRepo, mend: Mend) -> None:
    place = new_repo()
    place.write("x", SMALL)
    place.write("y", SMALL)
    place.commit()
    place.git("branch", "side")
    place.write("x", BIG)
    place.commit()
    place.git("switch", "-q", "side")
    place.write("y", OTHER)
    place.commit()
    place.git("switch", "-q", "main")
    place.git("merge", "-q", "--no-commit", "side")
    place.write("evil", BIG)
    merge = place.commit()
    done = mend(place.path)
    assert done.file(merge, "x") == done.file(merge, "evil") == pointer(BIG)
    assert done.file(merge, "y") == pointer(OTHER)
    lines = done.file(merge, ".gitattributes").splitlines()[1:-1]
    assert [line.split()[0] for line in lines] == [b"/evil", b"/x", b"/y"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"*.md text", b"*.md text\n"),
        (b"*.md text\r\n", b"*.md text\r\n"),
        (b"\xef\xbb\xbf*.md text\n", b"\xef\xbb\xbf*.md text\n"),
        (b"[attr]no -filter\n*.bin no\n", b"[attr]no -filter\n*.bin no\n"),
        (b"*.bin filter=other\n", b"*.bin filter=other\n"),
    ],
)
def test_the_users_own_attribute_lines_are_kept_byte_for_byte(
    new_repo: NewRepo, mend: Mend, before: bytes, after: bytes
) -> None:
    place = new_repo()
    place.write(".gitattributes", before)
    place.write("d/x.bin", BIG)
    place.write("d/.gitattributes", b"y.bin no\n")
    commit = place.commit()
    done = mend(place.path)
    text = done.file(commit, ".gitattributes")
    end = b"\r\n" if b"\r" in before else b"\n"
    assert text.startswith(after + b"# >>> hfpush managed")
    assert text.endswith(b"# <<< hfpush managed" + end)
    assert b"/d/x.bin filter=lfs diff=lfs merge=lfs -text" + end in text


def test_a_path_that_the_attributes_send_to_lfs_already_gets_no_line(new_repo: NewRepo, mend: Mend) -> None:
    place = new_repo()
    place.write("x.bin", BIG)
    place.commit()
    place.write(".gitattributes", b"*.bin filter=lfs diff=lfs merge=lfs -text\n")
    tip = place.commit()
    done = mend(place.path)
    assert done.file(tip, ".gitattributes") == b"*.bin filter=lfs diff=lfs merge=lfs -text\n"
    assert done.file(tip, "x.bin") == pointer(BIG)


def test_a_link_of_the_attributes_name_gives_way_to_a_file(new_repo: NewRepo, mend: Mend) -> None:
    place = new_repo()
    place.write("x.bin", BIG)
    os.symlink("rules", place.path / ".gitattributes")
    commit = place.commit()
    done = mend(place.path)
    assert done.objects.files(done.new(commit))[".gitattributes"][0] == "100644"


def test_a_block_that_is_there_grows(new_repo: NewRepo, mend: Mend) -> None:
    place = new_repo()
    place.write("b.bin", BIG)
    first = mend(place.path) if place.commit() else None
    assert first is not None
    place.git("update-ref", "refs/heads/main", first.done.refs["refs/heads/main"].new)
    place.git("reset", "-q", "--hard")
    assert not mend(place.path).plan.commits
    place.write("a.bin", OTHER)
    commit = place.commit()
    done = mend(place.path)
    rows = done.file(commit, ".gitattributes").splitlines()
    assert [row.split()[0] for row in rows] == [b"#", b"/a.bin", b"/b.bin", b"#"]
    assert done.plan.commits == 1


def test_odd_commits_keep_their_bytes_and_signatures_go_and_are_counted(new_repo: NewRepo, mend: Mend) -> None:
    place = new_repo()
    who = "A <a@b> 1500000000 +0730"
    empty = place.git("mktree")
    signature = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n abc\n -----END PGP SIGNATURE-----\n"

    def commit(tree: str, parents: list[str], rest: bytes, extra: str = "") -> str:
        head = f"tree {tree}\n" + "".join(f"parent {one}\n" for one in parents)
        text = (head + f"author {who}\ncommitter {who}\n{extra}").encode() + rest
        return place.git("hash-object", "-t", "commit", "-w", "--stdin", "--literally", stdin=text)

    early = commit(empty, [], b"\nsigned before\n", signature)
    tree = place.git(
        "mktree", stdin=f"100644 blob {place.git('hash-object', '-w', '--stdin', stdin=BIG)}\tx\n".encode()
    )
    rests = [b"\n", b"", b"\nlatin \xe9\n", b"\nnul \0 in it\n"]
    made, tip = [], early
    for rest in rests:
        tip = commit(tree, [tip], rest, "encoding ISO-8859-1\n" + signature)
        made.append((tip, rest))
    place.git("update-ref", "refs/heads/main", tip)
    done = mend(place.path)
    assert done.new(early) == early
    assert done.plan.signed_commits == len(rests)
    for old, rest in made:
        text = done.raw(done.new(old))
        assert text.endswith(f"author {who}\ncommitter {who}\nencoding ISO-8859-1\n".encode() + rest)


def test_tags_follow_and_those_of_what_stays_keep_id_and_signature(new_repo: NewRepo, mend: Mend) -> None:
    place = new_repo()
    before = place.commit()
    place.write("x", BIG)
    commit = place.commit()
    signature = "-----BEGIN PGP SIGNATURE-----\nabc\n-----END PGP SIGNATURE-----\n"

    def tag(name: str, object: str, kind: str, end: str = "") -> str:
        text = f"object {object}\ntype {kind}\ntag {name}\ntagger A <a@b> 1 +0000\n\nsays\n{end}".encode()
        id = place.git("hash-object", "-t", "tag", "-w", "--stdin", stdin=text)
        place.git("update-ref", f"refs/tags/{name}", id)
        return id

    kept = tag("kept", before, "commit", signature)
    inner = tag("inner", commit, "commit", signature)
    tag("outer", inner, "tag")
    place.git("tag", "tree", f"{commit}^{{tree}}")
    place.git("tag", "blob", f"{commit}:x")
    place.git("tag", "light")
    done = mend(place.path)
    refs = done.done.refs
    assert set(refs) == {"refs/heads/main", "refs/tags/inner", "refs/tags/outer", "refs/tags/light"}
    assert done.plan.signed_tags == 1
    assert place.git("rev-parse", "refs/tags/kept") == kept
    assert refs["refs/tags/light"].new == done.new(commit)
    assert done.raw(refs["refs/tags/inner"].new, "tag").endswith(b"\n\nsays\n")
    assert f"object {refs['refs/tags/inner'].new}\n".encode() in done.raw(refs["refs/tags/outer"].new, "tag")


def test_only_what_the_other_side_lacks_is_rewritten(new_repo: NewRepo, mend: Mend) -> None:
    place = new_repo()
    place.write("old.bin", BIG)
    known = place.commit()
    place.write("old.bin", OTHER)
    place.write("new.bin", BIG)
    tip = place.commit()
    done = mend(place.path, [known])
    assert list(done.done.commits) == [tip]
    assert done.file(known, "old.bin") == BIG
    assert done.file(tip, "old.bin") == pointer(OTHER)


def test_new_ids_depend_on_the_ancestry_alone(new_repo: NewRepo, mend: Mend) -> None:
    place = new_repo()
    for number in range(5):
        place.write(f"w/{number}.bin", BIG + bytes([number]))
        place.commit()
    early = mend(place.path).done.commits
    again = mend(place.path).done.commits
    place.git("branch", "side")
    for number in range(5, 8):
        place.write(f"w/{number}.bin", BIG + bytes([number]))
        place.commit()
    later = mend(place.path).done.commits
    assert again == early
    assert {old: later[old] for old in early} == early
    assert len(later) == 8


def test_an_object_in_the_store_is_used_and_a_damaged_one_is_made_anew(new_repo: NewRepo, mend: Mend) -> None:
    place = new_repo()
    place.write("x", BIG)
    place.write("y", OTHER)
    place.commit()
    good, bad = (hashlib.sha256(content).hexdigest() for content in (BIG, OTHER))
    paths = [place.path / ".git/lfs/objects" / oid[:2] / oid[2:4] / oid for oid in (good, bad)]
    for path in paths:
        path.parent.mkdir(parents=True)
    paths[0].write_bytes(BIG)
    paths[1].write_bytes(b"x" * len(OTHER))
    was = paths[0].stat().st_ino
    mend(place.path)
    assert paths[0].stat().st_ino == was
    assert paths[1].read_bytes() == OTHER


def test_a_pointer_whose_object_is_missing_stops_nothing(new_repo: NewRepo, mend: Mend) -> None:
    place = new_repo()
    place.write("lost.bin", pointer(b"nobody has it"))
    place.write("x.bin", BIG)
    commit = place.commit()
    assert mend(place.path).file(commit, "lost.bin") == pointer(b"nobody has it")


def test_it_works_without_git_lfs(
    new_repo: NewRepo, mend: Mend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    git = shutil.which("git")
    assert git is not None
    (programs / "git").symlink_to(git)
    monkeypatch.setenv("PATH", str(programs))
    place = new_repo()
    place.write("x.bin", BIG)
    commit = place.commit()
    assert mend(place.path).file(commit, "x.bin") == pointer(BIG)


def test_many_of_one_extension_become_one_line(new_repo: NewRepo, mend: Mend) -> None:
    place = new_repo()
    for number in range(300):
        place.write(f"d{number % 7}/{number}.zip", BIG + number.to_bytes(2, "big"))
    place.write("d0/small.zip", SMALL)
    place.write("d0/.gitattributes", b"*.zip -filter\n")
    commit = place.commit()
    done = mend(place.path)
    rows = done.file(commit, ".gitattributes").splitlines()
    assert [row.split()[0] for row in rows[1:-1]] == [b"*.zip"]
    assert done.file(commit, "d0/small.zip") == pointer(SMALL)
    assert done.file(commit, "d0/.gitattributes").splitlines()[2].startswith(b"*.zip filter=lfs")


def test_nothing_to_mend_makes_nothing(new_repo: NewRepo, mend: Mend) -> None:
    place = new_repo()
    place.write("x", SMALL)
    place.commit()
    done = mend(place.path)
    assert (done.plan.commits, dict(done.done.commits), dict(done.done.refs)) == (0, {}, {})
    assert not (place.path / ".git/lfs").exists()


def test_progress_ends_at_the_whole(new_repo: NewRepo) -> None:
    place = new_repo()
    place.write("x", BIG)
    tip = place.commit()
    repository = Repository.around(place.path)
    offence = Offence(tip, "x", place.git("rev-parse", "HEAD:x"), len(BIG))
    plan = plan_rewrite(repository, Scope({"refs/heads/main": tip}), [offence])
    told: list[tuple[str, int, int]] = []
    rewrite(repository, plan, store=place.path / "store", progress=lambda *what: told.append(what))
    assert told == [("store", len(BIG), len(BIG)), ("commits", 1, 1)]


_ROOM = 150 * 2**20
_BOUNDED = """
import resource, sys
from pathlib import Path
from hfpush.repo.repository import Repository
from hfpush.repo.rewrite.plan import plan_rewrite
from hfpush.repo.rewrite.rewrite import rewrite
from hfpush.repo.rewrite.values import Offence
from hfpush.repo.rewrite.verify import verify
from hfpush.repo.scope import Scope

root, commit, blob, size = Path(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4])
repository = Repository.around(root)
plan = plan_rewrite(repository, Scope({"refs/heads/main": commit}), [Offence(commit, "huge.bin", blob, size)])
verify(repository, rewrite(repository, plan, store=root / ".git/lfs/objects"))
git = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
lines = Path("/proc/self/status").read_text().splitlines()
own = next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))  # ru_maxrss counts who started us, too
print(max(git, own) * 1024)
"""


@pytest.mark.slow
def test_a_huge_file_goes_through_in_blocks(new_repo: NewRepo) -> None:
    place = new_repo()
    size = 1 << 30
    with (place.path / "huge.bin").open("wb") as file:
        file.truncate(size)
    place.git("-c", "core.bigFileThreshold=1m", "-c", "core.compression=1", "add", "huge.bin")
    (place.path / "huge.bin").unlink()
    place.git("commit", "-qm", "huge")
    commit, blob = place.git("rev-parse", "HEAD"), place.git("rev-parse", "HEAD:huge.bin")
    command = [sys.executable, "-c", _BOUNDED, str(place.path), commit, blob, str(size)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < _ROOM
