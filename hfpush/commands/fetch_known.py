"""What a revision is, and which files it has, as far as a fetch must know: the disk is asked, then one endpoint.

Of an endpoint as little is asked as will do: one question for a single file, the files by their names where only names
were given, else the whole list.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice

from hfpush.commands.fetch_disk import Disk
from hfpush.commands.fetch_report import FetchRequest
from hfpush.errors import HfpushError, NotFound, Refused, Unavailable
from hfpush.hub.api import HubApi
from hfpush.hub.resolved import Resolved
from hfpush.hub.tree import TreeFile, Unsafe
from hfpush.hub.tree_cache import is_commit
from hfpush.receive.select import is_pattern, select

_MOST_COMPARED = 10_000
_NO_SUCH_CALL = frozenset({"not-a-hub", "no-permission", "hub-refused", "redirect-refused", "mirror-half"}) | {
    *("repo-not-found", "request-too-large", "tree-unreadable", "page-elsewhere", "answer-too-large")
}
"""What an endpoint answers that carries files, but not the call about them."""


@dataclass(frozen=True)
class Known:
    """A commit and its files: all of them if `complete`, else those that were asked for. `unsafe` must not be written.
    `kept`: the disk had the list."""

    commit: str
    files: tuple[TreeFile, ...]
    unsafe: tuple[Unsafe, ...] = ()
    complete: bool = True
    kept: bool = False

    @classmethod
    def of(cls, commit: str, listed: Sequence[TreeFile | Unsafe], *, complete: bool = True) -> Known:
        """What a list amounts to."""
        files = tuple(one for one in listed if isinstance(one, TreeFile))
        return cls(commit, files, tuple(one for one in listed if isinstance(one, Unsafe)), complete)


def known_here(disk: Disk, revision: str) -> Known | None:
    """What the disk alone knows for certain: a commit's list of files never changes. None for any other revision."""
    return _kept(disk, revision) if is_commit(revision) else None


def plain_names(request: FetchRequest) -> tuple[str, ...]:
    """The names that were asked for, where each stands for one file (or, as only the list can tell, for a folder);
    none where patterns or everything were asked for."""
    names = tuple(dict.fromkeys(request.files))
    return () if any(is_pattern(name) for name in names) else names


def learn(hub: HubApi, disk: Disk, revision: str, names: Sequence[str], told: Resolved | None = None) -> Known:
    """What an endpoint says of `revision`: of the files `names`, or of all where there are none. `told` is what it said
    a moment ago.

    Raises NotFound (`file-not-found` with names like it, ...), Refused, Unavailable, Damaged.
    """
    return _Learning(hub, disk, revision, names, told).run()


class _Learning:
    def __init__(
        self, hub: HubApi, disk: Disk, revision: str, names: Sequence[str], told: Resolved | None = None
    ) -> None:
        self._hub = hub
        self._disk = disk
        self._revision = revision
        self._names = tuple(names)
        self._commit = revision if is_commit(revision) else told.commit if told is not None else None
        self._single = told if told is not None and told.file is not None else None

    def run(self) -> Known:
        if self._commit is not None and (kept := _kept(self._disk, self._commit)) is not None:
            return kept
        if len(self._names) == 1:
            known = self._one_file()
            if known is not None:
                return known
        commit = self._commit or self._asked_commit()
        kept = _kept(self._disk, commit)
        if kept is not None:
            return kept
        return (self._by_names(commit) if self._names else None) or self._whole(commit)

    def _one_file(self) -> Known | None:
        """A file is known by one question; None where that leads nowhere, or it is a folder."""
        found = self._single
        if found is None:
            with suppress(NotFound):
                found = self._resolved(self._names[0])
        if found is None or found.file is None or found.file.path != self._names[0]:
            return None
        return _kept(self._disk, found.commit) or Known(found.commit, (found.file,), complete=False)

    def _resolved(self, name: str) -> Resolved | None:
        """None as well where the endpoint does not carry the question; if all of it is refused, others will say so."""
        try:
            return self._hub.resolved(self._revision if self._commit is None else self._commit, name)
        except (Refused, Unavailable) as failure:
            if failure.finding.reference not in _NO_SUCH_CALL:
                raise
            return None

    def _asked_commit(self) -> str:
        try:
            return self._hub.info(self._revision).commit
        except HfpushError as failure:
            if not self._names or failure.finding.reference not in _NO_SUCH_CALL:
                raise
            found = self._resolved(self._names[0])  # a mirror of files alone
            if found is None:
                raise
            return found.commit

    def _by_names(self, commit: str) -> Known | None:
        """The files by their names; None where that takes the list: for folders, or at an endpoint without the call."""
        try:
            found, folders = self._hub.named(commit, self._names)
        except HfpushError as failure:
            if failure.finding.reference not in _NO_SUCH_CALL:
                raise
            return None
        if folders:
            return None
        there = {file.path for file in found}
        missing = [name for name in self._names if name not in there]
        if not missing:
            return Known.of(commit, found, complete=False)
        listed = list(islice(self._hub.files(commit), _MOST_COMPARED + 1))
        paths = [file.path for file in listed]
        if any(path.startswith(f"{name.rstrip('/')}/") for name in missing for path in paths):
            return None
        if len(listed) <= _MOST_COMPARED:
            return Known.of(commit, listed)  # select says what is missing, and what is like it
        select([path for path in paths if path not in missing], missing)
        return None

    def _whole(self, commit: str) -> Known:
        try:
            return Known.of(commit, list(self._hub.files(commit)))
        except HfpushError as failure:
            if failure.finding.reference == "tree-unreadable":
                self._check_gate()
            if not self._names or failure.finding.reference not in _NO_SUCH_CALL:
                raise
            known = self._each(commit)
            if known is None:
                raise
            return known

    def _check_gate(self) -> None:
        """The list of a gated repository is public, but not the digests in it."""
        try:
            self._hub.check_access()
        except HfpushError as denied:
            if denied.finding.reference in ("repo-gated", "token-missing", "token-refused"):
                raise

    def _each(self, commit: str) -> Known | None:
        """The files one by one, at an endpoint that has no list of them."""
        files = []
        for name in self._names:
            found = self._hub.resolved(commit, name)
            if found is None or found.file is None or found.commit != commit:
                return None
            files.append(found.file)
        return Known(commit, tuple(files), complete=False)


def _kept(disk: Disk, commit: str) -> Known | None:
    kept = disk.tree(commit)
    return None if kept is None else Known(commit, tuple(kept), kept=True)
