"""What a mending has to say besides its refusals: what it leaves, what is published, what is missing. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from hfpush import units
from hfpush.findings import Finding, Severity
from hfpush.repo.rewrite.values import Offence, Unmended
from hfpush.repo.rules import shown

_SHOWN = 10


def interrupted_finding(place: str, so_what: str, *, severity: Severity = "error") -> Finding:
    """The finding for a fix that was cut off in the middle. `so_what` says what follows from it, as the end of a
    sentence."""
    where = "" if place == "." else f" {shlex.quote(place)}"
    return Finding(
        "fix-interrupted",
        f"An earlier fix was interrupted here{so_what}.",
        remedy=(f"hfpush fix --continue{where}", f"or hfpush fix --undo{where}"),
        severity=severity,
    )


def published_finding(place: str, paths: Sequence[str], commits: int, *, severity: Severity = "error") -> Finding:
    """The finding for files in commits that a remote has: an error where nothing else is to be mended, a warning where
    they stay while others are. `commits` is how many would get new ids, 0 if not known."""
    where = shlex.quote(place)
    many = f"; {units.count(commits, 'published commit')} would get new ids" if commits else ""
    return Finding(
        "fix-published",
        f"The commits with these files are on a remote already, so others may have them{many}.",
        evidence=some([shown(path) for path in dict.fromkeys(paths)]),
        remedy=(
            f"hfpush publish {where} --rewrite, which publishes a mended history and leaves your branches as they are",
            f"hfpush fix {where} --rewrite-published: then the push there has to be forced, and everyone who cloned "
            "has to clone again",
        ),
        severity=severity,
    )


def forced_finding(commits: int) -> Finding:
    """The warning that published commits get new ids."""
    return Finding(
        "fix-published",
        f"{units.count(commits, 'commit')} that a remote has will be replaced: the push there has to be forced, and "
        "everyone who cloned has to clone again.",
        remedy=("git push --force-with-lease, for each branch, when all who work on it know",),
        severity="warning",
    )


def left_findings(left: Sequence[Unmended]) -> tuple[Finding, ...]:
    """The finding for what no rewrite mends; none where there is nothing."""
    if not left:
        return ()
    lines = [f"{_where(one.offence)}: {one.reason}" for one in left]
    return (
        Finding(
            "fix-left",
            "The Hub refuses these files, and moving them to LFS is no way out.",
            evidence=some(lines),
            remedy=(
                "make each file smaller, or leave it out, in the commit that is named, with git rebase --interactive",
            ),
        ),
    )


def card_finding() -> Finding:
    """The warning that the README goes to LFS."""
    return Finding(
        "card-in-lfs",
        "README.md is so large that it goes to LFS, and the Hub shows no model card that is in LFS.",
        remedy=("make README.md smaller, and commit it",),
        severity="warning",
    )


def stash_finding() -> Finding:
    """The note that stashes are left as they are."""
    return Finding(
        "fix-stash",
        "Stashed changes stay as they are, on the old history; they can still be applied.",
        remedy=("git stash pop, before or after",),
        severity="note",
    )


def converted_finding(place: str, paths: Sequence[str], *, filtered: bool) -> Finding:
    """The warning for files whose objects have other bytes than they. `filtered` says that git has an LFS filter."""
    git = f"git -C {shlex.quote(place)}"
    names = shlex.join("".join(one if one.isprintable() else "?" for one in path) for path in paths)
    ready = "" if filtered else f"hfpush lfs install --local {shlex.quote(place)} && "
    return Finding(
        "fix-converted",
        "git converted these files when it checked them out (line ends, encoding, keywords). LFS converts nothing, so "
        "the fix leaves them as they are, and git calls them modified after it until you choose:",
        evidence=some([shown(path) for path in paths]),
        remedy=(
            f"{ready}{git} checkout -- {names}, which puts the committed bytes in their place",
            f"or {ready}{git} add -- {names} && {git} commit, which commits the bytes as they are here",
        ),
        severity="warning",
    )


def filter_finding(place: str) -> Finding:
    """The warning that git has no filter for LFS files here."""
    return Finding(
        "lfs-filter-missing",
        "git has no LFS filter here: it will take a large file that you change or add for a plain one.",
        remedy=(f"hfpush lfs install --local {shlex.quote(place)}", "or git lfs install, where git-lfs is installed"),
        severity="warning",
    )


def unconfirmed(command: Sequence[str]) -> Finding:
    """The finding for a fix that nobody can be asked about."""
    return Finding(
        "fix-unconfirmed",
        "History is only changed when somebody says so, and there is no terminal to ask on.",
        remedy=(shlex.join(command),),
    )


def some(lines: Sequence[str]) -> tuple[str, ...]:
    """The first few lines, and how many more there are."""
    more = (f"and {len(lines) - _SHOWN:,} more",) if len(lines) > _SHOWN else ()
    return (*lines[:_SHOWN], *more)


def _where(offence: Offence) -> str:
    since = f", since commit {offence.commit[:10]}" if offence.commit else ""
    return f"{shown(offence.path)}: {units.size(offence.size)}{since}"
