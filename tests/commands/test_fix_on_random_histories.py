"""`fix` on random histories: what it makes is judged by a verifier of its own; undone, it is as if nothing had been."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from support.histories import LIMIT, History, history
from support.object_reader import read
from support.offending import Offending
from support.rewritten import Rewriting, fsck
from support.slowly import some_slow
from support.surroundings import Surroundings, look, said
from support.truth import Attributes, truth

from hfpush.commands.fix import fix, undo
from hfpush.commands.fix_report import FixPlan, FixReport, FixRequest
from hfpush.errors import Refused

GROUPS, SEEDS = 41, 200  # no multiple of four: each group has all kinds


class Agreeing:
    """Watches nothing and agrees to everything."""

    def stage(self, text: str) -> None: ...

    def progress(self, what: str, done: int, of: int | None) -> None: ...

    def planned(self, plan: FixPlan) -> None: ...

    def agreed(self, plan: FixPlan) -> bool:
        return True

    def reached(self, step: str) -> None: ...


@pytest.mark.parametrize("group", some_slow(GROUPS, quick=1, slow=8))
def test_fixed_histories_are_the_old_ones_with_pointers_and_undo_brings_them_back(tmp_path: Path, group: int) -> None:
    problems = []
    for seed in range(group, SEEDS, GROUPS):
        made = history(tmp_path / str(seed), seed, bare=seed % 4 == 0)
        problems += [f"seed {seed}: {line}" for line in _problems(made, tmp_path / f"aside-{seed}")]
    assert not problems, "\n".join(problems[:20])


def _problems(made: History, aside: Path) -> list[str]:
    if made.root != made.git_dir:
        said(made.root, "reset", "-q", "--hard")
        later = time.time() + 5  # an index as old as its files proves nothing of them
        os.utime(made.git_dir / "index", (later, later))
    tips = {name: id for name, id in made.refs.items() if name.startswith(("refs/heads/", "refs/tags/"))}
    if not made.head.startswith("refs/"):
        tips["HEAD"] = made.head
    known = {id for name, id in made.refs.items() if name.startswith("refs/remotes/")}
    repo, before, complaints = read(made.git_dir), look(made.root), fsck(made.git_dir)
    asked = Attributes(repo, aside / "before")
    offences = [one for one in truth(repo, tips, known).introductions if Offending(repo, asked, LIMIT)(one)]
    report = _fixed(made.root)
    if report is None or report.action == "nothing":
        return [f"nothing was mended, although there are {len(offences)} offences"] if offences else []
    after = look(made.root)
    problems = _history_problems(made, aside, tips, known, after, report)
    problems += _other_problems(made, before, after, _told(report))
    if fsck(made.git_dir) - complaints:
        problems.append(f"git fsck: {fsck(made.git_dir) - complaints}")
    again = _fixed(made.root)
    if again is not None and again.action != "nothing":
        problems.append("a second fix found something to do")
    undo(made.root, Agreeing())
    back = look(made.root)
    problems += [
        f"undone, {name} is {_difference(getattr(before, name), getattr(back, name))}"
        for name in vars(before)
        if getattr(before, name) != getattr(back, name)
    ]
    return problems


def _fixed(root: Path) -> FixReport | None:
    """None where it was refused because only remotes have what is to be mended."""
    try:
        return fix(FixRequest(root, above=LIMIT), Agreeing())
    except Refused as refused:
        if refused.finding.reference != "fix-published":
            raise
        return None


def _history_problems(
    made: History, aside: Path, tips: dict[str, str], known: set[str], after: Surroundings, report: FixReport
) -> list[str]:
    assert report.plan is not None
    assert report.backup is not None
    new = {name: after.head.strip() if name == "HEAD" else after.refs[name] for name in tips}
    stay = {(one.offence.path, one.offence.blob) for one in report.plan.rewrite.unmended}
    now = read(made.git_dir)
    judged = Rewriting(now, made.git_dir / "lfs/objects", aside / "after", tips, new, known, stay)
    problems = list(judged.judge(Offending(now, judged.attributes, LIMIT)))
    moved = {name for name in tips if tips[name] != new[name]}
    kept = {name.removeprefix(report.backup): id for name, id in after.refs.items() if name.startswith(report.backup)}
    problems += [f"no backup of {name}" for name in moved if kept.get(name) != tips[name]]
    return problems


def _told(report: FixReport) -> set[str]:
    """The files that the report calls modified from now on, because git converted them."""
    return {path for one in report.findings if one.reference == "fix-converted" for path in one.evidence}


def _other_problems(made: History, before: Surroundings, after: Surroundings, told: set[str]) -> list[str]:
    moving = ("refs/heads/", "refs/tags/", "refs/hfpush/", "refs/notes/")
    old, new = ({name: id for name, id in one.refs.items() if not name.startswith(moving)} for one in (before, after))
    problems = [] if old == new else [f"other refs changed: {_difference(old, new)}"]
    if made.root == made.git_dir:
        return problems
    old_files, new_files = (
        {path: file for path, file in one.files.items() if not path.endswith(".gitattributes")}
        for one in (before, after)
    )
    if old_files != new_files:
        problems.append(f"files changed: {_difference(old_files, new_files)}")
    staged = said(made.root, "diff-index", "--cached", "--name-only", "-z", "HEAD")
    if staged:
        problems.append(f"staged: {staged!r}")
    if set(after.status.split("\0")) != set(before.status.split("\0")) | {f" M {path}" for path in told}:
        problems.append(f"status was {before.status!r} and is {after.status!r}")
    return problems


def _difference(old: object, new: object) -> str:
    if isinstance(old, dict) and isinstance(new, dict):
        names = [name for name in old.keys() | new.keys() if old.get(name) != new.get(name)]
        return ", ".join(f"{name!r}: {old.get(name)!r:.80} -> {new.get(name)!r:.80}" for name in sorted(names)[:4])
    return f"{old!r:.300} -> {new!r:.300}"
