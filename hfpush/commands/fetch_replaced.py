"""Files of a folder that somebody had made or changed, and that a fetch has replaced: that is told afterwards. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from hfpush.findings import Finding
from hfpush.receive.means import Outcome
from hfpush.receive.plan import Plan, Step
from hfpush.units import count

_SHOWN = 8


def replaceable(plan: Plan) -> tuple[str, ...]:
    """The paths where something else stands, or may turn out to stand."""
    return tuple(path for step in plan.steps for path in _others(step))


def _others(step: Step) -> tuple[str, ...]:
    if step.action == "place":  # each gets a copy of the one that is right
        return tuple(path for path in step.paths if path not in step.placed)
    return (*step.replaced, *step.unproven)


def replaced_note(own: Collection[str], outcomes: Iterable[Outcome]) -> tuple[Finding, ...]:
    """What to tell of the files that were somebody's `own` before the fetch."""
    proven = [path for one in outcomes if one.how == "kept" for path in one.step.unproven]
    gone = [path for one in outcomes for path in _others(one.step) if path in own and path not in proven]
    if not gone:
        return ()
    message = f"{count(len(gone), 'file')} of the folder had been changed here, or had not come from the Hub; replaced."
    seen = [repr(path) for path in sorted(gone)[:_SHOWN]]
    seen += [f"and {count(len(gone) - _SHOWN, 'other')}"] if len(gone) > _SHOWN else []
    remedy = ("next time, see them first with --dry-run, and leave them out with --exclude",)
    return (Finding("files-replaced", message, tuple(seen), remedy, "note"),)
