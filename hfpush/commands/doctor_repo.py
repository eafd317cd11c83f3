"""The repository that doctor is asked about: its state, and what other parts of hfpush find wrong with it.

Reads only, and asks no server. All of it keeps to the seconds that it is given.
"""

from __future__ import annotations

import time
from pathlib import Path

from hfpush.commands.audit import remotes_of
from hfpush.diagnose.facts.asked import Question
from hfpush.diagnose.facts.repository import Repository as Known
from hfpush.errors import HfpushError, Misuse
from hfpush.findings import Finding
from hfpush.net.redact import redact
from hfpush.repo.config_addresses import without_user
from hfpush.repo.repository import Repository


def read_repository(path: Path | None, question: Question, seconds: float) -> tuple[Known, tuple[Finding, ...]]:
    """What is known of the repository around `path`, and findings about it. Raises nothing that is wrong with it."""
    began = time.monotonic()
    if path is None:
        return Known(), ()
    try:
        repository = Repository.around(path)
    except Misuse:
        return Known(seconds=time.monotonic() - began), ()
    except HfpushError as error:
        return Known("broken", str(path), seconds=time.monotonic() - began), (error.finding,)
    remotes = remotes_of(repository)
    known = Known(
        state="bare" if repository.root is None else "repository",
        root=str(repository.root or repository.git_dir),
        branch=repository.branch or "",
        remotes=tuple(redact(without_user(url)) for _, url in remotes),
        seconds=time.monotonic() - began,
    )
    return known, ()
