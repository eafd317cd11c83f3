"""What the scenarios of a fetch share: files on a Hub, a command line that brings them, and an eye on what is shown."""

from __future__ import annotations

import hashlib
import os
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from support.command_line import Said
from support.forked import Forked, Run

from hfpush.localhub import LocalHub

REPO = "local/model"
DRAFT = ".hfpush-draft"
SECRETS = ("X-Amz-Signature", "X-Amz-Credential", "Signature=", "Bearer ")
QUICK = {"HFPUSH_CONNECT_SECONDS": "2", "HFPUSH_IDLE_SECONDS": "1", "HFPUSH_ANSWER_SECONDS": "2"}


def stock(
    hub: LocalHub, large: Mapping[str, bytes], small: Mapping[str, bytes] | None = None, *, repo: str = REPO
) -> str:
    """Put a commit with these files, and no others, on the main branch of a new or old repository; the id of it.

    The `large` ones are LFS files, the `small` ones git's own.
    """
    place = next((one for one in hub.repos.list("models") if one.key.id == repo), None) or hub.create(repo, empty=True)
    blobs = dict(small or {})
    for path, content in large.items():
        oid = hub.objects.add_bytes(content)
        hub.objects.grant(place.record.uid, oid)
        text = f"version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize {len(content)}\n"
        blobs[path] = text.encode()
    stream = [b"commit refs/heads/main\ncommitter Ada <ada@example.com> 1700000000 +0000\ndata 5\nfiles\ndeleteall\n"]
    for path, content in blobs.items():
        quoted = path.replace("\\", "\\\\").replace('"', '\\"')
        stream.append(f'M 100644 inline "{quoted}"\ndata {len(content)}\n'.encode() + content + b"\n")
    words = ["git", "fast-import", "--quiet", "--force"]
    subprocess.run(words, cwd=place.path, input=b"".join(stream), check=True, timeout=60)
    asked = ["git", "rev-parse", "refs/heads/main"]
    return subprocess.run(asked, cwd=place.path, capture_output=True, text=True, check=True).stdout.strip()


def wire(hub: LocalHub) -> int:
    """Body bytes of files that the Hub handed out, to answers that are over or not; pages and redirects left out."""
    rows = [*hub.seen.rows("get"), *hub.seen.rows("resolve")]
    under_way = hub.seen.under_way()
    begun = sum(under_way[op]["bytes_out"] for op in ("get", "resolve") if op in under_way)
    return round(begun) + sum(row.bytes_out for row in rows if row.status in (200, 206))


def until(what: Callable[[], object], seconds: float = 30.0) -> None:
    """Return when it is so; fail if that takes longer."""
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.005)


@dataclass
class Fetching:
    """`hfpush fetch` of one repository of one Hub, into the cache or, where `into` is set, there.

    `looked_at` is by what path this process finds the same place, where that is another one.
    """

    hub: LocalHub
    forked: Forked
    cache: Path
    into: Path | None = None
    environment: dict[str, str] = field(default_factory=dict)
    looked_at: Path | None = None

    @property
    def root(self) -> Path:
        """The cache or the folder, as this process finds it."""
        return self.looked_at or self.into or self.cache

    def start(self, *arguments: str, repo: str = REPO, **environment: str) -> Run:
        """Begin one; `end` of the run waits for it."""
        given = {
            **os.environ,
            "HF_ENDPOINT": self.hub.url,
            "HF_TOKEN": self.hub.token,
            "HFPUSH_STATE_DIR": str(self.cache.parent / "hfpush-state"),
            **QUICK,
            **self.environment,
            **environment,
        }
        place = ("--local-dir", str(self.into)) if self.into else ("--cache-dir", str(self.cache))
        return self.forked.start(["fetch", repo, *arguments, *place], given)

    def end(self, run: Run) -> Said:
        """How it ended: without a traceback, and without a secret in what it said."""
        return self.proper(run.end())

    def run(self, *arguments: str, repo: str = REPO, **environment: str) -> Said:
        """One to its end, with a document."""
        return self.end(self.start("--json", *arguments, repo=repo, **environment))

    def proper(self, said: Said) -> Said:
        """The same, after a look at it."""
        text = said.out + said.err
        assert "Traceback" not in text, said
        for secret in (self.hub.token, *SECRETS):
            assert secret not in text, said
        return said

    def shown(self, repo: str = REPO) -> dict[str, bytes]:
        """Every file that a reader of the cache (any snapshot) or of the folder sees."""
        if self.into is not None:
            return _files(self.root, leave_out=".cache")
        found: dict[str, bytes] = {}
        for snapshot in sorted((self.root / f"models--{repo.replace('/', '--')}" / "snapshots").glob("*")):
            found |= _files(snapshot)
        return found

    def drafts(self) -> list[Path]:
        """Every draft that lies there, of whomever."""
        return sorted(path for path in self.root.rglob(f"*{DRAFT}") if path.is_file())


def _files(folder: Path, *, leave_out: str = "") -> dict[str, bytes]:
    found = {}
    for path in sorted(folder.rglob("*")):
        inner = path.relative_to(folder)
        if inner.parts[0] != leave_out and path.is_file():
            found[inner.as_posix()] = path.read_bytes()
    return found


class Beholder:
    """Looks at a cache or a folder all the time, and remembers what was shown that is none of the `right` contents.

    A file is shown under any name that is not a draft's, a lock's or a note's, as soon as it has its place in `blobs`,
    a snapshot or the folder.
    """

    def __init__(self, fetching: Fetching, right: Mapping[str, bytes]) -> None:
        self._fetching = fetching
        self._right = {hashlib.sha256(content).digest() for content in right.values()}
        self._over = threading.Event()
        self._seen: dict[tuple[int, int, int], bool] = {}
        self.wrong: list[str] = []
        self.looks = 0

    def __enter__(self) -> Beholder:
        self._thread = threading.Thread(target=self._watch, name="beholder", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join(10)
        self._look()

    def _watch(self) -> None:
        while not self._over.wait(0.005):
            self._look()

    def _look(self) -> None:
        self.looks += 1
        for path in self._places():
            with suppress(FileNotFoundError):  # it went on while we looked
                self._judge(path, path.stat())

    def _judge(self, path: Path, found: os.stat_result) -> None:
        key = (found.st_ino, found.st_size, found.st_mtime_ns)
        if key not in self._seen:
            self._seen[key] = hashlib.sha256(path.read_bytes()).digest() in self._right
        if not self._seen[key]:
            self.wrong.append(f"{path}, {found.st_size} bytes")

    def _places(self) -> list[Path]:
        if self._fetching.into is not None:
            root = self._fetching.root
            inside = (path for path in root.rglob("*") if ".cache" not in path.relative_to(root).parts)
        else:
            inside = (
                path for folder in ("blobs", "snapshots") for path in self._fetching.root.glob(f"*/{folder}/**/*")
            )
        return [path for path in inside if path.is_file() and not path.name.endswith((DRAFT, ".incomplete"))]
