"""What a fetch does when nobody may be asked, or nobody answers: it uses what is on the disk."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from hfpush.commands.fetch_disk import Disk
from hfpush.commands.fetch_report import FetchRequest
from hfpush.disk.content import Content
from hfpush.errors import HfpushError, NotFound, Unavailable
from hfpush.findings import Finding
from hfpush.net.download import Download
from hfpush.receive.plan import make_plan
from hfpush.receive.select import is_pattern, select


class NoSource:
    """Stands for the Hub when nobody may be asked: for bytes that were on the disk, and turned out to be wrong."""

    name = "this disk"

    def open(self, path: str, content: Content, start: int, stop: int | None = None) -> Download:
        """Raises NotFound (`not-on-disk`)."""
        raise not_here([path])


def has_all(disk: Disk, request: FetchRequest, revision: str) -> bool:
    """Whether the disk alone could answer the request, as far as it knows. Asks nobody."""
    commit = disk.commit_of(revision)
    if commit is None:
        return False
    listed, place = disk.tree(commit), disk.place(commit)
    try:
        if listed is None:
            return bool(chosen_of(request, place.names()))
        usable, _ = disk.usable(listed)
        wanted = set(chosen_of(request, [file.path for file in usable]))
    except NotFound:
        return False
    files = [file for file in usable if file.path in wanted]
    return not make_plan(files, presence=place.presence, drafted=lambda path, content: 0).to_come


def chosen_of(request: FetchRequest, paths: Sequence[str]) -> tuple[str, ...]:
    """Those of the paths that a request means. Raises NotFound."""
    return select(paths, request.files, include=request.include, exclude=request.exclude)


def unlisted(disk: Disk, request: FetchRequest, commit: str, never: str) -> tuple[tuple[str, ...], tuple[Finding, ...]]:
    """What is chosen where there is no list of files: of what there is, which huggingface_hub takes for the whole, too.
    And what is to be told of that. Raises NotFound (`not-on-disk`); `never` says that there is nothing."""
    try:
        chosen = chosen_of(request, disk.place(commit).names())
    except NotFound as error:
        raise not_here(request.files) from error
    if not chosen:
        raise not_here((), never)
    if request.files and not any(map(is_pattern, request.files)):
        return chosen, ()
    message = "These are the files that were fetched before; whether there are more, only the Hub could say."
    return chosen, (Finding("completeness-unknown", message, severity="note"),)


def unasked(failure: Unavailable) -> Finding:
    """The note that nobody answered, and all was here."""
    message = "The Hub could not be asked; these are the files as they were fetched last time."
    return replace(failure.finding, reference="hub-not-asked", message=message, severity="note")


def unread(failure: HfpushError, closed: Path | None) -> HfpushError:
    """The error in place of `failure` where nobody can know that, since we may not read what is `closed`."""
    if closed is None or failure.finding.reference not in ("not-on-disk", "place-unwritable"):
        return failure
    return NotFound.of(
        "not-on-disk",
        "What is on this disk may not be read by us, and the Hub may not be asked.",
        seen=(f"{closed}: no right to read it",),
        to_try=(
            f"see who may: {shlex.join(['ls', '-ld', str(closed)])}; its owner can let you read it",
            "or name a cache of your own with --cache-dir, with the Hub within reach (without HF_HUB_OFFLINE)",
        ),
    )


def not_here(missing: Sequence[str], seen: str = "") -> NotFound:
    """The error that files are not on the disk; `seen` says why, where that is no matter of single files."""
    count = len(missing)
    evidence = [seen] if seen else []
    evidence += [f"not here: {path}" for path in missing[:5]]
    evidence += [f"and {count - 5} more"] if count > 5 else []
    return NotFound.of(
        "not-on-disk",
        "Not everything that was asked for is on this disk, and the Hub may not be asked.",
        seen=tuple(evidence),
        to_try=("run the same command once with the Hub within reach (without HF_HUB_OFFLINE)",),
    )
