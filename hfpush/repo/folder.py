"""A plain folder as a repository that hfpush makes and keeps: one commit of what is there, each time it is published.

    <folder>/.git                 made aside and renamed into place; `hfpush.managed = true` in its configuration
    <folder>/.gitattributes       written, or lines added at its end, where files must go to LFS
    <folder>/.hfpush-new-*        what is in the making; a killed run leaves it, the next one removes it

Killed at any moment, a rerun goes on. The content of large files stays in the folder alone: git-lfs's store stays
empty. A repository that a user made is never committed to. The caller sees to it that one process at a time works on a
folder.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hfpush.disk.trouble import disk_trouble
from hfpush.errors import LocalTrouble, Misuse
from hfpush.findings import Finding
from hfpush.repo.hash_cache import HashCache
from hfpush.repo.hashing import Progress
from hfpush.repo.index_file import write_index
from hfpush.repo.listing import EXCLUDED, LEFTOVER, Entry
from hfpush.repo.process import Git
from hfpush.repo.remote import branch_ref
from hfpush.repo.repository import MANAGED, commit_id, existing_folder, kind_of, setting_of
from hfpush.repo.scratch import scratch
from hfpush.repo.snapshot import blobs_of, store, trees
from hfpush.repo.survey import Survey, survey
from hfpush.repo.track.cover import Line

MESSAGE = "Publish with hfpush"
HEAD = "HEAD"


@dataclass(frozen=True)
class PlannedFile:
    """A file that would be committed: its path in the folder, its size in bytes, and whether it goes to LFS."""

    path: str
    size: int
    lfs: bool


@dataclass(frozen=True)
class FolderPlan:
    """What `adopt` would do.

    `attribute_lines` are those that it would add; `new_attributes` says that a `.gitattributes` is missing and
    would be made. Findings that are errors would make it refuse.
    """

    files: tuple[PlannedFile, ...]
    attribute_lines: tuple[Line, ...]
    new_attributes: bool
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Adopted:
    """A folder as a commit: its id, how many files it holds and how many of them are in LFS, whether it was made now,
    and warnings."""

    commit: str
    files: int
    lfs_files: int
    changed: bool
    findings: tuple[Finding, ...]


def plan(path: Path | str) -> FolderPlan:
    """What `adopt` would commit. Writes nothing in the folder, and hashes nothing."""
    folder = _ours(path)
    found = _survey(folder)
    files = [
        PlannedFile(entry.path, entry.size, entry.path in found.lfs)
        for entry in found.entries.values()
        if entry.path not in found.writes
    ]
    files += [PlannedFile(path, len(content), False) for path, content in found.writes.items()]
    return FolderPlan(
        files=tuple(sorted(files, key=lambda file: file.path)),
        attribute_lines=found.added,
        new_attributes=any(path not in found.entries for path in found.writes),
        findings=found.findings,
    )


def adopt(
    path: Path | str,
    branch: str,
    cache: HashCache,
    *,
    onto: str | None = HEAD,
    message: str = MESSAGE,
    progress: Progress | None = None,
) -> Adopted:
    """Commits the folder as it is, after making a repository of it if it is none; no commit where nothing changed.

    `branch` names the branch of a new repository. `onto` is the one parent of the commit: a commit that is here (what
    the other side has; commits of ours above it, which never got there, are left behind), None for a history that
    begins with it, or HEAD for the last commit, whichever that is. `progress` is told of bytes hashed; the cache is
    saved.

    Raises the first finding that is an error (LocalTrouble), with nothing written; SourceChanged when a file changes
    meanwhile; Misuse for a repository of the user or an `onto` that is not here.
    """
    folder = _ours(path)
    ref = branch_ref(branch)
    found = _survey(folder)
    for finding in found.findings:
        if finding.severity == "error":
            raise LocalTrouble(finding)
    try:
        _remove_leftovers(folder)
        if not (folder / ".git").exists():
            _make_repository(folder, ref)
        entries = _write_attributes(folder, found)
        return _commit_entries(folder, entries, found, cache, onto=onto, message=message, progress=progress)
    except OSError as error:
        raise disk_trouble(error, folder) from error


def holds(path: Path | str, commit: str) -> bool:
    """Whether the repository that hfpush made of the folder, if it did, has this commit."""
    folder = existing_folder(path)
    return (folder / ".git").exists() and commit_id(Git(folder, folder / ".git", folder), commit) == commit


def _commit_entries(
    folder: Path,
    entries: Mapping[str, Entry],
    found: Survey,
    cache: HashCache,
    *,
    onto: str | None,
    message: str,
    progress: Progress | None,
) -> Adopted:
    git = Git(folder, folder / ".git", folder)
    try:
        blobs = blobs_of(folder, entries, found.lfs, cache, progress)
    finally:
        cache.save()
    tree, tree_objects = trees(blobs)
    store(git, folder, blobs, tree_objects)
    commit, changed = _commit(git, tree, onto, message)
    aside = folder / ".git/index.hfpush"
    write_index(aside, [blob.indexed for blob in blobs])
    os.replace(aside, folder / ".git/index")
    return Adopted(
        commit=commit,
        files=len(blobs),
        lfs_files=sum(blob.pointer is not None for blob in blobs),
        changed=changed,
        findings=found.findings,
    )


def _ours(path: Path | str) -> Path:
    folder = existing_folder(path)
    if kind_of(folder) == "repo":
        raise Misuse.of(
            "repo-not-ours",
            "This is a git repository that hfpush did not make, so it commits nothing there.",
            seen=(str(folder),),
            to_try=("git add and git commit what you want to publish",),
        )
    return folder


def _survey(folder: Path) -> Survey:
    if (folder / ".git").exists():
        return survey(folder, folder / ".git")
    with scratch() as git:
        return survey(folder, git.git_dir or git.directory)


def _remove_leftovers(folder: Path) -> None:
    for left in folder.glob(f"{LEFTOVER}*"):
        if left.is_dir() and not left.is_symlink():
            shutil.rmtree(left, ignore_errors=True)
        else:
            left.unlink(missing_ok=True)


def _make_repository(folder: Path, ref: str) -> None:
    aside = Path(tempfile.mkdtemp(prefix=LEFTOVER, dir=folder))
    git = Git(aside)
    git.read("init", "-q", "--template=", "--object-format=sha1")
    git.read("symbolic-ref", "HEAD", ref)
    git.read("config", "core.autocrlf", "false")  # bytes as they are, whatever the user's own setting is
    git.read("config", MANAGED, "true")
    (aside / ".git/info").mkdir(exist_ok=True)
    (aside / ".git/info/exclude").write_text("".join(f"{pattern}\n" for pattern in EXCLUDED))
    os.rename(aside / ".git", folder / ".git")
    aside.rmdir()


def _write_attributes(folder: Path, found: Survey) -> dict[str, Entry]:
    """Writes the attribute files that the survey proposes, and returns all entries with theirs as they are now."""
    entries = dict(found.entries)
    for path, content in found.writes.items():
        place = folder / path
        handle, aside = tempfile.mkstemp(prefix=LEFTOVER, dir=folder)
        with open(handle, "wb") as stream:
            stream.write(content)
        os.chmod(aside, place.stat().st_mode & 0o777 if place.exists() else 0o666 & ~_umask())
        os.replace(aside, place)
        entries[path] = Entry(path, place.lstat())
    return entries


def _umask() -> int:
    current = os.umask(0o077)
    os.umask(current)
    return current


def _commit(git: Git, tree: str, onto: str | None, message: str) -> tuple[str, bool]:
    """The commit of this tree on `onto`, and whether it was made now. HEAD's branch names it at the end."""
    head = commit_id(git, HEAD)
    parent = head if onto == HEAD else onto
    if parent is not None and commit_id(git, parent) != parent:
        raise Misuse.of("commit-missing", "The commit to build on is not in this repository.", seen=(parent,))
    if parent is not None and _tree(git, parent) == tree:
        commit, made = parent, False
    elif head is not None and _tree(git, head) == tree and _parents(git, head) == ([parent] if parent else []):
        commit, made = head, False
    else:
        parents = ("-p", parent) if parent else ()
        settings = (*_identity(git), "i18n.commitEncoding=UTF-8")
        commit = git.line("commit-tree", tree, *parents, stdin=message.encode() + b"\n", settings=settings)
        made = True
    if commit != head:
        git.read("update-ref", "-m", "hfpush: publish", HEAD, commit, head or "0" * 40)
    return commit, made


def _tree(git: Git, commit: str) -> str:
    return git.line("rev-parse", "--verify", f"{commit}^{{tree}}")


def _parents(git: Git, commit: str) -> list[str]:
    return git.line("rev-list", "--parents", "-n", "1", commit).split()[1:]


def _identity(git: Git) -> tuple[str, ...]:
    # For what the user has not told git about themselves; their variables (GIT_AUTHOR_NAME …) outrank settings.
    own = {
        "user.name": setting_of(git, "user.name"),
        "user.email": setting_of(git, "user.email") or os.environ.get("EMAIL"),
    }
    neutral = {"user.name": "hfpush", "user.email": "hfpush@localhost"}
    return tuple(f"{name}={value}" for name, value in neutral.items() if not own[name])
