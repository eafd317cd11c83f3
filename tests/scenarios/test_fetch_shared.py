"""A cache that several people, or several machines, fill: two users of one group, and file systems without locks.

A file system whose locks do nothing, or are refused, is played by a start-up file that puts another `flock` in the
place of fcntl's: that is all that hfpush and filelock use of it.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from support.shelf import stock, until, wire
from support.slowly import mostly_slow
from support.two_users import GROUP, Person, why_not

from hfpush.localhub import LocalHub, slow

pytestmark = pytest.mark.needs("git")

BIG = random.Random(5).randbytes(3_000_017)
LARGE = {"model.bin": BIG, "deep/other.bin": random.Random(6).randbytes(200_000)}
SMALL = {f"small/{number}.json": b'{"number": %d}\n' % number for number in range(30)}
FIRST = {**LARGE, **SMALL}
NEXT = {**FIRST, "model.bin": BIG[::-1], "small/0.json": b"{}\n"}
TOTAL = sum(map(len, FIRST.values()))
ONE = Person(41001, umask=0o022)
TWO = Person(41002, umask=0o077)
NO_LOCKS = {
    "granted to everybody": "fcntl.flock = lambda *_: None\n",
    "ENOLCK": "def no(*_): raise OSError(errno.ENOLCK, 'no locks')\nfcntl.flock = no\n",
    "ENOSYS": "def no(*_): raise OSError(errno.ENOSYS, 'no locks')\nfcntl.flock = no\n",
}

WITHOUT_LOCKS = [
    (f"{name}, {place}", locks, place == "folder") for name, locks in NO_LOCKS.items() for place in ("cache", "folder")
]


@dataclass
class Shared:
    """A folder of the group, and what runs in it."""

    folder: Path
    hub: LocalHub
    into: bool = False
    environment: dict[str, str] = field(default_factory=dict)

    def start(self, person: Person | None = None) -> subprocess.Popen[str]:
        """A fetch by that person, or by ourselves."""
        place = (
            ("--local-dir", str(self.folder / "cache")) if self.into else ("--cache-dir", str(self.folder / "cache"))
        )
        words = [sys.executable, "-m", "hfpush", "fetch", "local/model", *place]
        home = self.folder / f"home-{person.uid if person else 'ours'}"
        home.mkdir(exist_ok=True)
        if person is not None:
            os.chown(home, person.uid, GROUP)
            words = person.command(words)
        given = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("HF_", "XDG_"))},
            "HOME": str(home),
            "TMPDIR": str(home),
            "HFPUSH_STATE_DIR": str(home / "state"),
            "HF_ENDPOINT": self.hub.url,
            "HF_TOKEN": self.hub.token,
            "PYTHONDONTWRITEBYTECODE": "1",
            **self.environment,
        }
        pipe = subprocess.PIPE
        return subprocess.Popen(
            words, env=given, cwd=home, stdout=pipe, stderr=pipe, stdin=subprocess.DEVNULL, text=True
        )

    def end(self, *runs: subprocess.Popen[str]) -> None:
        """All of them end well."""
        said = [run.communicate(timeout=90) for run in runs]
        assert [(run.returncode, "Traceback" in err) for run, (_, err) in zip(runs, said, strict=True)] == [
            (0, False)
        ] * len(runs), said

    def shown(self, commit: str) -> dict[str, bytes]:
        """What readers see of a commit."""
        top = self.folder / "cache"
        if not self.into:
            top = top / "models--local--model" / "snapshots" / commit
        files = (path for path in top.rglob("*") if path.is_file() and ".cache" not in path.relative_to(top).parts)
        return {path.relative_to(top).as_posix(): path.read_bytes() for path in files}

    def drafts(self) -> list[str]:
        """What is unfinished, or was forgotten."""
        return [path.name for path in (self.folder / "cache").rglob("*") if ".hfpush-" in path.name]

    def closed(self) -> list[str]:
        """What the group cannot use as it should."""
        found = []
        for path in (self.folder / "cache").rglob("*"):
            facts = path.lstat()
            wanted = stat.S_ISGID | stat.S_IRWXG if stat.S_ISDIR(facts.st_mode) else stat.S_IRGRP | stat.S_IWGRP
            if not path.is_symlink() and (facts.st_mode & wanted != wanted or facts.st_gid != GROUP):
                found.append(f"{path} {stat.filemode(facts.st_mode)} {facts.st_gid}")
        return found


@pytest.fixture
def folder() -> Iterator[Path]:
    """Not below pytest's own, which others may not enter."""
    made = Path(tempfile.mkdtemp(prefix="hfpush-shared-", dir="/var/tmp"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[LocalHub]:
    with LocalHub(root=tmp_path / "hub", redirect_lfs=True) as running:
        yield running


@pytest.fixture
def shared(folder: Path, hub: LocalHub) -> Shared:
    """A folder of the group's, in which what is new belongs to the group."""
    reason = why_not()
    if reason is not None:
        pytest.skip(reason)
    (folder / "cache").mkdir()
    os.chown(folder / "cache", 0, GROUP)
    (folder / "cache").chmod(0o2770)
    return Shared(folder, hub)


@pytest.mark.parametrize("into", [False, True], ids=["cache", "folder"])
def test_two_users_of_a_group_fetch_one_after_the_other(shared: Shared, into: bool) -> None:
    shared.into = into
    commit = stock(shared.hub, LARGE, SMALL)
    shared.end(shared.start(TWO))
    assert wire(shared.hub) == TOTAL
    assert shared.closed() == []
    shared.end(shared.start(ONE))
    assert wire(shared.hub) == TOTAL
    assert shared.shown(commit) == FIRST
    commit = stock(shared.hub, {name: NEXT[name] for name in LARGE}, {name: NEXT[name] for name in SMALL})
    shared.end(shared.start(ONE))
    shared.end(shared.start(TWO))
    assert shared.shown(commit) == NEXT
    assert (shared.closed(), shared.drafts()) == ([], [])


def test_two_users_of_a_group_fetch_at_once_and_share_the_download(shared: Shared) -> None:
    commit = stock(shared.hub, LARGE, SMALL)
    shared.hub.faults.add(slow(2e6, on="get"))
    shared.end(*[shared.start(person) for person in (ONE, TWO)])
    assert shared.shown(commit) == FIRST
    small = sum(map(len, SMALL.values())) + len(LARGE["deep/other.bin"])  # those may come twice
    assert wire(shared.hub) <= 1.1 * TOTAL + small, "the Hub counts what was left in sockets as well"
    commit = stock(shared.hub, {name: NEXT[name] for name in LARGE}, {name: NEXT[name] for name in SMALL})
    shared.end(*[shared.start(person) for person in (ONE, TWO)])
    assert shared.shown(commit) == NEXT
    assert (shared.closed(), shared.drafts()) == ([], [])


@pytest.mark.slow
def test_what_one_user_could_not_finish_the_other_goes_on_with(shared: Shared) -> None:
    commit = stock(shared.hub, LARGE, SMALL)
    shared.hub.faults.add(slow(1e6, on="get"))
    killed = shared.start(TWO)
    until(lambda: wire(shared.hub) > 1_500_000 or killed.poll() is not None)
    killed.send_signal(signal.SIGKILL)
    killed.communicate(timeout=30)
    until(lambda: "get" not in shared.hub.seen.under_way())
    shared.hub.faults.clear()
    shared.end(shared.start(ONE))
    assert shared.shown(commit) == FIRST
    assert wire(shared.hub) <= 1.2 * TOTAL
    assert (shared.closed(), shared.drafts()) == ([], [])


@pytest.mark.slow
def test_a_draft_that_the_other_may_not_change_is_left_alone(shared: Shared) -> None:
    """As of somebody who keeps everything to himself: the group's rights were taken off the draft again."""
    commit = stock(shared.hub, LARGE)
    shared.hub.faults.add(slow(1e6, on="get"))
    killed = shared.start(TWO)
    until(lambda: wire(shared.hub) > 1_500_000 or killed.poll() is not None)
    killed.send_signal(signal.SIGKILL)
    killed.communicate(timeout=30)
    shared.hub.faults.clear()
    theirs = list((shared.folder / "cache").rglob("*.hfpush-draft"))
    for path in theirs:
        path.chmod(0o600)
    before = {path.name: path.read_bytes() for path in theirs}
    assert before
    shared.end(shared.start(ONE))
    assert shared.shown(commit) == LARGE
    for path in theirs:
        assert not path.exists() or path.read_bytes() == before[path.name]


def without_locks(folder: Path, locks: str) -> dict[str, str]:
    """The environment in which a Python has such locks."""
    (folder / "start").mkdir()
    (folder / "start" / "sitecustomize.py").write_text(f"import errno, fcntl\n{locks}")
    return {"PYTHONPATH": os.pathsep.join(filter(None, [str(folder / "start"), os.environ.get("PYTHONPATH")]))}


@pytest.mark.parametrize(("name", "locks", "into"), mostly_slow(WITHOUT_LOCKS, quick={"granted to everybody, cache"}))
def test_two_fetches_at_once_without_locks(folder: Path, hub: LocalHub, name: str, locks: str, into: bool) -> None:
    shared = Shared(folder, hub, into, without_locks(folder, locks))
    (folder / "cache").mkdir()
    commit = stock(hub, LARGE, SMALL)
    hub.faults.add(slow(4e6, on="get"))
    shared.end(shared.start(), shared.start())
    assert shared.shown(commit) == FIRST
    assert shared.drafts() == []
    commit = stock(hub, {name: NEXT[name] for name in LARGE}, {name: NEXT[name] for name in SMALL})
    shared.end(shared.start(), shared.start())
    assert shared.shown(commit) == NEXT
    assert shared.drafts() == []


def test_two_users_at_once_without_locks(shared: Shared) -> None:
    shared.environment = without_locks(shared.folder, NO_LOCKS["granted to everybody"])
    commit = stock(shared.hub, LARGE, SMALL)
    shared.hub.faults.add(slow(4e6, on="get"))
    shared.end(*[shared.start(person) for person in (ONE, TWO)])
    assert shared.shown(commit) == FIRST
    assert (shared.closed(), shared.drafts()) == ([], [])
