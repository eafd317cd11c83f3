"""What a scan must get right on the odd repositories that people have, one claim each, with real git."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from hfpush.errors import Damaged
from hfpush.lfs.pointer import Pointer
from hfpush.repo.audit.found import FoundBlob, Scan
from hfpush.repo.audit.scan import scan
from hfpush.repo.audit.scoping import everything, of_range, to_push
from hfpush.repo.repository import Repository
from hfpush.repo.rules import MAX_GIT_FILE

NewRepo = Callable[..., "Place"]  # noqa: F821
LIMIT = 1000
LARGE = b"large\n" * 200
LFS = b" filter=lfs diff=lfs merge=lfs -text\n"


def scanned(path: Path, *, above: int = LIMIT, push: bool = False) -> Scan:
    """The full scan; that the question for sizes alone has the same answer, both ways, is checked on the way."""
    repository = Repository.around(path)
    scope = to_push(repository, None) if push else everything(repository)
    full = scan(repository, scope, above=above)
    for many in (0, 10**6):
        sizes = scan(repository, scope, above=above, sizes_only=True, many=many)
        assert places(sizes.blobs) == places(large(full))
        assert {blob.id: blob.refs for blob in sizes.blobs} == {blob.id: blob.refs for blob in large(full)}
        assert sizes.absent == full.absent
    return full


def large(found: Scan) -> tuple[FoundBlob, ...]:
    return tuple(blob for blob in found.blobs if blob.size > LIMIT)


def places(blobs: tuple[FoundBlob, ...]) -> set[tuple[str, str, str | None]]:
    return {(one.path, one.commit, one.removed) for blob in blobs for one in blob.sightings}


def only(found: Scan) -> FoundBlob:
    (blob,) = found.blobs
    return blob


# ------------------------------------------------------------------ where it is in history


def test_a_file_that_is_deleted_again_is_found_with_both_commits(new_repo: NewRepo) -> None:
    place = new_repo()
    place.commit()
    place.write("f", LARGE)
    first = place.commit()
    place.git("rm", "-q", "f")
    second = place.commit()
    assert places(scanned(place.path).blobs) == {("f", first, second)}


def test_a_file_on_a_side_branch_is_found_with_that_branch(new_repo: NewRepo) -> None:
    place = new_repo()
    place.commit()
    place.git("checkout", "-q", "-b", "side")
    place.write("f", LARGE)
    place.commit()
    assert only(scanned(place.path)).refs == ("refs/heads/side",)


@pytest.mark.parametrize("kind", ["light", "annotated", "nested"])
def test_a_file_that_only_a_tag_reaches_is_found(new_repo: NewRepo, kind: str) -> None:
    place = new_repo()
    base = place.commit()
    place.write("f", LARGE)
    place.commit()
    place.git("tag", "v1", *([] if kind == "light" else ["-a", "-m", "x"]))
    if kind == "nested":
        place.git("tag", "-a", "-m", "x", "v2", "v1")
        place.git("tag", "-d", "v1")
    place.git("reset", "-q", "--hard", base)
    assert only(scanned(place.path)).refs == ("refs/tags/v2" if kind == "nested" else "refs/tags/v1",)


@pytest.mark.parametrize("annotated", [False, True])
@pytest.mark.parametrize(("target", "path"), [("HEAD:d/f", ""), ("HEAD:d", "f"), ("HEAD^{tree}", "d/f")])
def test_a_tag_of_a_blob_or_a_tree_is_looked_into(new_repo: NewRepo, target: str, path: str, annotated: bool) -> None:
    place = new_repo()
    base = place.commit()
    place.write("d/f", LARGE)
    place.commit()
    place.git("tag", *(["-a", "-m", "x"] if annotated else []), "odd", target)
    place.git("reset", "-q", "--hard", base)
    blob = only(scanned(place.path))
    assert (places((blob,)), blob.refs) == ({(path, "", None)}, ("refs/tags/odd",))


def test_a_merge_is_blamed_for_what_it_alone_brings(new_repo: NewRepo) -> None:
    place = new_repo()
    place.commit()
    for side in ("one", "two"):
        place.git("checkout", "-q", "-b", side, "main")
        place.write(side, side.encode() + LARGE)
        place.commit(side)
    place.git("checkout", "-q", "main")
    place.write("other", b"text")
    place.commit()
    place.git("merge", "-q", "--no-ff", "--no-commit", "one", "two")
    place.write("evil", b"evil" + LARGE)
    merge = place.commit("octopus")
    assert len(place.git("rev-list", "--parents", "-n1", merge).split()) == 4
    one, two = place.git("rev-parse", "one"), place.git("rev-parse", "two")
    assert places(scanned(place.path).blobs) == {("one", one, None), ("two", two, None), ("evil", merge, None)}


def test_a_merge_that_drops_a_side_takes_its_files_away(new_repo: NewRepo) -> None:
    place = new_repo()
    place.commit()
    place.git("checkout", "-q", "-b", "side")
    place.write("f", LARGE)
    side = place.commit()
    place.git("checkout", "-q", "main")
    place.commit()
    place.git("merge", "-q", "-s", "ours", "--no-edit", "side")
    assert places(scanned(place.path).blobs) == {("f", side, place.git("rev-parse", "main"))}


def test_one_blob_has_all_its_paths_and_a_new_mode_is_no_new_file(new_repo: NewRepo) -> None:
    place = new_repo()
    place.write("one", LARGE)
    place.write("two", LARGE)
    first = place.commit()
    place.git("mv", "two", "three")
    second = place.commit()
    (place.path / "three").chmod(0o755)
    place.commit()
    assert places(scanned(place.path).blobs) == {
        ("one", first, None),
        ("two", first, second),
        ("three", second, None),
    }
    assert only(scanned(place.path)).size == len(LARGE)


def test_an_executable_file_is_one_and_links_and_submodules_are_no_files(new_repo: NewRepo) -> None:
    place = new_repo()
    place.write("program", LARGE).chmod(0o755)
    (place.path / "link").symlink_to("x" * 2000)
    place.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},module")
    place.git("add", "program", "link")
    place.git("commit", "-q", "-m", "x")
    (sighting,) = only(scanned(place.path)).sightings
    assert (sighting.path, sighting.mode) == ("program", "100755")


def test_what_nothing_reaches_is_not_pushed_and_not_found(new_repo: NewRepo) -> None:
    place = new_repo()
    base = place.commit()
    place.write("f", LARGE)
    place.commit()
    place.git("hash-object", "-w", "--stdin", stdin=LARGE + b"again")
    place.git("reset", "-q", "--hard", base)
    assert scanned(place.path).blobs == ()


# ------------------------------------------------------------------ names


@pytest.mark.parametrize("object_format", ["sha1", "sha256"])
def test_every_name_is_told_as_it_is(new_repo: NewRepo, object_format: str) -> None:
    names = [
        *(b"sp ace", b"tab\t", b"new\nline", b"cr\r", b'quo"te', b"back\\slash", b"[x]", b"st*r", b"wh?t"),
        *(b"-dash", b":colon", b"!bang", b"#hash", b" lead", b"trail ", b"{a,b}", b"latin-\xe9", b'"quoted"'),
        *("é".encode(), "e\u0301".encode(), b"\x01\x7f", b"d:100644 100644", b"-x/-y", b"~", b"$HOME", b"'"),
    ]
    place = new_repo("r", f"--object-format={object_format}")
    place.write(".gitattributes", b"".join(b"* -filter\n" for _ in range(3)))
    for name in names:
        place.write(name, name + LARGE)
    commit = place.commit()
    told = {os.fsencode(one.path): one for blob in scanned(place.path).blobs for one in blob.sightings}
    assert set(told) == set(names)
    assert {one.commit for one in told.values()} == {commit}


# ------------------------------------------------------------------ kinds of repositories


def test_it_is_the_same_repository_from_wherever_one_looks(new_repo: NewRepo, tmp_path: Path) -> None:
    place = new_repo()
    place.write("d/f", LARGE)
    commit = place.commit()
    place.git("clone", "-q", "--bare", str(place.path), str(tmp_path / "bare"))
    place.git("clone", "-q", "--shared", str(place.path), str(tmp_path / "borrowing"))
    place.git("worktree", "add", "-q", "--detach", str(tmp_path / "linked"))
    outer = new_repo("outer")
    outer.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(place.path), "module")
    (tmp_path / "link").mkdir()
    (tmp_path / "link/.git").symlink_to(place.path / ".git")
    (tmp_path / "way").symlink_to(place.path)
    for name in ("bare", "borrowing", "linked", "repo/d", "outer/module", "link", "way"):
        assert places(scanned(tmp_path / name).blobs) == {("d/f", commit, None)}, name


def test_a_detached_head_counts(new_repo: NewRepo) -> None:
    place = new_repo()
    place.commit()
    place.git("checkout", "-q", "--detach")
    place.write("f", LARGE)
    place.commit()
    assert only(scanned(place.path)).refs == ("HEAD",)


@pytest.mark.parametrize("bare", [True, False])
def test_a_repository_without_commits_is_clean(new_repo: NewRepo, bare: bool) -> None:
    place = new_repo("r", *(["--bare"] if bare else []))
    found = scanned(place.path)
    assert (found.commits, found.blobs) == (0, ())


def test_an_unborn_branch_beside_others_is_no_trouble(new_repo: NewRepo) -> None:
    place = new_repo()
    place.write("f", LARGE)
    place.commit()
    place.git("checkout", "-q", "--orphan", "new")
    assert only(scanned(place.path)).refs == ("refs/heads/main",)


def test_a_shallow_clone_says_so_and_tells_what_it_has(new_repo: NewRepo, tmp_path: Path) -> None:
    place = new_repo()
    place.write("old", LARGE)
    place.commit()
    place.git("rm", "-q", "old")
    place.write("new", b"new" + LARGE)
    place.commit()
    tip = place.commit()
    place.git("clone", "-q", "--depth=1", place.path.as_uri(), str(tmp_path / "shallow"))
    found = scanned(tmp_path / "shallow")
    assert found.scope.shallow
    assert places(found.blobs) == {("new", tip, None)}


@pytest.mark.parametrize("filtered", ["blob:none", "blob:limit=2k"])
def test_a_partial_clone_fetches_nothing_and_counts_what_it_lacks(
    new_repo: NewRepo, tmp_path: Path, filtered: str
) -> None:
    place = new_repo()
    place.git("config", "uploadpack.allowFilter", "true")
    place.write(".gitattributes", b"*.bin" + LFS)
    place.write("f.bin", LARGE)
    place.write("gone", LARGE * 2)
    place.commit()
    place.git("rm", "-q", "gone")
    place.commit()
    clone = tmp_path / "partial"
    place.git("clone", "-q", "--bare", f"--filter={filtered}", place.path.as_uri(), str(clone))
    before = sorted(clone.rglob("*"))
    found = scanned(clone)
    assert sorted(clone.rglob("*")) == before
    assert found.absent == (3 if filtered == "blob:none" else 1)
    assert {one.path for blob in found.blobs for one in blob.sightings} == (
        set() if filtered == "blob:none" else {"f.bin"}
    )


def test_replaced_objects_do_not_hide_what_is_pushed(new_repo: NewRepo) -> None:
    place = new_repo()
    place.write("f", LARGE)
    large_commit = place.commit()
    large_blob = place.git("rev-parse", "HEAD:f")
    place.write("f", b"small")
    small = place.git("commit-tree", "-m", "small", place.git("write-tree"))
    small_blob = place.git("hash-object", "-w", "--stdin", stdin=b"small")
    place.git("replace", large_blob, small_blob)
    place.git("replace", large_commit, small)
    assert places(scanned(place.path).blobs) == {("f", large_commit, None)}


# ------------------------------------------------------------------ what the other side has


def test_what_the_remote_has_is_not_told_unless_it_is_brought_in_again(new_repo: NewRepo) -> None:
    place = new_repo()
    place.write("f", LARGE)
    place.commit()
    place.git("rm", "-q", "f")
    base = place.commit()
    place.git("update-ref", "refs/remotes/origin/main", base)
    assert scanned(place.path, push=True).commits == 0
    place.write("again", LARGE)
    commit = place.commit()
    assert places(scanned(place.path, push=True).blobs) == {("again", commit, None)}


def test_a_tracking_ref_that_is_behind_makes_more_to_look_at_and_one_that_is_gone_does_not_hurt(
    new_repo: NewRepo,
) -> None:
    place = new_repo()
    base = place.commit()
    place.write("f", LARGE)
    commit = place.commit()
    place.git("update-ref", "refs/remotes/origin/main", base)
    place.write(".git/refs/remotes/origin/broken", b"ab" * 20 + b"\n")
    found = scanned(place.path, push=True)
    assert (found.commits, places(found.blobs)) == (1, {("f", commit, None)})


def test_a_range_is_scanned_and_nothing_else(new_repo: NewRepo) -> None:
    place = new_repo()
    commits = []
    for number in range(4):
        place.write(f"f{number}", b"%d" % number + LARGE)
        commits.append(place.commit())
    repository = Repository.around(place.path)
    found = scan(repository, of_range(repository, "main~3..main~1"), above=LIMIT)
    assert places(found.blobs) == {("f1", commits[1], None), ("f2", commits[2], None)}
    assert found.blobs[0].refs == ("main~1",)


def test_a_broken_ref_does_not_hide_the_others(new_repo: NewRepo) -> None:
    place = new_repo()
    place.write("f", LARGE)
    place.commit()
    place.write(".git/refs/heads/gone", b"ab" * 20 + b"\n")
    found = scanned(place.path)
    assert (only(found).refs, found.scope.broken) == (("refs/heads/main",), ("refs/heads/gone",))


# ------------------------------------------------------------------ settings


def test_settings_of_the_user_change_nothing_and_no_program_runs(new_repo: NewRepo, tmp_path: Path) -> None:
    place = new_repo()
    trap = tmp_path / "trap"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/sprung\ncat\n")
    trap.chmod(0o755)
    place.write(".gitattributes", b"*.bin diff=trap" + LFS)
    place.write("ü.bin", LARGE)
    commit = place.commit()
    trapped = (
        *("diff.external", "diff.trap.textconv", "diff.trap.command", "filter.lfs.clean", "filter.lfs.smudge"),
        *("filter.lfs.process", "core.fsmonitor", "core.pager", "gpg.program"),
    )
    odd = {"color.ui": "always", "core.quotePath": "true", "diff.renames": "copies", "log.showSignature": "true"}
    odd |= {"log.follow": "true", "log.showRoot": "false", "diff.orderFile": "/dev/null", "diff.relative": "true"}
    odd |= {"diff.ignoreSubmodules": "all", "diff.noprefix": "true", "log.diffMerges": "first-parent"}
    settings = dict.fromkeys(trapped, str(trap)) | odd | {"diff.algorithm": "patience", "core.abbrev": "4"}
    for name, value in settings.items():
        place.git("config", name, value)
    assert places(scanned(place.path).blobs) == {("ü.bin", commit, None)}
    assert not (tmp_path / "sprung").exists()


# ------------------------------------------------------------------ how many


def test_more_offenders_than_a_command_line_holds_are_all_found(new_repo: NewRepo) -> None:
    place = new_repo("r", "--bare")
    count = 10_500
    stream = [b"commit refs/heads/main\ncommitter A <a@example.com> 1500000000 +0000\ndata 1\nx\n"]
    for number in range(count):
        text = b"%d\n" % number
        stream.append(b"M 644 inline d%d/%d\ndata %d\n%s\n" % (number % 50, number, len(text) + 20, text + b"x" * 20))
    place.git("fast-import", "--quiet", stdin=b"".join(stream))
    repository = Repository.around(place.path)
    for many in (0, 10**6):
        found = scan(repository, everything(repository), above=20, sizes_only=True, many=many)
        assert len({one.path for blob in found.blobs for one in blob.sightings}) == count


def test_thousands_of_refs_that_reach_a_file_are_all_told(new_repo: NewRepo) -> None:
    place = new_repo()
    before = place.commit()
    place.write("f", LARGE)
    commit = place.commit()
    names = [f"refs/heads/many/{number:05}" for number in range(13_000)]
    listing = "".join(f"{commit if number % 2 else before} {name}\n" for number, name in enumerate(names))
    place.write(".git/packed-refs", f"# pack-refs with: peeled fully-peeled sorted \n{listing}".encode())
    repository = Repository.around(place.path)
    found = scan(repository, everything(repository), above=LIMIT, sizes_only=True)
    assert set(only(found).refs) == {"refs/heads/main", *names[1::2]}


# ------------------------------------------------------------------ what a file is


@pytest.mark.parametrize(("size", "found"), [(MAX_GIT_FILE, 0), (MAX_GIT_FILE + 1, 1)])
def test_ten_mebibytes_pass_and_a_byte_more_does_not(new_repo: NewRepo, size: int, found: int) -> None:
    place = new_repo()
    place.write("f", b"a" * size)
    place.commit()
    assert len(scanned(place.path, above=MAX_GIT_FILE).blobs) == found


def test_large_text_is_found_for_its_size_and_small_binary_for_its_content(new_repo: NewRepo) -> None:
    place = new_repo()
    place.write("data.json", b'{"a": 1}\n' * 150_000)
    place.write("image", b"\x89PNG\0" + os.urandom(20_000))
    place.write("notes", b"text\n" * 5000)
    place.commit()
    repository = Repository.around(place.path)
    found = {b.sightings[0].path: b for b in scan(repository, everything(repository), above=2**20).blobs}
    assert set(found) == {"data.json", "image"}
    assert (found["data.json"].binary, found["data.json"].head) == (None, b"")
    assert found["image"].binary is True
    assert (len(found["image"].head), found["image"].head[:5]) == (512, b"\x89PNG\0")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (b"a" * 600 + b"\0", True),
        (b"a" * 7999 + b"\0", True),
        (b"a" * 8000 + b"\0" * 100, False),
        (b"caf\xe9", True),
        (b"", False),
        (b"a" + "é".encode() * 5000, False),
    ],
)
def test_binary_is_told_by_the_first_eight_thousand_bytes(new_repo: NewRepo, text: bytes, found: bool) -> None:
    place = new_repo()
    place.write("f", text)
    place.commit()
    blobs = scan_of(place.path).blobs
    assert [blob.binary for blob in blobs] == ([True] if found else [])


def scan_of(path: Path) -> Scan:
    repository = Repository.around(path)
    return scan(repository, everything(repository))


def test_a_file_that_git_keeps_as_a_small_difference_has_its_whole_size(new_repo: NewRepo) -> None:
    place = new_repo()
    text = b"".join(b"line %d\n" % number for number in range(200_000))
    place.write("f", text)
    place.commit()
    place.write("f", text + b"more\n")
    place.commit()
    place.git("-c", "core.bigFileThreshold=1g", "repack", "-q", "-a", "-d", "-f")
    assert [blob.size for blob in scanned(place.path).blobs] == [len(text), len(text) + 5]


def test_attribute_files_can_be_too_large_themselves(new_repo: NewRepo) -> None:
    place = new_repo()
    place.write(".gitattributes", b"* " + LFS + b"# padding\n" * (MAX_GIT_FILE // 10 + 1))
    place.write("f.bin", b"text")
    place.commit()
    found = {blob.sightings[0].path: blob for blob in scan_of(place.path).blobs}
    assert set(found) == {".gitattributes", "f.bin"}
    assert found[".gitattributes"].size > MAX_GIT_FILE


# ------------------------------------------------------------------ pointers and attributes

CONTENT = b"some weights"
OID = hashlib.sha256(CONTENT).hexdigest()
GOOD = Pointer(OID, len(CONTENT)).encode()


def keep(place: Place, content: bytes = CONTENT) -> None:  # noqa: F821
    place.write(f".git/lfs/objects/{OID[:2]}/{OID[2:4]}/{OID}", content)


@pytest.mark.parametrize(
    ("text", "kept", "told"),
    [
        (GOOD, CONTENT, None),
        (GOOD, None, (True, True, False, False)),
        (GOOD, CONTENT[:-1], (True, True, False, False)),
        (GOOD.replace(b"\n", b"\r\n"), CONTENT, (True, False, False, True)),
        (GOOD.replace(b"oid", b"ext-0-x sha256:" + b"0" * 64 + b"\noid"), CONTENT, (True, False, False, True)),
        (GOOD + b" " * (1025 - len(GOOD)), CONTENT, (False, True, True, None)),
        (GOOD[:70], CONTENT, (False, True, True, None)),
        (Pointer(OID, 5 * 10**9 + 1).encode(), None, (True, True, False, False)),
        (Pointer(hashlib.sha256(b"").hexdigest(), 0).encode(), None, None),
    ],
    ids=["good", "missing", "cut", "crlf", "extension", "1025 bytes", "torn", "over 5 GB", "empty"],
)
def test_a_pointer_deserves_a_word_when_something_is_wrong_with_it(
    new_repo: NewRepo, text: bytes, kept: bytes | None, told: tuple[bool, bool, bool, bool | None] | None
) -> None:
    place = new_repo()
    place.write(".gitattributes", b"*.bin" + LFS)
    place.write("f.bin", text)
    if kept is not None:
        keep(place, kept)
    place.commit()
    blobs = [blob for blob in scan_of(place.path).blobs if blob.sightings[0].path == "f.bin"]
    state = [(blob.pointer is not None, blob.canonical, blob.broken_pointer, blob.stored) for blob in blobs]
    assert state == ([] if told is None else [told])
    assert all((blob.head == text[:512]) is blob.broken_pointer for blob in blobs)


def test_a_pointer_outside_lfs_and_a_raw_file_inside_are_told_at_the_commit_where_it_is_so(new_repo: NewRepo) -> None:
    place = new_repo()
    keep(place)
    place.write("raw.bin", b"raw\n")
    place.write("p.bin", GOOD)
    first = place.commit()
    place.write(".gitattributes", b"*.bin" + LFS)
    place.commit()
    place.write("raw.bin", b"raw, changed\n")
    third = place.commit()
    place.git("rm", "-q", ".gitattributes")
    place.write("raw.bin", b"raw again\n")
    place.commit()
    found = {blob.sightings[0].commit: blob for blob in scan_of(place.path).blobs}
    assert {commit: [(one.path, one.lfs) for one in blob.sightings] for commit, blob in found.items()} == {
        first: [("p.bin", False)],
        third: [("raw.bin", True)],
    }
    assert (found[first].stored, found[third].pointer) == (True, None)


def test_files_that_git_reads_itself_and_empty_ones_need_not_be_pointers(new_repo: NewRepo) -> None:
    place = new_repo()
    for name in (".gitattributes", "d/.gitattributes"):
        place.write(name, b"* " + LFS)
    for name in (".gitignore", "d/.gitmodules", ".lfsconfig", ".mailmap"):
        place.write(name, b"# nothing\n")
    place.write("empty", b"")
    place.commit()
    assert scan_of(place.path).blobs == ()


# ------------------------------------------------------------------ damage


@pytest.mark.parametrize("what", ["HEAD:f", "HEAD~1", "HEAD^{tree}"])
def test_an_object_that_is_missing_is_told_as_damage(new_repo: NewRepo, what: str) -> None:
    place = new_repo()
    place.write("f", b"text")
    place.commit()
    place.commit()
    id = place.git("rev-parse", what)
    (place.path / ".git/objects" / id[:2] / id[2:]).unlink()
    with pytest.raises(Damaged) as caught:
        scan_of(place.path)
    assert caught.value.finding.reference == "repo-damaged"
    assert any(id in line for line in caught.value.finding.evidence)


def test_a_garbled_pack_is_told_as_damage(new_repo: NewRepo) -> None:
    place = new_repo()
    place.write("f", os.urandom(5000))
    place.commit()
    place.git("repack", "-q", "-a", "-d")
    (pack,) = (place.path / ".git/objects/pack").glob("*.pack")
    pack.chmod(0o644)
    content = bytearray(pack.read_bytes())
    content[200:4000] = bytes(3800)
    pack.write_bytes(content)
    with pytest.raises(Damaged):
        scan_of(place.path)


def test_objects_of_a_lost_alternate_are_damage(new_repo: NewRepo, tmp_path: Path) -> None:
    place = new_repo()
    place.write("f", b"text")
    place.commit()
    place.git("clone", "-q", "--shared", str(place.path), str(tmp_path / "borrower"))
    repository = Repository.around(tmp_path / "borrower")
    scope = everything(repository)
    shutil.rmtree(place.path / ".git/objects")
    with pytest.raises(Damaged):
        scan(repository, scope)


def test_a_scan_writes_nothing(new_repo: NewRepo) -> None:
    place = new_repo()
    place.write(".gitattributes", b"*.bin" + LFS)
    place.write("f.bin", LARGE)
    place.commit()
    listing = ["find", ".", "-printf", "%p %s %T@ %i\n"]
    before = subprocess.run(listing, cwd=place.path, capture_output=True, check=True).stdout
    scanned(place.path)
    assert subprocess.run(listing, cwd=place.path, capture_output=True, check=True).stdout == before
