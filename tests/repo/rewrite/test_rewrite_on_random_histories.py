"""A rewritten random history is the old one with pointers in it, and nothing else, as seen by a verifier of its own."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.histories import LIMIT, History, history
from support.object_reader import read
from support.offending import Offending
from support.rewritten import Rewriting, fsck, untouched
from support.slowly import some_slow
from support.surroundings import refs_of
from support.truth import Attributes, truth

from hfpush.repo.repository import Repository
from hfpush.repo.rewrite.plan import plan_rewrite
from hfpush.repo.rewrite.rewrite import rewrite
from hfpush.repo.rewrite.values import Offence
from hfpush.repo.rewrite.verify import verify
from hfpush.repo.scope import Scope

GROUPS, SEEDS = 11, range(1000, 1060)  # no multiple of five: each group has all kinds; `fix` is judged on others


@pytest.mark.parametrize("group", some_slow(GROUPS, quick=1))
def test_rewritten_histories_are_the_old_ones_with_pointers(tmp_path: Path, group: int) -> None:
    problems = []
    for seed in SEEDS[group::GROUPS]:
        made = history(tmp_path / str(seed), seed)
        problems += [f"seed {seed}: {line}" for line in _problems(made, tmp_path / f"aside-{seed}")]
    assert not problems, "\n".join(problems[:20])


def _problems(made: History, aside: Path) -> list[str]:
    tips = {name: id for name, id in made.refs.items() if name.startswith(("refs/heads/", "refs/tags/"))}
    if not made.head.startswith("refs/"):
        tips["HEAD"] = made.head
    known = {id for name, id in made.refs.items() if name.startswith("refs/remotes/origin/")}
    complaints, before = fsck(made.git_dir), read(made.git_dir)
    asked = Attributes(before, aside / "before")
    true = truth(before, tips, known)
    offences = [one for one in true.introductions if Offending(before, asked, LIMIT)(one)]
    repository, store = Repository.around(made.root), made.git_dir / "lfs/objects"
    scope = Scope(tips, frozenset(known))
    plan = plan_rewrite(
        repository,
        scope,
        [Offence(one.commit, one.path, one.blob, len(before.body(one.blob, "blob"))) for one in offences],
    )
    assert read(made.git_dir).objects.keys() == before.objects.keys(), "planning wrote objects"
    done = rewrite(repository, plan, store=store)
    problems = []
    if refs_of(made.root) != made.refs:
        problems.append("a ref moved")
    stay = {(one.offence.path, one.offence.blob) for one in plan.unmended}
    after = read(made.git_dir)
    new = tips | {name: moved.new for name, moved in done.refs.items()}
    judged = Rewriting(after, store, aside / "after", tips, new, known, stay)
    problems += judged.judge(Offending(after, judged.attributes, LIMIT))
    changed = {old: new for old, new in judged.images.items() if old != new}
    if dict(done.commits) != changed:
        problems.append(f"told {len(done.commits)} new commits, there are {len(changed)}")
    mended = {one.commit for one in offences if (one.path, one.blob) not in stay}
    kept = untouched(before, tips, known, mended)
    if kept != {old for old, new in judged.images.items() if old == new} | (kept - judged.images.keys()):
        problems.append("commits before the first offence have new ids")
    if plan.commits != len(changed) or set(plan.moves) != set(done.refs):
        problems.append(f"planned {plan.commits} commits and {sorted(plan.moves)}")
    if fsck(made.git_dir) - complaints:
        problems.append(f"git fsck: {fsck(made.git_dir) - complaints}")
    verify(repository, done)
    if made.seed % 5 == 0:
        again = rewrite(repository, plan_rewrite(repository, scope, plan.offences), store=store)
        if (again.commits, again.refs) != (done.commits, done.refs):
            problems.append("the same rewrite made other ids")
    return problems
