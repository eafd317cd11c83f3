"""Writing to a bare repository: blobs, a tree made in an index of its own, a commit, and then the ref.

Objects are written first and are harmless until a ref names them. A ref moves only from the value the caller saw
(compare and swap), so two writers can't lose one another's commit, be they API calls or pushes.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hfpush.localhub.gitcmd import GitFailed, git, git_text

NO_COMMIT = "0" * 40
"""As an old value of `update_ref`: the ref must not exist yet."""


class RefMoved(Exception):
    """The ref is not (or no longer) where the caller saw it."""


@dataclass(frozen=True)
class Change:
    """What becomes of one path: `content` are its new bytes, or the file that has them; None removes it.

    Removing what is not there does nothing. A folder that is in the way of a file gives way, and so does a file
    that is in the way of a folder.
    """

    path: str
    content: bytes | Path | None
    mode: str = "100644"


def write_tree(repo: Path, changes: Sequence[Change], *, base: str | None) -> str:
    """The tree that the changes make of `base` (a tree or commit; None: of nothing); its id.

    The paths have passed `names.check_path`.
    """
    with tempfile.TemporaryDirectory(prefix="hub-commit-") as aside:
        oids = _write_blobs(repo, changes, Path(aside))
        env = {"GIT_INDEX_FILE": f"{aside}/index"}
        if base:
            git(repo, "read-tree", base, env=env)
        lines = [
            f"0 {NO_COMMIT}\t{change.path}\0" if oid is None else f"{change.mode} {oid}\t{change.path}\0"
            for change, oid in zip(changes, oids, strict=True)
        ]
        stdin = "".join(lines).encode("utf-8", "surrogateescape")
        git(repo, "update-index", "--add", "--replace", "-z", "--index-info", stdin=stdin, env=env)
        return git_text(repo, "write-tree", env=env)


def commit_tree(repo: Path, tree: str, *, message: str, author: str, when: float, parents: Sequence[str] = ()) -> str:
    """A commit of a tree that exists already; its id. No ref is touched."""
    name = "".join(c for c in author if c.isprintable() and c not in "<>") or "local"
    env = {
        "GIT_AUTHOR_NAME": name,
        "GIT_AUTHOR_EMAIL": f"{name}@users.noreply.localhub",
        "GIT_AUTHOR_DATE": f"@{int(when)} +0000",
    }
    env |= {key.replace("AUTHOR", "COMMITTER"): value for key, value in env.items()}
    flags = [flag for parent in parents for flag in ("-p", parent)]
    stdin = message.replace("\0", "").encode("utf-8", "replace")
    return git_text(repo, "commit-tree", *flags, "-F", "-", tree, stdin=stdin, env=env)


def update_ref(repo: Path, ref: str, new: str | None, *, old: str) -> None:
    """Moves a full ref (`refs/heads/main`) from `old` (NO_COMMIT: it is not there) to `new` (None: removes it).

    Raises RefMoved if it is anywhere else, or if another writer holds it just now.
    """
    arguments = ["-d", ref, old] if new is None else [ref, new, old]
    try:
        git(repo, "update-ref", *arguments)
    except GitFailed as failed:
        if "lock ref" in failed.stderr or "reference already exists" in failed.stderr:
            raise RefMoved(ref) from failed
        raise


def commit(
    repo: Path,
    changes: Sequence[Change],
    *,
    message: str,
    author: str,
    when: float,
    parent: str | None,
    ref: str = "refs/heads/main",
) -> str:
    """A commit of the changes on top of `parent` (None: the first of its line), then `ref` moves from `parent` to it.

    Returns its id. `when` is seconds since the epoch. Raises RefMoved if the ref was not at `parent`.
    """
    tree = write_tree(repo, changes, base=parent)
    oid = commit_tree(repo, tree, message=message, author=author, when=when, parents=[parent] if parent else [])
    update_ref(repo, ref, oid, old=parent or NO_COMMIT)
    return oid


def _write_blobs(repo: Path, changes: Sequence[Change], aside: Path) -> list[str | None]:
    """The blob id per change, None for a removal; all blobs are written by one git."""
    files = []
    for number, change in enumerate(changes):
        if isinstance(change.content, bytes):
            (aside / str(number)).write_bytes(change.content)
            files.append(aside / str(number))
        elif change.content is not None:
            files.append(change.content)
    if not files:
        return [None] * len(changes)
    stdin = "".join(f"{file}\n" for file in files).encode()
    written = iter(git_text(repo, "hash-object", "-w", "--no-filters", "--stdin-paths", stdin=stdin).split("\n"))
    return [None if change.content is None else next(written) for change in changes]
