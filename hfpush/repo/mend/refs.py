"""Refs moved in one transaction, each checked against its old value. What moves where is others' business.

git writes the refs of a transaction to disk one by one, at its end. So it gets all of it from a file and runs in a
session of its own: it comes to its end when we are interrupted or killed, and holds a lock until then, so that the next
run does not look at refs that are still on their way. What is left is a kill of git itself or a power cut in that
moment; the journal (journal.py) tells what to do then.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from hfpush.disk.inherited import hold_with_child
from hfpush.errors import Busy, LocalTrouble, SourceChanged
from hfpush.repo.process import GitFailed, failure
from hfpush.repo.repository import Repository
from hfpush.repo.writing import WritingGit

HEAD = "HEAD"
_LOCK_WAIT = "core.filesRefLockTimeout=3000"
_FEW = 200
_REST_SECONDS = 60.0
STALE_SECONDS = 10.0
"""How long a lock of ours must have lain about before it is taken for left behind: no transaction takes as long."""


@dataclass(frozen=True)
class Step:
    """A ref's move: made new where `old` is None, deleted where `new` is. `HEAD` is HEAD itself, not its branch."""

    ref: str
    old: str | None
    new: str | None


def transaction(steps: Sequence[Step], zero: str) -> bytes:
    """The steps as `git update-ref -z --stdin` reads them, all or none. Pure."""
    lines = ["start\0"]
    for step in steps:
        if step.ref == HEAD:
            lines.append("option no-deref\0")
        if step.new is None:
            lines.append(f"delete {step.ref}\0{step.old or ''}\0")
        else:
            lines.append(f"update {step.ref}\0{step.new}\0{step.old or zero}\0")
    lines += ["prepare\0", "commit\0"]
    return "".join(lines).encode("utf-8", "surrogateescape")


def move_all(repository: Repository, steps: Sequence[Step], message: str) -> None:
    """Perform the steps together; `message` goes into the reflogs.

    Raises SourceChanged, with nothing moved, when a ref is not at its old value; Busy when another git holds one.
    """
    if not steps:
        return
    git = WritingGit.of(repository)
    settings = [_LOCK_WAIT]
    if len(steps) <= _FEW:  # a sync to disk for each, which thousands of refs would make us wait for
        settings.append("core.fsync=reference")
    command = git.command("update-ref", "-z", "-m", message, "--stdin", settings=tuple(settings))
    with tempfile.TemporaryFile() as order, tempfile.TemporaryFile() as errors, refs_at_rest(repository) as held:
        order.write(transaction(steps, repository.zero))
        order.seek(0)
        # Signals interrupt the main thread alone, and leaving the block waits: half of the refs may have moved before.
        with ThreadPoolExecutor(1, thread_name_prefix="refs") as pool:
            ended = pool.submit(
                subprocess.run,
                command,
                stdin=order,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                cwd=git.directory,
                env=git.env(),
                start_new_session=True,
                pass_fds=(held,),
                check=False,
            ).result()
        if ended.returncode:
            errors.seek(0)
            raise _refused(repository, failure("update-ref", ended.returncode, errors.read(65536)))


@contextmanager
def refs_at_rest(repository: Repository) -> Iterator[int]:
    """No git that we have started moves refs here any more, not even one whose hfpush was killed, and for the time of
    the block none begins to. The descriptor is what such a git has to be given. Raises Busy after a minute."""
    path = repository.common_dir / "hfpush" / "refs.lock"
    path.parent.mkdir(exist_ok=True)
    with hold_with_child(path, "The refs of this repository", wait_seconds=_REST_SECONDS) as held:
        yield held


def _refused(repository: Repository, error: LocalTrouble) -> LocalTrouble | Busy | SourceChanged:
    said = error.stderr if isinstance(error, GitFailed) else ""
    if "but expected" in said or "reference already exists" in said or "unable to resolve reference" in said:
        return SourceChanged.of(
            "fix-ref-moved",
            "A ref was moved by somebody else in the meantime, so none was moved by us.",
            seen=error.finding.evidence,
            to_try=("run the same command again",),
        )
    if ".lock': File exists" in said:
        return Busy.of(
            "refs-locked",
            "Another git holds a ref that has to move.",
            seen=error.finding.evidence,
            to_try=(
                "wait until it has finished, then run the same command again",
                "if no git is running, delete the .lock file that is named above",
            ),
        )
    return error


def current(repository: Repository) -> dict[str, str]:
    """Every ref's value by full name; `HEAD` is among them where it is detached."""
    lines = repository.git.line("for-each-ref", "--format=%(objectname) %(refname)").splitlines()
    values = {name: id for id, name in (line.split(" ", 1) for line in lines)}
    if repository.branch is None and repository.tip is not None:
        values[HEAD] = repository.tip
    return values


def symbolic(repository: Repository) -> frozenset[str]:
    """The refs that only name another one, so that they follow it."""
    lines = repository.git.line("for-each-ref", "--format=%(symref) %(refname)").splitlines()
    return frozenset(name for target, name in (line.split(" ", 1) for line in lines) if target)


def release_stale(repository: Repository, written: Mapping[str, Collection[str]], *, now: float) -> tuple[Path, ...]:
    """Remove the lock files that a git killed in the middle of our transaction left on refs, and say which.

    `written` are the ids that our transactions write to each ref. A lock that holds anything else is somebody else's,
    and one that is younger than STALE_SECONDS may be in use.
    """
    removed = []
    for ref, ids in written.items():
        lock = lock_path(repository, ref)
        with suppress(FileNotFoundError, NotADirectoryError):
            ours = lock.read_text("ascii", "replace").strip() in {*ids, ""}
            if ours and now - lock.stat().st_mtime >= STALE_SECONDS:
                lock.unlink()
                removed.append(lock)
    return tuple(removed)


def lock_path(repository: Repository, ref: str) -> Path:
    """The file that git holds while it moves a ref."""
    folder = repository.git_dir if ref == HEAD else repository.common_dir
    return folder / f"{ref}.lock"
