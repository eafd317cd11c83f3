"""A publish on the screen: its stages, its plan, its bars, its report."""

from __future__ import annotations

from hfpush import units
from hfpush.cli import render
from hfpush.cli.progress import Progressing
from hfpush.commands.publish_report import Mended, PublishPlan, PublishReport
from hfpush.errors import Unavailable
from hfpush.net.news import News
from hfpush.transfer.observe import How


class SendingWatch:
    """Shows the sending of objects on stderr: its stages, and bars for its bytes."""

    def __init__(self, progress: Progressing) -> None:
        self._progress = progress

    def stage(self, text: str) -> None:
        self._progress.stage(text)

    def hashed(self, count: int) -> None:
        """Reading local files is a stage of its own; its bytes are not those of the transfer."""
        self._progress.read(count)

    def started(self, oid: str, name: str, size: int, already: int) -> None:
        self._progress.started(oid, name, size, already)

    def moved(self, oid: str, count: int) -> None:
        self._progress.moved(oid, count)

    def finished(self, oid: str, how: How) -> None:
        self._progress.finished(oid)

    def waiting(self, seconds: float, why: Unavailable) -> None:
        self._progress.waiting(seconds, why.finding)

    def paused(self, kept: int) -> None:
        self._progress.paused(kept)

    def news(self, item: News) -> None:
        """What the watchdog has to say goes above the bars."""
        self._progress.news(item)


class PublishWatch(SendingWatch):
    """Shows a publish on stderr; says nothing at all when `quiet`."""

    def __init__(self, progress: Progressing, *, quiet: bool) -> None:
        super().__init__(progress)
        self._quiet = quiet

    def planned(self, plan: PublishPlan) -> None:
        """Print the plan and set the bars up."""
        if not self._quiet:
            with self._progress.aside():
                render.findings(plan.notes)
                for line in plan_lines(plan):
                    render.say(line)
        self._progress.begin(plan.missing_bytes)


def plan_lines(plan: PublishPlan) -> list[str]:
    """The plan in a few lines. Pure."""
    moves = {
        "nothing": "it has this commit already",
        "create": "a new branch",
        "forward": f"{units.count(plan.commits, 'new commit')}",
        "replace-initial": "takes the place of the Hub's own initial commit",
    }
    if plan.commit is None:
        moves["forward"] = "one new commit, unless nothing has changed"
    new = " (new repository)" if plan.creates_repo else ""
    commit = plan.commit[:10] if plan.commit else "the folder as it is"
    lines = [
        f"publish {commit} to {plan.url}{new}",
        f"  branch  {plan.branch}: {moves[plan.move]}",
        *([f"  mended  {_mended(plan.mended)}"] if plan.mended else []),
    ]
    have = plan.objects - plan.missing
    objects = f"{units.count(plan.objects, 'large file')}, {units.size(plan.objects_bytes)}"
    if plan.objects and have:
        objects += f"; the Hub has {have:,} of them, {units.size(plan.missing_bytes)} to send"
    elif plan.objects and plan.commit is None and not plan.creates_repo:
        objects += "; which of them the Hub has is known once they have been read"
    return [*lines, f"  objects {objects}"]


def _mended(mended: Mended) -> str:
    what = f"{units.count(mended.files, 'file')} moved to LFS in {units.count(mended.commits, 'commit')}"
    if mended.how == "rewrite":
        return f"{what}, in a copy; the branches here are as they were"
    return f"{what}; hfpush fix --undo brings the old history back"


def report_lines(report: PublishReport) -> list[str]:
    """The report in a few lines. Pure."""
    sent = report.upload
    if sent is None:
        return ["dry run: nothing was sent and nothing changed"]
    if report.plan.nothing_to_do:
        return [f"nothing to do: {report.plan.url} has it all ({units.count(report.verified, 'large file')} checked)"]
    lines = [f"published in {units.duration(report.seconds)}: {report.plan.url}"]
    counts = [f"{len(how):,} {word}" for how, word in ((sent.sent, "sent"), (sent.resumed, "resumed")) if how]
    skipped = report.plan.objects - report.plan.missing + len(sent.present)
    if skipped:
        counts.append(f"{skipped:,} already there")
    if counts:
        lines.append(f"  objects {', '.join(counts)}")
    wire = f"{units.size(sent.bytes_sent)} on the wire"
    if sent.bytes_resumed:
        wire += f", {units.size(sent.bytes_resumed)} kept from an earlier run"
    lines.append(f"  bytes   {wire}")
    checked = f"the branch is our commit, and {units.count(report.verified, 'large file')} confirmed"
    return [*lines, f"  checked {checked}"]
