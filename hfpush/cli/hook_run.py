"""`hfpush hook run`: what the hooks start when there is something to say or to send. git gives the arguments."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from hfpush import units
from hfpush.cli import render
from hfpush.cli.guard import guarded
from hfpush.cli.options import settings_of
from hfpush.cli.progress import Progressing
from hfpush.commands.hook_push import PrePushReport, PrePushRequest, pre_push
from hfpush.commands.hook_staged import check_staged
from hfpush.errors import Unavailable
from hfpush.repo.hooks.pushed import parse_pushed
from hfpush.transfer.observe import How


@guarded
def run_pre_commit() -> None:
    """Judge what is staged."""
    index = os.environ.get("GIT_INDEX_FILE")
    check_staged(Path("."), Path(index).absolute() if index else None)


@guarded
def run_pre_push(
    remote: Annotated[str, typer.Argument(metavar="REMOTE")], url: Annotated[str, typer.Argument(metavar="URL")]
) -> None:
    """Judge what is pushed; bring its LFS objects to the Hub."""
    refs = parse_pushed(os.fsdecode(sys.stdin.buffer.read()))
    settings, token = settings_of({})
    request = PrePushRequest(
        path=Path("."),
        remote=remote,
        url=url,
        refs=refs,
        endpoint=settings.endpoint,
        state_dir=settings.state_dir,
        token=token,
        jobs=settings.jobs,
        attempts=settings.attempts,
        patience=settings.patience,
        ca_bundle=settings.ca_bundle,
    )
    with Progressing("sending") as progress:
        report = pre_push(request, _Watch(progress))
    for line in push_lines(report):
        render.say(line)


def push_lines(report: PrePushReport) -> list[str]:
    """What a pre-push hook did, if there is anything to say. Pure."""
    sent = report.upload
    if sent is None or not (sent.sent or sent.resumed):
        return []
    files = units.count(len(sent.sent) + len(sent.resumed), "large file")
    return [f"hfpush sent {files}, {units.size(sent.bytes_sent)} on the wire"]


class _Watch:
    """Turns an upload's events into bars."""

    def __init__(self, progress: Progressing) -> None:
        self._progress = progress

    def stage(self, text: str) -> None:
        self._progress.stage(text)

    def hashed(self, count: int) -> None:
        self._progress.read(count)

    def started(self, oid: str, name: str, size: int, already: int) -> None:
        self._progress.started(oid, name, size, already)

    def moved(self, oid: str, count: int) -> None:
        self._progress.moved(oid, count)

    def finished(self, oid: str, how: How) -> None:
        self._progress.finished(oid)

    def waiting(self, seconds: float, why: Unavailable) -> None:
        self._progress.waiting(seconds, why.finding)
