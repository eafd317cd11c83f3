"""Lists of files for a verify: the one that is kept on the disk, else the Hub's, where it may and can be asked."""

from __future__ import annotations

import stat
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from hfpush.commands.verify_found import Listing
from hfpush.endpoints import RepoAddress
from hfpush.errors import HfpushError, Unavailable
from hfpush.findings import Finding
from hfpush.hub.tree import TreeFile, Unsafe
from hfpush.hub.tree_cache import is_commit, read_tree, was_complete
from hfpush.settings import Settings

if TYPE_CHECKING:
    from hfpush.hub.api import HubApi

T = TypeVar("T")
_ATTEMPTS = 2


class Asking:
    """The Hub, for the lists of many repositories: once it is out of reach it is not asked again."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._gone: HfpushError | None = None

    @property
    def may(self) -> bool:
        """Whether there is any use in asking."""
        return self._gone is None and not self._settings.offline

    def commit(self, repo: RepoAddress, revision: str) -> str:
        """The commit that a revision stands for. Raises what `gather_party` and HubApi do."""
        return self._with(repo, revision, lambda hub: hub.info(revision).commit)

    def listing(self, repo: RepoAddress, commit: str) -> Listing:
        """The files of a commit. Raises what `gather_party` and HubApi do."""
        return self._with(repo, commit, lambda hub: _listing(hub.files(commit)))

    def _with(self, repo: RepoAddress, revision: str, ask: Callable[[HubApi], T]) -> T:
        if self._gone is not None:
            raise self._gone
        # What speaks with a Hub takes longer to load than most caches to be looked through, and most need no list.
        from hfpush.commands.outlet import noted
        from hfpush.commands.party import gather_party
        from hfpush.commands.probes import Asked
        from hfpush.hub.api import HubApi
        from hfpush.net.http import Http
        from hfpush.net.retry import RetryPolicy

        try:
            asked = Asked("fetch", repo.id, repo.type, revision)
            outlet = gather_party(self._settings, asked, attempts=_ATTEMPTS).believed
            with noted(outlet), Http(outlet.endpoint, outlet.token, network=outlet.network) as http:
                there = replace(repo, endpoint=outlet.endpoint)
                policy = RetryPolicy(attempts=min(_ATTEMPTS, self._settings.attempts))
                return ask(HubApi(http, there, policy=policy, sleep=time.sleep))
        except Unavailable as failure:
            self._gone = failure
            raise


def _listing(files: Iterable[TreeFile | Unsafe]) -> Listing:
    """Names that must not be written to a disk were not fetched, and are not looked for."""
    return Listing({file.path: file for file in files if isinstance(file, TreeFile)})


class Lists:
    """The lists of one repository's commits, whose kept ones are in `folder`/trees. `repo` None: nobody is asked."""

    def __init__(self, folder: Path, repo: RepoAddress | None, asking: Asking) -> None:
        self._folder = folder
        self._repo = repo
        self._asking = asking
        self._known: dict[str, Listing | None] = {}
        self.failure: Finding | None = None

    def kept(self, commit: str) -> Listing | None:
        """The list that is on the disk."""
        with suppress(OSError):
            if is_commit(commit) and stat.S_ISREG((self._folder / "trees" / f"{commit}.json").lstat().st_mode):
                files = read_tree(self._folder, commit)
                if files is not None:
                    return Listing({file.path: file for file in files}, was_complete(self._folder, commit))
        return None

    def at(self, commit: str, *, ask: bool = True) -> Listing | None:
        """The list of a commit; None where it is neither kept nor to be had, for which `failure` is the reason."""
        if self._known.get(commit) is None:
            self._known[commit] = self.kept(commit) or (self._asked(commit) if ask else None)
        return self._known[commit]

    def _asked(self, commit: str) -> Listing | None:
        if self._repo is None or not is_commit(commit) or not self._asking.may:
            return None
        try:
            return self._asking.listing(self._repo, commit)
        except HfpushError as failure:
            self.failure = failure.finding
            return None
