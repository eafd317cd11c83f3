"""Which commits of a scope get new ids, and what the targets of each are.

Those are the commits that bring an offence in, and whatever of the scope descends from them. Nothing else can change,
because an id speaks for the whole ancestry.
"""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from hfpush.repo.objects import ObjectReader
from hfpush.repo.process import Git
from hfpush.repo.rewrite.envelope import tagged
from hfpush.repo.rewrite.targets import Targets, TargetSpace
from hfpush.repo.rewrite.values import Offence
from hfpush.repo.scope import Scope


@dataclass(frozen=True)
class Line:
    """A commit that gets a new id: its parents, as git reports them, and its targets."""

    parents: tuple[str, ...]
    targets: Targets


@dataclass(frozen=True)
class Tip:
    """What a ref of the scope holds: the annotated tags on the way (id and bytes, outermost first), then `id`, which is
    of `type` `commit`, `tree` or `blob`, or None when it is not here."""

    tags: tuple[tuple[str, bytes], ...]
    id: str
    type: str | None


@dataclass(frozen=True)
class Affected:
    """The commits that get new ids, each after its parents, and the tips of the scope. `seen` are all commits of the
    scope that an offence names."""

    commits: Mapping[str, Line] = field(repr=False)
    tips: Mapping[str, Tip] = field(repr=False)
    seen: frozenset[str] = field(repr=False)


def affected(git: Git, scope: Scope, offences: Iterable[Offence]) -> Affected:
    """The commits that mending these offences changes, and the refs' objects as they are now."""
    own: dict[str, list[bytes]] = defaultdict(list)
    for offence in offences:
        own[offence.commit].append(offence.path.encode("utf-8", "surrogateescape"))
    tips = peeled(git, scope.tips)
    space = TargetSpace()
    commits: dict[str, Line] = {}
    seen = set()
    heads = {tip.id for tip in tips.values() if tip.type == "commit"}
    for id, parents in _commits(git, heads, scope.known) if own and heads else ():
        inherited = [commits[parent].targets for parent in parents if parent in commits]
        paths = own.get(id)
        if paths is not None:
            seen.add(id)
        if inherited or paths is not None:
            commits[id] = Line(parents, space.joined(inherited, paths or ()))
    return Affected(commits, tips, frozenset(seen))


def peeled(git: Git, tips: Mapping[str, str]) -> dict[str, Tip]:
    """Each ref's object, with the annotated tags on the way to it."""
    found: dict[str, Tip] = {}
    waiting: dict[str, Tip] = {ref: Tip((), id, None) for ref, id in tips.items()}
    with ObjectReader(git) as reader:
        while waiting:
            ids = list(dict.fromkeys(tip.id for tip in waiting.values()))
            types = {id: info.type for id, info in zip(ids, reader.info(ids), strict=True)}
            texts = dict(reader.contents([id for id in ids if types[id] == "tag"]))
            following = {}
            for ref, tip in waiting.items():
                if types[tip.id] == "tag":
                    following[ref] = Tip((*tip.tags, (tip.id, texts[tip.id])), tagged(texts[tip.id])[0], None)
                else:
                    found[ref] = Tip(tip.tags, tip.id, types[tip.id])
            waiting = following
    return {ref: found[ref] for ref in tips}


def _commits(git: Git, heads: Iterable[str], known: Iterable[str]) -> Iterable[tuple[str, tuple[str, ...]]]:
    with tempfile.TemporaryFile() as wanted:
        wanted.write("".join([*(f"{id}\n" for id in sorted(heads)), *(f"^{id}\n" for id in known)]).encode())
        wanted.seek(0)
        with git.running("rev-list", "--stdin", "--topo-order", "--reverse", "--parents", stdin=wanted) as process:
            assert process.stdout is not None
            for row in process.stdout:
                id, *parents = row.decode("ascii").split()
                yield id, tuple(parents)
