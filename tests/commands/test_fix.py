"""A history mended, and brought back: seen from the outside, with git."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from support.mendable import BINARY, OTHER, Repo, Watch, empty, offending
from support.surroundings import look

from hfpush.commands.fix import fix, forget, resume, undo
from hfpush.commands.fix_report import FixRequest
from hfpush.errors import Busy, HfpushError, LocalTrouble, Misuse, Refused, SourceChanged
from hfpush.repo.mend.backup import backups
from hfpush.repo.repository import Repository


def pointer(content: bytes) -> bytes:
    oid = hashlib.sha256(content).hexdigest()
    return f"version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize {len(content)}\n".encode()


def fixed(repo: Repo, **how: object) -> Watch:
    watch = Watch()
    report = fix(FixRequest(repo.path, **how), watch)  # type: ignore[arg-type]
    assert report.action == "fixed", report
    return watch


def reference_of(run: Callable[[], object]) -> str:
    with pytest.raises(HfpushError) as error:
        run()
    return error.value.finding.reference


# ------------------------------------------------------------------ what a fix does


@pytest.mark.parametrize("options", [(), ("--object-format=sha256",)], ids=["sha1", "sha256"])
def test_large_files_are_pointers_in_every_commit_and_the_files_stay(tmp_path: Path, options: tuple[str, ...]) -> None:
    repo = offending(tmp_path / "repo", *options)
    before, first = look(repo.path), repo.git("rev-parse", "main~3")
    fixed(repo)
    assert repo.git("rev-parse", "main~3") == first, "commits before the first offence keep their ids"
    for commit in ("main", "main~1", "main~2", "side", "v1", "v2"):
        assert repo.git("cat-file", "blob", f"{commit}:weights/w.bin").encode() + b"\n" == pointer(BINARY)
    after = look(repo.path)
    assert {name: one for name, one in after.files.items() if name != ".gitattributes"} == before.files
    assert after.status == ""
    assert repo.attributes("weights/w.bin") == repo.attributes("x.dat") == "lfs"
    repo.git("fsck", "--strict")
    store = repo.path / ".git/lfs/objects"
    assert {hashlib.sha256(file.read_bytes()).hexdigest() for file in store.rglob("*") if file.is_file()} == {
        hashlib.sha256(content).hexdigest() for content in (BINARY, OTHER)
    }


def test_a_second_fix_finds_nothing(tmp_path: Path) -> None:
    repo = offending(tmp_path / "repo")
    fixed(repo)
    assert fix(FixRequest(repo.path), Watch()).action == "nothing"


def test_the_old_history_is_kept_and_undo_restores_all_of_it(tmp_path: Path) -> None:
    repo = offending(tmp_path / "repo")
    before = look(repo.path)
    fixed(repo)
    kept = {name: id for name, id in look(repo.path).refs.items() if name.startswith("refs/hfpush/backup/")}
    assert sorted(kept.values()) == sorted(before.refs.values())
    assert undo(repo.path, Watch()).action == "undone"
    assert look(repo.path) == before
    assert backups(Repository.around(repo.path)) == ()
    assert reference_of(lambda: undo(repo.path, Watch())) == "fix-nothing-to-undo"


def test_two_fixes_are_undone_one_after_the_other(tmp_path: Path) -> None:
    repo = offending(tmp_path / "repo")
    before = look(repo.path)
    fixed(repo)
    repo.write("more.bin", OTHER[::-1])
    repo.commit()
    between = look(repo.path)
    fixed(repo)
    undo(repo.path, Watch())
    assert look(repo.path) == between
    repo.git("reset", "-q", "--hard", "HEAD~1")
    undo(repo.path, Watch())
    assert look(repo.path) == before


def test_forget_lets_the_old_history_go_and_nothing_else(tmp_path: Path) -> None:
    repo = offending(tmp_path / "repo")
    old = repo.git("rev-parse", "main:weights/w.bin")
    repo.git("commit", "-q", "--amend", "-m", "amended")
    fixed(repo)
    repo.write("thrown-away.txt", b"mine\n")
    thrown_away = repo.commit()
    repo.git("reset", "-q", "--hard", "HEAD~1")
    report = forget(repo.path, Watch())
    assert report.refs == 4
    assert report.freed > 0
    assert backups(Repository.around(repo.path)) == ()
    assert thrown_away in repo.git("reflog", "--format=%H").splitlines()
    repo.git("reflog", "expire", "--expire-unreachable=now", "--all")
    repo.git("gc", "-q", "--prune=now")
    assert repo.git("cat-file", "-t", old, fails=True) == ""
    assert not list((repo.path / ".git/hfpush").glob("fix-*.json"))


def test_unmerged_and_plain_work_around_a_fix_is_kept(tmp_path: Path) -> None:
    repo = offending(tmp_path / "repo")
    repo.write("notes.txt", b"edited\n")
    repo.write("new.txt", b"new\n")
    os.unlink(repo.path / "README.md")
    fixed(repo)
    assert repo.status.splitlines() == [" D README.md", " M notes.txt", "?? new.txt"]
    undo(repo.path, Watch())
    assert repo.status.splitlines() == [" D README.md", " M notes.txt", "?? new.txt"]


def test_a_deleted_large_file_stays_deleted(tmp_path: Path) -> None:
    repo = offending(tmp_path / "repo")
    os.unlink(repo.path / "x.dat")
    fixed(repo)
    assert repo.status == " D x.dat"


def test_a_file_that_is_modified_for_ever_is_tolerated_and_clean_after(tmp_path: Path) -> None:
    repo = offending(tmp_path / "repo")
    repo.git("config", "filter.lfs.clean", "cat >/dev/null; echo not-this")
    repo.write(".gitattributes", b"*.bin filter=lfs diff=lfs merge=lfs -text\n")
    repo.git("-c", "filter.lfs.clean=cat", "add", ".gitattributes")
    repo.git("commit", "-q", "-m", "attributes")
    os.utime(repo.path / "weights/w.bin", ns=(10**18 + 5 * 10**9, 10**18 + 5 * 10**9))
    before = look(repo.path)
    assert before.status == " M weights/w.bin\0"
    fixed(repo)
    assert repo.status == ""
    undo(repo.path, Watch())
    assert look(repo.path) == before


def test_a_detached_head_follows(tmp_path: Path) -> None:
    repo = offending(tmp_path / "repo")
    repo.git("switch", "-q", "--detach")
    repo.write("detached.bin", OTHER[:100])
    repo.commit()
    before = look(repo.path)
    fixed(repo)
    assert look(repo.path).status == ""
    assert look(repo.path).head != before.head
    assert repo.git("cat-file", "blob", "HEAD:detached.bin").encode() + b"\n" == pointer(OTHER[:100])
    undo(repo.path, Watch())
    assert look(repo.path) == before


def test_a_bare_repository_is_mended(tmp_path: Path) -> None:
    source = offending(tmp_path / "source")
    bare = Repo(tmp_path / "bare.git")
    source.git("clone", "-q", "--mirror", ".", str(bare.path))
    bare.git("remote", "remove", "origin")
    before = look(bare.path)
    fixed(bare)
    assert bare.git("cat-file", "blob", "main:x.dat").encode() + b"\n" == pointer(OTHER)
    undo(bare.path, Watch())
    assert look(bare.path) == before


def test_notes_follow_and_stash_and_other_refs_stay(tmp_path: Path) -> None:
    repo = offending(tmp_path / "repo")
    repo.git("notes", "add", "-m", "a note", "HEAD")
    repo.git("update-ref", "refs/custom/x", "HEAD")
    repo.git("config", "remote.origin.url", "https://example.com/x.git")
    repo.write("notes.txt", b"stashed\n")
    repo.git("stash", "-q")
    before = look(repo.path)
    watch = fixed(repo)
    after = look(repo.path)
    assert repo.git("notes", "show", "HEAD") == "a note"
    assert {name: after.refs[name] for name in ("refs/custom/x", "refs/stash")} == {
        name: before.refs[name] for name in ("refs/custom/x", "refs/stash")
    }
    assert [note.reference for note in watch.plans[0].notes] == ["fix-stash"]
    undo(repo.path, Watch())
    assert look(repo.path) == before


def test_a_symbolic_branch_follows_its_branch(tmp_path: Path) -> None:
    repo = offending(tmp_path / "repo")
    repo.git("symbolic-ref", "refs/heads/alias", "refs/heads/main")
    fixed(repo)
    assert repo.git("symbolic-ref", "refs/heads/alias") == "refs/heads/main"
    assert repo.git("rev-parse", "alias") == repo.git("rev-parse", "main")


def test_a_split_index_is_followed(tmp_path: Path) -> None:
    repo = offending(tmp_path / "repo")
    repo.git("update-index", "--split-index")
    before = look(repo.path)
    fixed(repo)
    assert repo.status == ""
    undo(repo.path, Watch())
    assert look(repo.path) == before


def test_from_a_folder_inside_and_for_a_branch_that_is_not_checked_out(tmp_path: Path) -> None:
    repo = offending(tmp_path / "repo")
    repo.git("switch", "-q", "--orphan", "clean")
    repo.write("a/file.txt", b"text\n")
    repo.commit()
    before = look(repo.path)
    repo.write("a/file.txt", b"edited\n")
    repo.git("add", "a/file.txt")
    fixed(Repo(repo.path / "a"))
    assert repo.status == "M  a/file.txt", "staged changes matter only where the branch moves"
    repo.git("reset", "-q", "--hard")
    undo(repo.path, Watch())
    assert look(repo.path) == before


def test_a_dry_run_writes_nothing_at_all(tmp_path: Path) -> None:
    repo = offending(tmp_path / "repo")
    before = tree_of(repo.path)
    watch = Watch()
    report = fix(FixRequest(repo.path, dry_run=True), watch)
    assert report.action == "planned"
    assert watch.plans[0].rewrite.commits == 3
    assert set(watch.plans[0].rewrite.moves) == {"refs/heads/main", "refs/heads/side", "refs/tags/v1", "refs/tags/v2"}
    assert tree_of(repo.path) == before
    assert report.as_json()["plan"]["lfs_bytes"] == len(BINARY) + len(OTHER)


def tree_of(path: Path) -> dict[str, tuple[int, int, bytes]]:
    return {
        str(file.relative_to(path)): (file.lstat().st_mode, file.lstat().st_mtime_ns, file.read_bytes())
        for file in path.rglob("*")
        if file.is_file()
    }


def test_who_does_not_agree_gets_nothing_changed(tmp_path: Path) -> None:
    repo = offending(tmp_path / "repo")
    before = look(repo.path)
    assert fix(FixRequest(repo.path), Watch(answer=False)).action == "declined"
    assert look(repo.path) == before


def test_a_bundle_holds_the_old_history(tmp_path: Path) -> None:
    repo = offending(tmp_path / "repo")
    before = look(repo.path)
    fixed(repo, bundle=tmp_path / "old.bundle")
    copy = Repo(tmp_path / "copy")
    repo.git("clone", "-q", str(tmp_path / "old.bundle"), str(copy.path))
    assert copy.git("rev-parse", "HEAD") == before.refs["refs/heads/main"]
    other = offending(tmp_path / "other")
    how = FixRequest(other.path, bundle=tmp_path / "old.bundle")
    assert reference_of(lambda: fix(how, Watch())) == "fix-bundle-exists"


def test_text_over_a_size_goes_too_where_it_is_asked_for(tmp_path: Path) -> None:
    repo = empty(tmp_path / "repo")
    repo.write("large.json", b"[1]\n" * 1000)
    repo.commit()
    assert fix(FixRequest(repo.path), Watch()).action == "nothing"
    fixed(repo, above=2000)
    assert repo.attributes("large.json") == "lfs"
    assert repo.status == ""


@pytest.mark.parametrize("commits", [0, 1])
def test_where_nothing_is_to_be_mended_nothing_happens(tmp_path: Path, commits: int) -> None:
    repo = empty(tmp_path / "repo")
    for _ in range(commits):
        repo.write("README.md", b"text\n")
        repo.commit()
    assert fix(FixRequest(repo.path), Watch()).action == "nothing"
    assert resume(repo.path, Watch()).action == "idle"


def test_what_git_reads_itself_is_left_and_said(tmp_path: Path) -> None:
    repo = offending(tmp_path / "repo")
    repo.write(".gitignore", b"\0\1\2\n")
    repo.commit()
    report = fix(FixRequest(repo.path), Watch())
    assert report.action == "fixed"
    assert [one.reference for one in report.findings if one.severity == "error"] == ["fix-left"]
    assert not report.clean


# ------------------------------------------------------------------ with git-lfs, and without any filter


@pytest.mark.needs("git-lfs")
def test_git_lfs_is_content_with_the_result(tmp_path: Path) -> None:
    repo = offending(tmp_path / "repo")
    repo.git("lfs", "install")
    fixed(repo)
    assert repo.status == ""
    os.utime(repo.path / "x.dat")
    assert repo.status == "", "its filter finds the same pointer"
    assert "Git LFS fsck OK" in repo.git("lfs", "fsck")
    repo.git("clone", "-q", ".", str(tmp_path / "copy"))
    assert (tmp_path / "copy/x.dat").read_bytes() == OTHER


def test_without_a_filter_the_status_is_clean_and_it_is_said(tmp_path: Path) -> None:
    repo = offending(tmp_path / "repo")
    report = fix(FixRequest(repo.path), Watch())
    assert [one.reference for one in report.findings] == ["lfs-filter-missing"]
    assert "hfpush lfs install" in report.findings[0].remedy[0]
    assert repo.status == ""


def test_no_filter_or_hook_of_the_repository_runs(tmp_path: Path) -> None:
    repo = offending(tmp_path / "repo")
    mark = tmp_path / "ran"
    for name in ("clean", "smudge", "process"):
        repo.git("config", f"filter.lfs.{name}", f"touch {mark}; false")
    repo.git("config", "filter.lfs.required", "true")
    repo.git("config", "core.fsmonitor", f"touch {mark}; false")
    for hook in ("reference-transaction", "post-index-change", "post-rewrite"):
        file = repo.write(f".git/hooks/{hook}", f"#!/bin/sh\ntouch {mark}\n".encode())
        file.chmod(0o755)
    fixed(repo)
    undo(repo.path, Watch())
    assert not mark.exists()


# ------------------------------------------------------------------ files that git converts

TEXT = "a line\n" * 1000
CONVERSIONS = [
    ("*.txt text eol=crlf", TEXT, TEXT.replace("\n", "\r\n").encode()),
    ("", TEXT, TEXT.replace("\n", "\r\n").encode()),
    ("*.txt working-tree-encoding=UTF-16LE", TEXT, TEXT.encode("utf-16-le")),
    ("*.txt ident", "$Id$\n" + TEXT, b""),
    # as many bytes in either encoding: one of one byte for each of three
    ("*.txt working-tree-encoding=UTF-16LE", "a\u4e00" * 1000, ("a\u4e00" * 1000).encode("utf-16-le")),
]


def converted(place: Path, attributes: str, text: str) -> Repo:
    """A repository whose one large file git has converted this very second."""
    repo = empty(place)
    if attributes:
        repo.write(".gitattributes", f"{attributes}\n".encode())
    else:
        repo.git("config", "core.autocrlf", "true")
    id = repo.git("hash-object", "-w", "--stdin", stdin=text.encode())
    repo.git("update-index", "--add", "--cacheinfo", f"100644,{id},a.txt")
    if attributes:
        repo.git("add", ".gitattributes")
    repo.git("commit", "-q", "-m", "text")
    repo.git("checkout", "-q", "--", "a.txt")
    return repo


@pytest.mark.parametrize(("attributes", "text", "expected"), CONVERSIONS)
def test_a_converted_file_is_no_edit_and_is_told_of(
    tmp_path: Path, attributes: str, text: str, expected: bytes
) -> None:
    repo = converted(tmp_path / "repo", attributes, text)
    file = repo.path / "a.txt"
    here = file.read_bytes()
    assert here != text.encode()
    assert expected in (b"", here)
    watch = Watch()
    report = fix(FixRequest(repo.path, above=1000), watch)
    (note,) = (one for one in watch.plans[0].notes if one.reference == "fix-converted")
    assert note in report.findings
    assert note.evidence == ("a.txt",)
    assert repo.git("cat-file", "blob", "HEAD:a.txt").encode() + b"\n" == pointer(text.encode())
    assert repo.status == " M a.txt"
    undo(repo.path, Watch())
    assert repo.status == ""
    assert file.read_bytes() == here


@pytest.mark.needs("git-lfs")
@pytest.mark.parametrize(
    ("attributes", "text", "expected"),
    [CONVERSIONS[0], *(pytest.param(*row, marks=pytest.mark.slow) for row in CONVERSIONS[1:])],
)
def test_the_committed_bytes_of_a_converted_file_are_a_checkout_away(
    tmp_path: Path, attributes: str, text: str, expected: bytes
) -> None:
    repo = converted(tmp_path / "repo", attributes, text)
    repo.git("lfs", "install", "--local")
    (finding,) = fix(FixRequest(repo.path, above=1000), Watch()).findings
    command = finding.remedy[0].partition(", which")[0]
    assert command == f"git -C {repo.path} checkout -- a.txt"
    repo.git("checkout", "--", "a.txt")
    assert (repo.path / "a.txt").read_bytes() == text.encode()
    assert repo.status == ""
    undo(repo.path, Watch())
    repo.git("checkout", "--", "a.txt")
    assert expected in (b"", (repo.path / "a.txt").read_bytes())
    assert repo.status == ""


def test_an_edit_of_a_converted_file_is_one(tmp_path: Path) -> None:
    repo = converted(tmp_path / "repo", CONVERSIONS[2][0], TEXT)
    for content in (TEXT.encode("utf-16-le") + "more".encode("utf-16-le"), b"odd"):
        repo.write("a.txt", content)
        assert reference_of(lambda: fix(FixRequest(repo.path, above=1000), Watch())) == "fix-edited"


# ------------------------------------------------------------------ published history


def publish(repo: Repo, place: Path, name: str = "origin", ref: str = "main") -> None:
    repo.git("init", "-q", "--bare", str(place))
    repo.git("remote", "add", name, str(place))
    repo.git("push", "-q", name, ref)


def test_published_commits_are_not_touched_by_default(tmp_path: Path) -> None:
    repo = offending(tmp_path / "repo")
    publish(repo, tmp_path / "origin.git", ref="side")
    published = repo.git("rev-parse", "side")
    (note,) = fixed(repo).plans[0].notes
    assert (note.reference, note.severity, note.evidence) == ("fix-published", "warning", ("weights/w.bin",))
    assert repo.git("rev-parse", "side") == published
    assert repo.git("cat-file", "blob", "main:x.dat").encode() + b"\n" == pointer(OTHER)
    assert repo.status == ""


def test_when_all_of_it_is_published_the_choice_is_told(tmp_path: Path) -> None:
    repo = offending(tmp_path / "repo")
    publish(repo, tmp_path / "origin.git")
    repo.git("push", "-q", "origin", "--all")
    before = look(repo.path)
    with pytest.raises(Refused) as error:
        fix(FixRequest(repo.path), Watch())
    assert error.value.finding.reference == "fix-published"
    remedies = "\n".join(error.value.finding.remedy)
    assert "hfpush publish" in remedies
    assert "--rewrite-published" in remedies
    assert "clone again" in remedies
    assert look(repo.path) == before


def test_published_history_is_mended_when_it_is_asked_for(tmp_path: Path) -> None:
    repo = offending(tmp_path / "repo")
    publish(repo, tmp_path / "origin.git")
    before = look(repo.path)
    watch = fixed(repo, rewrite_published=True)
    assert [note.reference for note in watch.plans[0].notes] == ["fix-published"]
    after = look(repo.path)
    assert after.refs["refs/remotes/origin/main"] == before.refs["refs/remotes/origin/main"]
    assert after.refs["refs/heads/main"] != before.refs["refs/heads/main"]
    undo(repo.path, Watch())
    assert look(repo.path) == before


def test_what_another_remote_has_is_refused_unless_asked_for(tmp_path: Path) -> None:
    repo = offending(tmp_path / "repo")
    publish(repo, tmp_path / "origin.git")
    publish(repo, tmp_path / "hub.git", "hub", "main~3:refs/heads/main")
    assert reference_of(lambda: fix(FixRequest(repo.path, remote="hub"), Watch())) == "fix-published"
    watch = fixed(repo, remote="hub", rewrite_published=True)
    assert watch.plans[0].rewrite.published == 3 or watch.plans[0].rewrite.commits == 3
    assert reference_of(lambda: fix(FixRequest(repo.path, remote="nowhere"), Watch())) == "remote-unknown"


# ------------------------------------------------------------------ what is refused


def stage(repo: Repo) -> None:
    repo.write("notes.txt", b"staged\n")
    repo.git("add", "notes.txt")


def edit_large(repo: Repo) -> None:
    repo.write("x.dat", OTHER[::-1])


def edit_attributes(repo: Repo) -> None:
    repo.write(".gitattributes", b"*.txt text\n")


def replace_object(repo: Repo) -> None:
    repo.git("replace", "HEAD", "HEAD~1")


def graft(repo: Repo) -> None:
    repo.write(".git/info/grafts", repo.git("rev-parse", "HEAD").encode() + b"\n")


def bisect(repo: Repo) -> None:
    repo.git("bisect", "start", "HEAD", "HEAD~3")


def conflict(repo: Repo, *words: str) -> None:
    repo.git("switch", "-q", "-c", "other", "HEAD~1")
    repo.write("notes.txt", b"others\n")
    repo.commit()
    repo.git("switch", "-q", "main")
    repo.git(*words, fails=True)


def merge(repo: Repo) -> None:
    conflict(repo, "merge", "other")


def pick(repo: Repo) -> None:
    conflict(repo, "cherry-pick", "other")


def rebase(repo: Repo) -> None:
    conflict(repo, "rebase", "other")


def revert(repo: Repo) -> None:
    repo.write("notes.txt", b"later\n")
    repo.commit()
    repo.git("revert", "--no-edit", "HEAD~1", fails=True)


def apply_mail(repo: Repo) -> None:
    repo.git("switch", "-q", "-c", "other", "HEAD~1")
    repo.write("notes.txt", b"others\n")
    repo.commit()
    patch = repo.git("format-patch", "--stdout", "-1").encode() + b"\n"
    repo.git("switch", "-q", "main")
    repo.git("am", stdin=patch, fails=True)


def other_work_tree(repo: Repo) -> None:
    repo.git("worktree", "add", "-q", str(repo.path.parent / "linked"), "side")


@pytest.mark.parametrize(
    ("make", "reference", "remedy"),
    [
        (stage, "fix-staged", "commit"),
        (edit_large, "fix-edited", "x.dat"),
        (edit_attributes, "fix-edited", ".gitattributes"),
        (replace_object, "fix-replaced", "replace -d"),
        (graft, "fix-replaced", "rm "),
        (bisect, "fix-operation", "bisect reset"),
        (merge, "fix-operation", "merge --abort"),
        (pick, "fix-operation", "cherry-pick --abort"),
        (rebase, "fix-operation", "rebase --abort"),
        (revert, "fix-operation", "revert --abort"),
        (apply_mail, "fix-operation", "am --abort"),
        (other_work_tree, "fix-checked-out", "switch --detach"),
    ],
    ids=lambda one: one.__name__ if callable(one) else None,
)
def test_what_is_unsafe_is_refused_with_the_way_out(
    tmp_path: Path, make: Callable[[Repo], None], reference: str, remedy: str
) -> None:
    repo = offending(tmp_path / "repo")
    make(repo)
    before = look(repo.path)
    with pytest.raises(LocalTrouble) as error:
        fix(FixRequest(repo.path), Watch())
    assert error.value.finding.reference == reference
    assert remedy in "\n".join(error.value.finding.remedy)
    assert look(repo.path) == before


def test_a_shallow_clone_is_refused(tmp_path: Path) -> None:
    source = offending(tmp_path / "source")
    source.git("clone", "-q", "--depth=2", f"file://{source.path}", str(tmp_path / "shallow"))
    repo = Repo(tmp_path / "shallow")
    repo.write("more.bin", BINARY[::-1])
    repo.commit()
    assert reference_of(lambda: fix(FixRequest(repo.path), Watch())) == "fix-shallow"


def test_the_fix_of_a_linked_work_tree_follows_there(tmp_path: Path) -> None:
    repo = offending(tmp_path / "repo")
    repo.git("switch", "-q", "--detach", "HEAD~3")
    linked = Repo(tmp_path / "linked")
    repo.git("worktree", "add", "-q", str(linked.path), "main")
    index = linked.git("ls-files", "-s")
    fixed(linked)
    assert linked.status == ""
    assert reference_of(lambda: undo(repo.path, Watch())) == "fix-checked-out"
    undo(linked.path, Watch())
    assert linked.git("ls-files", "-s") == index
    assert linked.status == ""


def test_a_second_fix_at_the_same_time_is_told_so(tmp_path: Path) -> None:
    repo = offending(tmp_path / "repo")

    class Second(Watch):
        def agreed(self, plan: object) -> bool:
            with pytest.raises(Busy):
                fix(FixRequest(repo.path), Watch())
            return True

    assert fix(FixRequest(repo.path), Second()).action == "fixed"


# ------------------------------------------------------------------ what moves in the meantime


class Meddling(Watch):
    """Does something at a step."""

    def __init__(self, step: str, act: Callable[[], object]) -> None:
        super().__init__()
        self._step, self._act = step, act

    def reached(self, step: str) -> None:
        super().reached(step)
        if step == self._step:
            self._act()


def test_a_ref_that_moves_in_the_meantime_stops_it_with_all_old(tmp_path: Path) -> None:
    repo = offending(tmp_path / "repo")
    meddle = Meddling("journal", lambda: repo.git("branch", "-f", "side", "main"))
    with pytest.raises(SourceChanged) as error:
        fix(FixRequest(repo.path), meddle)
    assert error.value.finding.reference == "fix-ref-moved"
    assert backups(Repository.around(repo.path)) == ()
    assert repo.status == ""
    assert repo.git("cat-file", "-s", "main:x.dat") == str(len(OTHER))
    fixed(repo)


def test_a_file_that_is_edited_in_the_meantime_stops_it_with_all_old(tmp_path: Path) -> None:
    repo = offending(tmp_path / "repo")
    old = repo.git("rev-parse", "main")
    meddle = Meddling("verified", lambda: repo.write("x.dat", b"edited\0"))
    assert reference_of(lambda: fix(FixRequest(repo.path), meddle)) == "fix-edited"
    assert repo.git("rev-parse", "main") == old
    assert repo.status == " M x.dat"


def test_undo_after_new_commits_is_refused_and_says_which_ref(tmp_path: Path) -> None:
    repo = offending(tmp_path / "repo")
    fixed(repo)
    repo.write("notes.txt", b"new work\n")
    repo.commit()
    before = look(repo.path)
    with pytest.raises(Misuse) as error:
        undo(repo.path, Watch())
    assert error.value.finding.reference == "fix-undo-moved"
    assert "refs/heads/main" in error.value.finding.evidence[0]
    assert look(repo.path) == before


def test_undo_does_not_lose_edited_attributes_or_staged_changes(tmp_path: Path) -> None:
    repo = offending(tmp_path / "repo")
    fixed(repo)
    repo.write(".gitattributes", b"mine\n")
    assert reference_of(lambda: undo(repo.path, Watch())) == "fix-attributes-edited"
    repo.git("checkout", ".gitattributes")
    stage(repo)
    assert reference_of(lambda: undo(repo.path, Watch())) == "fix-staged"


def test_undo_from_another_branch_takes_that_one_along(tmp_path: Path) -> None:
    repo = offending(tmp_path / "repo")
    before = look(repo.path).refs
    fixed(repo)
    repo.git("-c", "filter.lfs.smudge=", "switch", "-q", "side")
    undo(repo.path, Watch())
    assert look(repo.path).refs == before
    assert repo.git("diff", "--cached", "--name-only") == ""


@pytest.mark.skipif(shutil.which("git-lfs") is None, reason="needs git-lfs on some PATH to be taken away")
def test_without_git_lfs_on_the_path_it_is_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("git", "sh"):
        (programs / name).symlink_to(shutil.which(name) or "")
    repo = offending(tmp_path / "repo")
    before = look(repo.path)
    monkeypatch.setenv("PATH", str(programs))
    fixed(repo)
    assert repo.status == ""
    undo(repo.path, Watch())
    assert look(repo.path) == before
