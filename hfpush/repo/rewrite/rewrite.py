"""A planned rewrite, carried out: LFS objects, trees, commits and tags are made; no ref moves.

What a commit becomes depends on it and on its ancestry alone, never on later commits, other branches or the time, so
that a history that grows is rewritten to one that grows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import islice
from pathlib import Path

from hfpush.lfs.pointer import Pointer
from hfpush.repo.objects import ObjectReader
from hfpush.repo.repository import Repository
from hfpush.repo.rewrite.affected import Affected, Tip, affected
from hfpush.repo.rewrite.answers import AttributeAnswers
from hfpush.repo.rewrite.clean import clean
from hfpush.repo.rewrite.cover import Cover
from hfpush.repo.rewrite.envelope import commit_envelope, with_object, with_tree
from hfpush.repo.rewrite.pack import Pack, open_pack
from hfpush.repo.rewrite.plan import commit_texts
from hfpush.repo.rewrite.trees import Trees
from hfpush.repo.rewrite.values import Moved, RewritePlan, Rewritten
from hfpush.repo.writing import WritingGit

_WINDOW = 64

Progress = Callable[[str, int, int], None]
"""Called with what is being done, `store` (in bytes) or `commits`, how much of it is done, and of how much."""


def rewrite(repository: Repository, plan: RewritePlan, *, store: Path, progress: Progress | None = None) -> Rewritten:
    """Makes the planned history beside the old one. `store` is git-lfs's folder of objects (content.object_stores).

    May be done twice, and after a run that was cut off: the outcome is the same. Raises LocalTrouble when the disk
    refuses or an attribute file cannot take a line, Damaged when the repository lacks an object; it is as before then,
    but for objects that nothing names.
    """
    tell = progress or (lambda what, done, total: None)
    changing = affected(repository.git, plan.scope, plan.offences)
    pointers = clean(repository.git, plan.blobs, store, _counted(tell, sum(plan.blobs.values())))
    with open_pack(repository.common_dir / "objects", repository.object_format) as pack:
        commits = _commits(repository, changing, pointers, pack, tell)
        tags: dict[str, str] = {}
        refs = {ref: Moved(old, _ref(changing.tips[ref], commits, tags, pack)) for ref, old in plan.moves.items()}
        pack.finish(WritingGit.of(repository))
    return Rewritten(plan, commits, refs, pointers, tags, store)


def _commits(
    repository: Repository, changing: Affected, pointers: Mapping[str, Pointer], pack: Pack, tell: Progress
) -> dict[str, str]:
    """The new id of each commit, parents first."""
    made: dict[str, str] = {}
    blobs = {bytes.fromhex(id): pack.add("blob", pointer.encode()) for id, pointer in pointers.items()}
    texts = commit_texts(repository.git, changing.commits)
    with ObjectReader(repository.git, partial=repository.partial) as reader, AttributeAnswers() as answers:
        trees = Trees(reader, pack, Cover(answers), blobs)
        while window := list(islice(texts, _WINDOW)):
            wanted = [(commit_envelope(text).tree, changing.commits[id].targets) for id, text in window]
            for (id, text), tree in zip(window, trees.made(wanted), strict=True):
                made[id] = pack.add("commit", with_tree(text, tree, made)).hex()
            tell("commits", len(made), len(changing.commits))
    return made


def _ref(tip: Tip, commits: Mapping[str, str], tags: dict[str, str], pack: Pack) -> str:
    """The new id of what a ref holds: of the commit, or of the tags in front of it."""
    new = commits[tip.id]
    for id, text in reversed(tip.tags):
        new = tags[id] = pack.add("tag", with_object(text, new)).hex()
    return new


def _counted(tell: Progress, total: int) -> Callable[[int], None]:
    done = 0

    def stored(count: int) -> None:
        nonlocal done
        done += count
        tell("store", done, total)

    return stored
