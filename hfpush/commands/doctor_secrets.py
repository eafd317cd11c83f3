"""Tokens of the Hub in what is to be pushed, which the Hub refuses: where they stand, never what they are."""

from __future__ import annotations

import re
import threading
import time
from contextlib import suppress

from hfpush.errors import HfpushError
from hfpush.repo.repository import Repository
from hfpush.repo.rules import shown
from hfpush.repo.scope import Scope

_PATTERN = "hf_[A-Za-z]{34}"
_TOKEN = re.compile(rb"(?<![A-Za-z0-9_])hf_[A-Za-z]{34}(?![A-Za-z0-9])")
_LEAST_LETTERS = 12  # different ones; texts that only stand for a token (hf_xxxx...) have few
_MOST_LINE = 100_000
_MOST_FOUND = 5


def tokens_in(repository: Repository, scope: Scope, until: float) -> tuple[str, ...]:
    """`path, in the commit ...` for each of the first files of text that a commit of the scope puts a token in. What
    cannot be looked through by `until` (of time.monotonic) is left out."""
    revisions = [*dict.fromkeys(scope.tips.values()), "--not", *scope.known]
    how = ("-p", "-U0", "--no-color", "--no-ext-diff", "--no-textconv", "--no-renames", "--format=%x00%H")
    found: dict[str, None] = {}
    with suppress(HfpushError), repository.git.running("log", *how, f"-G{_PATTERN}", *revisions, "--") as process:
        timer = threading.Timer(max(0.0, until - time.monotonic()), process.kill)
        timer.daemon = True
        timer.start()
        assert process.stdout is not None
        commit = path = ""
        while len(found) < _MOST_FOUND and (line := process.stdout.readline(_MOST_LINE)):
            if line.startswith(b"\0"):
                commit = line[1:11].decode("ascii", "replace")
            elif line.startswith(b"+++ "):
                path = line[4:].rstrip(b"\n").removesuffix(b"\t").removeprefix(b"b/").decode("utf-8", "surrogateescape")
            elif line.startswith(b"+") and any(len(set(one)) >= _LEAST_LETTERS for one in _TOKEN.findall(line)):
                found[f"{shown(path)}, in the commit {commit}"] = None
        timer.cancel()
        process.kill()
    return tuple(found)
