"""Which repositories there are: bare git repositories on disk, each with its record.

    <root>/repos/{models,datasets,spaces}/<ns>/<name>.git/     a bare repository (<ns> is `-` for one-segment ids)
    <root>/repos/…/<name>.git/hub.json                         its record: {"version": 1, "uid": "6f1c…",
                                                               "private": false, "gated": false, "disabled": false,
                                                               "created_at": 1.7e9, "allowed": []}
    <root>/hooks/pre-receive                                   one hook for all, written anew at each start
    <root>/aside/                                              half-made and half-removed ones; emptied at each start

A repository appears and disappears by one rename, so what `get` finds is whole. All methods block for a few
milliseconds (they run git) and may be called from any thread. Who may read or write what is auth.py's business.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal

from hfpush.localhub.attributes import default_attributes
from hfpush.localhub.gitcmd import git
from hfpush.localhub.gitcommit import Change, commit
from hfpush.localhub.names import REPO_TYPES, BadName, RepoKey

__all__ = ["BadName", "Repo", "RepoExists", "RepoKey", "RepoNotFound", "RepoRecord", "Repos"]

_NO_NAMESPACE = "-"  # the folder of one-segment ids: no namespace can be called that
# Hooks run in the bare repository, four levels below the root.
_CONFIG = """\
[core]
\thooksPath = ../../../../hooks
\tlogAllRefUpdates = false
[http]
\treceivepack = true
[receive]
\tautogc = false
[gc]
\tauto = 0
[uploadpack]
\tallowFilter = true
\tallowReachableSHA1InWant = true
"""

Gate = Literal[False, "auto", "manual"]


class RepoExists(Exception):
    """The id is taken; `repo` is the one that has it."""

    def __init__(self, repo: Repo) -> None:
        super().__init__(f"{repo.key} exists already")
        self.repo = repo


class RepoNotFound(Exception):
    """There is no repository of that key."""


@dataclass(frozen=True)
class RepoRecord:
    """What the Hub knows about a repository besides its git content.

    `uid` (24 hex digits) is this repository's for life: it survives a move, and a new repository of an old name has
    another one. `created_at` is seconds since the epoch. `allowed` are users let through the gate besides its owner.
    """

    uid: str
    created_at: float
    private: bool = False
    gated: Gate = False
    disabled: bool = False
    allowed: tuple[str, ...] = ()
    version: int = 1


@dataclass(frozen=True)
class Repo:
    """A repository as it was when it was asked for. `path` is the bare git directory."""

    key: RepoKey
    path: Path
    record: RepoRecord


class Repos:
    """All repositories under one root."""

    def __init__(
        self, root: Path, *, max_git_file: int = 10 * 1024 * 1024, clock: Callable[[], float] = time.time
    ) -> None:
        """Makes the folders that are missing, empties `aside/`, and writes the hook for this Python and these rules."""
        self._root = root.resolve()
        self._clock = clock
        self._write = threading.Lock()
        self.aside = self._root / "aside"
        """Where to put what is half-made, on the same file system; emptied at each start."""
        shutil.rmtree(self.aside, ignore_errors=True)
        for folder in (self.aside, self._root / "hooks", *(self._root / "repos" / type for type in REPO_TYPES)):
            folder.mkdir(parents=True, exist_ok=True)
        self._write_hook(max_git_file)

    def path(self, key: RepoKey) -> Path:
        """Where the bare repository of `key` is, or would be."""
        return self._root / "repos" / key.type / (key.namespace or _NO_NAMESPACE) / f"{key.name}.git"

    def get(self, key: RepoKey) -> Repo:
        """The repository of `key`. Raises RepoNotFound."""
        path = self.path(key)
        try:
            record = json.loads((path / "hub.json").read_bytes())
        except (FileNotFoundError, NotADirectoryError):
            raise RepoNotFound(str(key)) from None
        record["allowed"] = tuple(record["allowed"])
        return Repo(key, path, RepoRecord(**record))

    def find(self, key: RepoKey) -> Repo | None:
        """Like `get`, with None for a repository that does not exist."""
        try:
            return self.get(key)
        except RepoNotFound:
            return None

    def list(self, type: str | None = None) -> Iterator[Repo]:
        """All repositories (of one type), sorted by key."""
        for each in [type] if type else REPO_TYPES:
            base = self._root / "repos" / each
            ids = [str(path.relative_to(base))[:-4] for path in base.glob("*/*.git")]
            for id in sorted(ids):
                repo = self.find(RepoKey(each, id.removeprefix(f"{_NO_NAMESPACE}/")))
                if repo:
                    yield repo

    def create(self, key: RepoKey, *, author: str = "local", private: bool = False, empty: bool = False) -> Repo:
        """A new repository with the Hub's first commit (its default `.gitattributes`), or without any if `empty`.

        Raises RepoExists, also in a race of two.
        """
        present = self.find(key)
        if present:
            raise RepoExists(present)
        record = RepoRecord(uid=uuid.uuid4().hex[:24], created_at=self._clock(), private=private)
        aside = self.aside / record.uid
        self._init(aside, record)
        if not empty:
            change = Change(".gitattributes", default_attributes(key.type))
            commit(aside, [change], message="initial commit", author=author, when=self._clock(), parent=None)
        target = self.path(key)
        with self._write:
            target.parent.mkdir(exist_ok=True)
            try:
                aside.rename(target)
            except OSError:
                shutil.rmtree(aside, ignore_errors=True)
                if self.find(key) is None:
                    raise
                raise RepoExists(self.get(key)) from None
        return Repo(key, target, record)

    def delete(self, key: RepoKey) -> None:
        """Removes the repository; a request that is reading it may fail. Raises RepoNotFound."""
        with self._write:
            repo = self.get(key)
            gone = self.aside / f"deleted-{uuid.uuid4().hex}"
            repo.path.rename(gone)
        shutil.rmtree(gone, ignore_errors=True)

    def move(self, old: RepoKey, new: RepoKey) -> Repo:
        """Gives the repository another id of the same type; the record, `uid` included, goes with it.

        Raises RepoNotFound and RepoExists; BadName if the types differ.
        """
        if old.type != new.type:
            raise BadName("a repository keeps its type when it moves")
        with self._write:
            repo = self.get(old)
            present = self.find(new)
            if present:
                raise RepoExists(present)
            target = self.path(new)
            target.parent.mkdir(exist_ok=True)
            repo.path.rename(target)
        return Repo(new, target, repo.record)

    def update(self, key: RepoKey, change: Callable[[RepoRecord], RepoRecord]) -> Repo:
        """Replaces the record by what `change` makes of it, for example
        `lambda record: replace(record, gated="auto")`. The `uid` stays whatever it returns. Raises RepoNotFound.
        """
        with self._write:
            repo = self.get(key)
            record = replace(change(repo.record), uid=repo.record.uid)
            _write_record(repo.path, record)
        return Repo(key, repo.path, record)

    def _init(self, path: Path, record: RepoRecord) -> None:
        git(path, "init", "--quiet", "--bare", "--initial-branch=main", "--template=")
        with (path / "config").open("a") as config:
            config.write(_CONFIG)
        _write_record(path, record)

    def _write_hook(self, max_git_file: int) -> None:
        package = Path(__file__).resolve().parents[2]
        command = [sys.executable, "-m", "hfpush.localhub.prereceive", "--root", str(self._root)]
        command += ["--max-git-file", str(max_git_file)]
        text = f"#!/bin/sh\nPYTHONPATH={shlex.quote(str(package))} exec {shlex.join(command)}\n"
        hook = self._root / "hooks" / "pre-receive"
        aside = hook.with_suffix(f".{os.getpid()}")
        aside.write_text(text)
        aside.chmod(0o755)
        aside.replace(hook)


def _write_record(path: Path, record: RepoRecord) -> None:
    aside = path / "hub.json.new"
    aside.write_text(json.dumps(asdict(record)) + "\n")
    aside.replace(path / "hub.json")
