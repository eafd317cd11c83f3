"""What a verify tells: a finding for each kind of trouble in a repository, with the command that mends it. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from hfpush import units
from hfpush.commands.verify_found import OURS, WRONG, CacheRepo, Sighting, State
from hfpush.commands.verify_report import VerifyRequest
from hfpush.findings import Finding, Severity
from hfpush.hub.tree import TreeFile

_SHOWN = 8


class _Kind(NamedTuple):
    """How files in a state are told: of one, and of several."""

    state: State
    severity: Severity
    one: str
    many: str


_WORDS = {
    "file-damaged": _Kind("damaged", "error", "is not what the repository lists", "are not what the repository lists"),
    "file-missing": _Kind("missing", "error", "was here and is gone", "were here and are gone"),
    "file-misplaced": _Kind(
        "misplaced", "error", "has something else in its place", "have something else in their place"
    ),
    "file-unreadable": _Kind("unreadable", "error", "cannot be read", "cannot be read"),
    "file-changing": _Kind("changing", "warning", "changes while it is read", "change while they are read"),
    "file-unjudged": _Kind("unjudged", "note", "cannot be judged", "cannot be judged"),
    "file-unlisted": _Kind(
        "unlisted", "note", "is not in the list of its commit", "are not in the list of their commit"
    ),
}


def told(name: str, found: Sequence[Sighting], command: str | None) -> tuple[Finding, ...]:
    """A finding for each state but `fine`, for the repository or folder `name`; `command` repairs what is wrong."""
    findings = (_told(reference, name, found, command) for reference in _WORDS)
    return tuple(finding for finding in findings if finding is not None)


def _told(reference: str, name: str, found: Sequence[Sighting], command: str | None) -> Finding | None:
    kind = _WORDS[reference]
    those = [each for each in found if each.state == kind.state]
    if not those:
        return None
    message = f"{units.count(len(those), 'file')} of {name} {kind.one if len(those) == 1 else kind.many}."
    remedy = (command,) if command is not None and kind.state in WRONG else ()
    return Finding(reference, message, _evidence(those), remedy, kind.severity)


def asides(repo: CacheRepo, absent: Mapping[str, Sequence[TreeFile]]) -> tuple[Finding, ...]:
    """Notes on what is no fault: files never fetched, refs to absent snapshots, drafts."""
    findings = []
    for commit, files in absent.items():
        size = units.size(sum(file.size for file in files))
        message = (
            f"{units.count(len(files), 'file')} of {repo} at {commit[:10]} were never fetched; the others are here."
        )
        findings.append(Finding("snapshot-partial", message, (f"{size} in all",), severity="note"))
    dangling = [f"{name} stands for {commit}" for name, commit in repo.refs.items() if commit not in repo.snapshots]
    if dangling:
        message = f"{repo} has names for commits of which nothing is here; whoever asks for them offline finds nothing."
        findings.append(Finding("ref-dangling", message, _some(dangling), severity="note"))
    if repo.drafts:
        size = units.size(sum(repo.drafts.values()))
        message = f"{repo} has {units.count(len(repo.drafts), 'unfinished download')}: {size} of the disk."
        largest = sorted(repo.drafts.items(), key=lambda item: (-item[1], item[0]))
        seen = _some([f"{name}: {units.size(size)}" for name, size in largest])
        remedy = ("a fetch of the same files goes on with them", *_removals(repo))
        findings.append(Finding("drafts-left", message, seen, remedy, "note"))
    return tuple(findings)


def _removals(repo: CacheRepo) -> list[str]:
    """The commands that remove what is unfinished, once nobody fetches it and nobody wants it any more."""
    ours, theirs = str(repo.folder / OURS), str(repo.folder / "blobs")
    commands = []
    if any(name.startswith(f"{OURS}/") for name in repo.drafts):
        commands.append(shlex.join(["rm", "-r", ours]))
    if any(name.startswith("blobs/") for name in repo.drafts):
        commands.append(shlex.join(["find", theirs, "-name", "*.incomplete", "-delete"]))
    return [f"if nobody wants them, and no fetch runs: {command}" for command in commands]


def unlisted_finding(name: str, why: Finding) -> Finding:
    """The note that no list of files could be had."""
    message = f"The Hub could not be asked which files {name} has; each blob was compared with its own name."
    return Finding("list-unknown", message, (f"{why.reference}: {why.message}", *why.evidence), severity="note")


def repair_command(request: VerifyRequest, repo_type: str, repo_id: str) -> str:
    """The command that repairs one repository of a verify."""
    return shlex.join([*_words(request, repo_type, repo_id), "--repair"])


def confirmed_command(request: VerifyRequest, repo_type: str, repo_id: str) -> str:
    """The command that repairs a folder without asking."""
    return shlex.join([*_words(request, repo_type, repo_id), "--repair", "--yes"])


def _words(request: VerifyRequest, repo_type: str, repo_id: str) -> list[str]:
    words = ["hfpush", "verify", repo_id or "OWNER/NAME"]
    if repo_type not in ("", "model"):
        words += ["--type", repo_type]
    if request.revision is not None:
        words += ["--revision", request.revision]
    if request.cache_dir is not None:
        words += ["--cache-dir", str(request.cache_dir)]
    if request.local_dir is not None:
        words += ["--local-dir", str(request.local_dir)]
    for endpoint in request.endpoint:
        words += ["--endpoint", endpoint]
    return words


def _evidence(those: Sequence[Sighting]) -> tuple[str, ...]:
    lines = []
    for one in sorted(those, key=lambda each: (each.path, each.commit)):
        at = f" at {one.commit[:10]}" if one.commit else ""
        edited = "; it was changed after it came" if one.edited else ""
        lines.append(f"{one.path!r}{at}{': ' if one.seen else ''}{one.seen}{edited}")
    return _some(lines)


def _some(lines: Sequence[str]) -> tuple[str, ...]:
    more = len(lines) - _SHOWN
    return (*lines[:_SHOWN], f"and {units.count(more, 'other')}") if more > 0 else tuple(lines)
