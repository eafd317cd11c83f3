"""Machines, networks and repositories that ail: what is staged, what doctor must say first, and what cures it.

Each file of support/ailments/ has ROWS of one kind. tests/scenarios/test_doctor_*.py runs them, not all of them each
time (see `rows`); bench/doctor.py runs all, and makes the table of what was staged and what was told.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any

import pytest
from support.pushes import Pushes
from support.stage import Ended, Stage, why_not

from hfpush.localhub import LocalHub

HFPUSH = (sys.executable, "-m", "hfpush")
SECONDS = 40.0
"""Longer than doctor may take, so that one that is late is seen to be late."""
HOPELESS_SECONDS = 8.0
"""How long an operation that cannot work is waited for: the same one takes a second or two after the cure."""
MOST_SECONDS, MOST_SECONDS_WELL = 20.0, 3.0
"""How long doctor may take, at all and where all is well."""


@dataclass(frozen=True)
class Told:
    """How commands are run there: words before them, their environment beside the usual, arguments for doctor, and the
    folder that they are run in (None: the room's)."""

    wrap: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    arguments: tuple[str, ...] = ()
    cwd: Path | None = None


class Room:
    """A context manager: a place for one case. The stage, its Hub and a repository are made when they are first asked
    for; a case that needs no network asks for none of them."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.patience = SECONDS
        """How long a command may take that nobody says more about; then it is stopped, and its code is None."""
        self._stack = ExitStack()
        self._token: dict[str, str] = {}

    def __enter__(self) -> Room:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    @cached_property
    def stage(self) -> Stage:
        """A client and a world. Skips the test where the machine allows none."""
        reason = why_not()
        if reason is not None:
            pytest.skip(reason)
        return self._stack.enter_context(Stage(self.place))

    def hub(self, *faults: Any, **config: Any) -> LocalHub:
        """The stage's Hub, once; it is trusted, and its token is in HF_TOKEN."""
        hub = self.stage.hub(*faults, **config)
        self._token = {"HF_TOKEN": hub.token}
        settings = self.place / "config/hfpush"
        settings.mkdir(parents=True)
        (settings / "endpoints.yaml").write_text(
            "endpoints:\n  hf-test:\n    url: https://hf.test\n    kind: hub\n    trusted: true\n"
        )
        return hub

    def enter(self, what: Any) -> Any:
        """Enter a context manager for as long as the room is there."""
        return self._stack.enter_context(what)

    def pushes(self, hub: LocalHub, **more: Any) -> Pushes:
        """A repository with a remote at the Hub, and stock git in it."""
        return Pushes(self.stage, hub, self.place, **more)

    def run(self, told: Told, *words: str, seconds: float | None = None) -> Ended:
        """Run any command as `told`: on the client, or right here where the case has asked for no stage. It may take
        `seconds`, or as long as the room's patience lasts."""
        seconds = self.patience if seconds is None else seconds
        command, cwd = [*told.wrap, *words], told.cwd or self.place
        environment = {**self.environment, **told.environment}
        if "stage" in self.__dict__:
            return self.stage.run(command, cwd=cwd, seconds=seconds, environment=environment)
        began = time.monotonic()
        try:
            done: Any = subprocess.run(
                command, cwd=cwd, env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds
            )
            code = done.returncode
        except subprocess.TimeoutExpired as late:
            done, code = late, None
        out, err = ((text or b"").decode("utf-8", "replace") for text in (done.stdout, done.stderr))
        return Ended(code, out, err, time.monotonic() - began)

    def doctor(self, told: Told, *more: str) -> Ended:
        """`hfpush doctor --json` there."""
        return self.run(told, *HFPUSH, "doctor", "--json", *told.arguments, *more)

    @property
    def environment(self) -> dict[str, str]:
        """What a command on the client has, beside what its row says: this process's, with the stage's Hub as the
        endpoint."""
        return {
            **os.environ,
            "HF_ENDPOINT": "https://hf.test",
            "HFPUSH_STATE_DIR": str(self.place / "state"),
            "HF_HOME": str(self.place / "hf"),
            "XDG_CONFIG_HOME": str(self.place / "config"),
            **self._token,
        }


@dataclass(frozen=True)
class Ailment:
    """One case. `reference` is what doctor must name first; None for a healthy one, in which it must find no error and
    no warning. `cure` does what the finding's remedy says, as it says it, and returns how the operation that failed is
    told to run then; `works` is that operation, which must fail before the cure and succeed after it."""

    name: str
    reference: str | None
    stage: Callable[[Room], Told]
    cure: Callable[[Room, Told, dict[str, Any]], Told] | None = None
    works: Callable[[Room, Told], Ended] | None = None
    needs: tuple[str, ...] = ()
    quick: bool = False
    """It runs with the quick tests; the others run with the slow ones, or are rare."""
    rare: bool = False
    """Only bench/doctor.py runs it: it costs more than it tells, or another file has its reference."""
    most_seconds: float = MOST_SECONDS_WELL
    """How long doctor may take where all is well; longer where the network alone takes longer."""


def rows(ailments: Sequence[Ailment]) -> list[Any]:
    """What `parametrize` takes: each row with its name, what it needs, and when it runs.

    With the slow tests run the healthy rows and, of each reference, the first row that has a cure, but for those that
    say that they are rare. The others are rare as well: they tell how often doctor is right, and seldom that something
    broke.
    """
    cured = [one for one in ailments if not one.rare and one.cure is not None]
    chosen = {one.reference: one for one in reversed(cured)}
    params = []
    for one in ailments:
        slow = one is chosen.get(one.reference) or (one.reference is None and not one.rare)
        when = [] if one.quick else [pytest.mark.slow if slow else pytest.mark.rare]
        params.append(pytest.param(one, id=one.name, marks=[pytest.mark.needs(*one.needs), *when]))
    return params


def first(ended: Ended) -> str | None:
    """The reference of the first finding of a report, None where there is none."""
    found = ended.document["findings"]
    return found[0]["reference"] if found else None


Record = Callable[[str, object], None]
"""What `record_property` of pytest is."""


def told_rightly(ailment: Ailment, place: Path, record: Record) -> None:
    """Stage it, ask doctor, hold what it says against what was staged, and record it for bench/doctor.py.

    With a cure: what failed before it works after it.
    """
    with Room(place) as room:
        told = ailment.stage(room)
        record("case", ailment.name)
        record("staged", ailment.reference or "")
        said = room.doctor(told)
        assert said.out.startswith("{"), said.text
        assert "findings" in said.document, said.text
        findings = said.document["findings"]
        record("told", ",".join(f"{one['severity']}:{one['reference']}" for one in findings))
        record("seconds", round(said.document["seconds"], 2))
        bad = [one for one in findings if one["severity"] != "note"]
        if ailment.reference is None:
            assert bad == [], said.text
            assert said.code == 0
            assert said.document["seconds"] < ailment.most_seconds
        else:
            assert first(said) == ailment.reference, said.text
        assert said.document["seconds"] < MOST_SECONDS
        assert "Traceback" not in said.err
        if ailment.cure is not None and ailment.works is not None:
            room.patience = HOPELESS_SECONDS
            assert ailment.works(room, told).code != 0, "it failed before the cure"
            room.patience = SECONDS
            cured = ailment.cure(room, told, findings[0])
            done = ailment.works(room, cured)
            assert done.code == 0, done.text
