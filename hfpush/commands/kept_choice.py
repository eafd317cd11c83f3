"""The endpoint that was found best, kept for ten minutes in the state folder, so that not every run measures again."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Sequence
from pathlib import Path

from hfpush.commands.outlet import Outlet
from hfpush.commands.probes import Asked
from hfpush.disk.atomic import write_text
from hfpush.errors import LocalTrouble

KEPT_SECONDS = 600.0
_MOST = 32
_VERSION = 1


class KeptChoice:
    """The choice for one operation among these candidates, as far as it is kept. A file that cannot be read or written
    costs a measurement, and nothing else."""

    def __init__(self, state_dir: Path, asked: Asked, outlets: Sequence[Outlet]) -> None:
        self._file = state_dir / "endpoints" / "choice.json"
        self._key = key_of(asked, outlets)

    def name(self) -> str | None:
        """The name of the endpoint that was chosen in the last ten minutes, if one was."""
        entry = self._read().get(self._key)
        return entry[0] if entry is not None else None

    def keep(self, name: str) -> None:
        """Note that this endpoint was chosen just now."""
        entries = {**self._read(), self._key: (name, time.time())}
        self._write(dict(sorted(entries.items(), key=lambda item: -item[1][1])[:_MOST]))

    def forget(self) -> None:
        """Have it measured again."""
        entries = self._read()
        if entries.pop(self._key, None) is not None:
            self._write(entries)

    def _read(self) -> dict[str, tuple[str, float]]:
        """What is kept and fresh."""
        try:
            data = json.loads(self._file.read_bytes())
            if data["version"] != _VERSION:
                return {}
            entries = {str(key): (str(name), float(at)) for key, (name, at) in data["choices"].items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
            return {}  # not there, or not as we write it
        now = time.time()
        return {key: entry for key, entry in entries.items() if 0 <= now - entry[1] < KEPT_SECONDS}

    def _write(self, entries: dict[str, tuple[str, float]]) -> None:
        try:
            write_text(self._file, json.dumps({"version": _VERSION, "choices": entries}), self._file.parent)
        except LocalTrouble:
            return  # a publish says so where it matters


def key_of(asked: Asked, outlets: Sequence[Outlet]) -> str:
    """What the choice depends on, as one name: the operation, the candidates, and how each is reached. No secret goes
    into it."""
    facts = [asked.operation, asked.repo_id, asked.repo_type, os.environ.get("NO_PROXY"), os.environ.get("no_proxy")]
    for outlet in outlets:
        routes = outlet.network.routes
        route = "" if routes is None else routes.route(outlet.endpoint.url).shown
        facts += [outlet.endpoint.name, outlet.endpoint.url, route, outlet.network.ca_bundle, str(bool(outlet.token))]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:32]
