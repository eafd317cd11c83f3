"""Which part of a history a question is about: everything, what a push would carry, or a range that somebody names.

Refs are listed without a look at their objects, which is quick for thousands of them. Nothing is walked here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from hfpush.errors import Misuse
from hfpush.repo.audit.peel import peeled
from hfpush.repo.objects import ObjectReader
from hfpush.repo.process import GitFailed
from hfpush.repo.repository import Repository
from hfpush.repo.rules import shown
from hfpush.repo.scope import Scope

_ASIDE = (
    *("refs/hfpush/", "refs/original/", "refs/remotes/", "refs/replace/", "refs/notes/", "refs/bisect/"),
    *("refs/prefetch/", "refs/rewritten/", "refs/stash"),
)
"""Refs that no push of a user's work sends: backups, what other places have, and what git keeps for itself."""


def everything(repository: Repository) -> Scope:
    """All that the repository's refs reach, and HEAD where it is detached; refs that no push sends are left out."""
    tips = {name: id for name, id in _refs(repository) if not name.startswith(_ASIDE)}
    return _scope(repository, tips | _detached(repository), ())


def to_push(repository: Repository, remotes: Collection[str] | None) -> Scope:
    """What the local branches, tags and a detached HEAD reach and the remote-tracking refs of `remotes` do not. None
    stands for all remotes. A tracking ref may be out of date; it is taken for what the remote has."""
    tips, known = {}, set()
    prefixes = ("refs/remotes/",) if remotes is None else tuple(f"refs/remotes/{name}/" for name in remotes)
    for name, id in _refs(repository):
        if name.startswith(("refs/heads/", "refs/tags/")):
            tips[name] = id
        elif prefixes and name.startswith(prefixes):
            known.add(id)
    return _scope(repository, tips | _detached(repository), known)


def of_range(repository: Repository, revisions: str | Sequence[str]) -> Scope:
    """What revisions name, in the words of git: `main~5..main`, `v1`, `one two ^three`.

    Raises Misuse for a text that names nothing here. What looks like an option of git is not taken for one.
    """
    words = revisions.split() if isinstance(revisions, str) else list(revisions)
    if not words:
        raise _unknown("", ())
    tips: dict[str, str] = {}
    known: set[str] = set()
    for word in words:
        for line in _resolved(repository, word):
            if line.startswith("^"):
                known.add(line[1:])
            else:
                tips[_name(repository, word, line)] = line
    scope = _scope(repository, tips, known)
    if scope.broken or (known and not scope.known):  # git takes any whole id for a revision, whether it is here or not
        raise _unknown(" ".join(words), ())
    return scope


def _scope(repository: Repository, tips: dict[str, str], known: Iterable[str]) -> Scope:
    with ObjectReader(repository.git, partial=repository.partial) as reader:
        behind = peeled(reader, {*tips.values(), *known})
    broken = [name for name, id in tips.items() if id not in behind or not _usable(repository, behind[id].here)]
    held = (behind[id] for id in known if id in behind)
    return Scope(
        tips={name: id for name, id in sorted(tips.items()) if name not in broken},
        known=frozenset(one.id for one in held if one.kind == "commit" and one.here),
        shallow=_is_shallow(repository),
        broken=tuple(sorted(broken)),
    )


def _usable(repository: Repository, here: bool) -> bool:
    return here or repository.partial


def _is_shallow(repository: Repository) -> bool:
    return repository.git.line("rev-parse", "--is-shallow-repository") == "true"


def _refs(repository: Repository) -> Iterator[tuple[str, str]]:
    # Never %(objecttype): it opens every object.
    listing = repository.git.line("for-each-ref", "--format=%(objectname) %(refname)")
    for line in listing.split("\n"):
        id, space, name = line.partition(" ")
        if space:
            yield name, id


def _detached(repository: Repository) -> dict[str, str]:
    return {"HEAD": repository.tip} if repository.branch is None and repository.tip is not None else {}


def _resolved(repository: Repository, word: str) -> list[str]:
    if not word or word.startswith(("-", "^-")) or "\0" in word:
        raise _unknown(word, ())
    try:
        lines = repository.git.line("rev-parse", "--revs-only", word, "--").split("\n")
    except GitFailed as answer:
        raise _unknown(word, answer.finding.evidence) from answer
    lines = [line for line in lines if line]
    if not lines or any(line.startswith("-") for line in lines):
        raise _unknown(word, ())
    return lines


def _name(repository: Repository, word: str, id: str) -> str:
    """The full name of the ref that stands for `id` in a revision, else the words that do."""
    parts = word.split("...") if "..." in word else word.split("..")
    for part in [part or "HEAD" for part in parts]:
        if part.startswith(("^", "-")):
            continue
        try:
            if repository.git.line("rev-parse", "--verify", "--quiet", part) != id:
                continue
            full = repository.git.line("rev-parse", "--symbolic-full-name", part)
        except GitFailed:
            continue
        return full or part
    return id


def _unknown(word: str, seen: tuple[str, ...]) -> Misuse:
    return Misuse.of(
        "range-unknown",
        f"{shown(word)!r} names no commits of this repository." if word else "The range is empty.",
        seen=seen[-2:],
        to_try=(
            "git log --oneline --all, which shows what there is",
            "give a range as git takes it: main~5..main, or a branch or tag alone",
        ),
    )
