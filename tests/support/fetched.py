"""A repository on a local Hub, and what a fetch of it left in a cache: for tests of what becomes of that."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hfpush.commands.fetch_report import FetchReport, FetchRequest
from hfpush.commands.through import fetch_through
from hfpush.commands.verify import verify
from hfpush.commands.verify_repair import RepairMeans, repair
from hfpush.commands.verify_report import VerifyReport, VerifyRequest
from hfpush.endpoints import RepoAddress
from hfpush.localhub import LocalHub
from hfpush.localhub.gitcmd import git_text
from hfpush.localhub.gitcommit import Change
from hfpush.localhub.gitcommit import commit as git_commit
from hfpush.receive.events import silent
from hfpush.settings import Settings, load_settings

REPO = "ada/model"
BIG = random.Random(1).randbytes(300_001)
SMALL = {"config.json": b'{"layers": 2}\n', "deep/notes.txt": b"notes\n" * 100, "empty.txt": b""}
LARGE = {"model.safetensors": BIG, "deep/again.safetensors": BIG}


class Quiet:
    """Nobody who watches a verify."""

    def begin(self, size: int) -> None:
        pass

    def started(self, key: str, name: str, size: int, already: int) -> None:
        pass

    def moved(self, key: str, count: int) -> None:
        pass

    def finished(self, key: str) -> None:
        pass


def add_commit(hub: LocalHub, files: Mapping[str, bytes], large: Mapping[str, bytes]) -> str:
    """A commit with these files on top of main; its id."""
    key = next(repo.key for repo in hub.repos.list("models") if repo.key.id == REPO)
    repo = hub.repos.get(key)
    changes = [Change(path, content) for path, content in files.items()]
    for path, content in large.items():
        oid = hub.objects.add_bytes(content)
        hub.objects.grant(repo.record.uid, oid)
        pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize {len(content)}\n"
        changes.append(Change(path, pointer.encode()))
    parent = git_text(repo.path, "rev-parse", "refs/heads/main")
    return git_commit(repo.path, changes, message="more", author="ada", when=time.time(), parent=parent)


@dataclass
class Fetched:
    """A Hub with a repository, and a cache (or `folder`) that it was fetched into."""

    hub: LocalHub
    commit: str
    root: Path

    @property
    def cache(self) -> Path:
        """The Hub cache."""
        return self.root / "cache"

    @property
    def folder(self) -> Path:
        """A folder of plain files."""
        return self.root / "folder"

    @property
    def repo_folder(self) -> Path:
        """The repository's folder in the cache."""
        return self.cache / "models--ada--model"

    @property
    def snapshot(self) -> Path:
        """The files as a reader of the cache finds them."""
        return self.repo_folder / "snapshots" / self.commit

    def settings(self, **environment: str) -> Settings:
        """Settings of a user of this Hub."""
        env = {"HF_ENDPOINT": self.hub.url, "HF_TOKEN": self.hub.token, "HFPUSH_STATE_DIR": str(self.root / "state")}
        return load_settings({}, {**env, "HFPUSH_ATTEMPTS": "3", "HF_HUB_CACHE": str(self.cache), **environment})

    def address(self) -> RepoAddress:
        """The repository on the Hub."""
        return RepoAddress.parse(self.settings().usual_endpoint, REPO)

    def fetch(self, *files: str, **fields: Any) -> FetchReport:
        """Bring it into the cache, or into a `local_dir`."""
        if "local_dir" not in fields:
            fields["cache_dir"] = self.cache
        request = FetchRequest(repo=self.address(), files=files, **fields)
        return fetch_through(self.settings(), request, observer=silent, tell=lambda line: None)

    def verify(self, environment: Mapping[str, str] | None = None, **fields: Any) -> VerifyReport:
        """Look at the cache, or at a `local_dir`."""
        return verify(self.settings(**(environment or {})), self.request(**fields), Quiet())

    def repair(self, **fields: Any) -> VerifyReport:
        """Look, then put right what is wrong."""
        request = self.request(**fields)
        return repair(RepairMeans(self.settings()), request, verify(self.settings(), request, Quiet()))

    def request(self, **fields: Any) -> VerifyRequest:
        """What is looked at."""
        if "local_dir" not in fields:
            fields["cache_dir"] = self.cache
        return VerifyRequest(**fields)


@contextmanager
def fetched(root: Path, *, fetch: bool = True) -> Iterator[Fetched]:
    """A Hub with the repository, fetched into a cache."""
    with LocalHub(root=root / "hub") as hub:
        hub.create(REPO)
        found = Fetched(hub, add_commit(hub, SMALL, LARGE), root)
        if fetch:
            found.fetch()
        yield found


def states(report: VerifyReport) -> dict[str, str]:
    """What is wrong, by path."""
    return {one.path: one.state for one in report.wrong}
