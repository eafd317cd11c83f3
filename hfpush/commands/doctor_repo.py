"""The repository that doctor is asked about: its state, and what other parts of hfpush find wrong with it.

Reads only, and asks no server. All of it keeps to the seconds that it is given; what takes longer is cut short, and the
facts say so.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from hfpush.commands.audit import remotes_of
from hfpush.commands.doctor_config import Configured, endpoint_of, read_configured
from hfpush.commands.doctor_files import Files, glance_at_files, look_at_files
from hfpush.commands.doctor_history import Looked, is_crowded, look_at_history, outgoing_scope
from hfpush.commands.doctor_secrets import tokens_in
from hfpush.diagnose.facts.asked import Question
from hfpush.diagnose.facts.repository import Repository as Known
from hfpush.diagnose.side_by_side import Asking
from hfpush.errors import HfpushError, Misuse
from hfpush.findings import Finding
from hfpush.net.redact import redact
from hfpush.repo.audit.remotes import hub_remotes
from hfpush.repo.config_addresses import without_user
from hfpush.repo.repository import Repository

_HASH_BYTES, _HASH_BYTES_OFFLINE = 512 * 2**20, 8 * 2**20
_FILES_SHARE = 0.5


def read_repository(path: Path | None, question: Question, seconds: float) -> tuple[Known, tuple[Finding, ...]]:
    """What is known of the repository around `path`, and findings about it. Raises nothing that is wrong with it."""
    began = time.monotonic()
    if path is None:
        return Known(), ()
    try:
        repository = Repository.around(path)
        remotes = remotes_of(repository)
    except Misuse:
        return Known(seconds=time.monotonic() - began), ()
    except HfpushError as error:
        return Known("broken", str(path), seconds=time.monotonic() - began), (error.finding,)
    known, findings = _Reading(repository, question, remotes, began + seconds).all()
    return replace(known, seconds=time.monotonic() - began), findings


class _Reading:
    def __init__(
        self, repository: Repository, question: Question, remotes: Sequence[tuple[str, str]], until: float
    ) -> None:
        self.repository, self.question, self.remotes, self.until = repository, question, remotes, until
        self.endpoint = endpoint_of(question)
        self.hubs = sorted(hub_remotes(remotes, self.endpoint))
        self.connected = bool(self.hubs or question.repo_id)
        self._crowded = question.offline and is_crowded(repository)

    def all(self) -> tuple[Known, tuple[Finding, ...]]:
        publishes = self.question.purpose != "fetch"
        config = Asking(lambda: read_configured(self.repository, self.question, self.remotes))
        files = Asking(self._files)
        history = Asking(self._history) if publishes and (self.connected or not self.question.offline) else None
        tokens = Asking(self._tokens) if publishes and self.connected else None
        tracked = self._tracked()
        configured = config.wait(self.until) or Configured()
        seen = files.wait(self.until) or Files()
        why = "it is asked for a fetch" if not publishes else "nothing says that it goes to the Hub"
        looked = Looked(why=why) if history is None else history.wait(self.until) or Looked(why="it takes too long")
        found = None if tokens is None else tokens.wait(self.until)
        told = looked.findings if self.connected else tuple(replace(one, severity="note") for one in looked.findings)
        return self._known(configured, seen, looked, found or (), tracked), (*configured.findings, *told)

    def _files(self) -> Files:
        offline = self.question.offline
        if self.repository.root is not None and self._crowded:
            return glance_at_files(self.repository)
        share = 1.0 if offline else _FILES_SHARE
        until = time.monotonic() + (self.until - time.monotonic()) * share
        return look_at_files(self.repository, until, _HASH_BYTES_OFFLINE if offline else _HASH_BYTES)

    def _history(self) -> Looked:
        return look_at_history(
            self.repository,
            self.endpoint,
            self.remotes,
            repo_type=self.question.repo_type,
            place=str(self.repository.root or self.repository.git_dir),
            until=self.until,
            hasty=self.question.offline,
            crowded=self._crowded,
        )

    def _tokens(self) -> tuple[str, ...]:
        try:
            if self._crowded:
                return ()
            scope = outgoing_scope(self.repository, self.endpoint, self.remotes)
        except HfpushError:
            return ()  # the history's finding says it
        return tokens_in(self.repository, scope, self.until) if scope.tips else ()

    def _tracked(self) -> tuple[str, ...]:
        if not self.hubs:
            return ()
        patterns = [f"refs/remotes/{name}/" for name in self.hubs]
        try:
            listed = self.repository.git.line("for-each-ref", "--count=200", "--format=%(objectname)", *patterns)
        except HfpushError:
            return ()
        return tuple(dict.fromkeys(listed.split()))

    def _known(
        self, config: Configured, files: Files, looked: Looked, tokens: tuple[str, ...], tracked: tuple[str, ...]
    ) -> Known:
        repository = self.repository
        urls = tuple(url for _, url in self.remotes)
        return Known(
            state="bare" if repository.root is None else "repository",
            root=str(repository.root or repository.git_dir),
            branch=repository.branch or "",
            remotes=tuple(redact(without_user(url)) for url in urls),
            ssh=any(_is_ssh(url) for url in urls),
            lfs_hook=(config.hook in ("git-lfs", "hfpush") and not config.hook_idle) if config.hooks_path else None,
            hook_idle=config.hook_idle,
            hooks_path=config.hooks_path,
            largest_lfs=files.largest,
            lfs_files=files.count,
            submodules=files.submodules,
            multipart=config.multipart,
            connected=self.connected,
            managed=repository.managed,
            partial=repository.partial,
            lfs_filter=config.filter,
            hook_by=config.hook,
            unpushed=looked.unpushed,
            looked=looked.looked,
            why=looked.why,
            texts=tuple(files.texts),
            text_count=files.text_count,
            text_bytes=files.text_bytes,
            corrupt=tuple(files.corrupt),
            hashed=files.hashed,
            tokens=tokens,
            tracked=tracked,
            unpushed_submodules=tuple(files.unpushed_submodules),
        )


def _is_ssh(url: str) -> bool:
    scheme, mark, _ = url.partition("://")
    return scheme in ("ssh", "git+ssh") if mark else ":" in url.partition("/")[0]
