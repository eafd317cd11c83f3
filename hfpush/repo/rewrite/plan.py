"""What a rewrite would do, before anything is written."""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Iterable, Iterator
from typing import IO

from hfpush.errors import Damaged
from hfpush.lfs.pointer import MAX_POINTER_BYTES, parse_pointer
from hfpush.repo.objects import ObjectInfo, ObjectReader
from hfpush.repo.process import SMALL_WINDOWS, Git
from hfpush.repo.repository import Repository
from hfpush.repo.rewrite.affected import Affected, affected
from hfpush.repo.rewrite.cover import line_fits
from hfpush.repo.rewrite.envelope import commit_envelope, is_signed_tag
from hfpush.repo.rewrite.no_place import without_place
from hfpush.repo.rewrite.reach import blobs_to_take
from hfpush.repo.rewrite.values import Offence, RewritePlan, Unmended
from hfpush.repo.rules import NEVER_LFS
from hfpush.repo.scope import Scope

_DEEPEST = 200


def plan_rewrite(
    repository: Repository, scope: Scope, offences: Collection[Offence], *, published: Collection[str] = frozenset()
) -> RewritePlan:
    """What it takes to turn the offending blobs of a scope into LFS pointers. Writes nothing.

    `published` are ids of commits that a remote-tracking ref reaches. An offence that no rewrite can mend is in
    `unmended`, with the reason. Raises LocalTrouble when the repository lacks a blob that has to be read.
    """
    git = repository.git
    unmended = list(_unmendable(repository, offences))
    hopeless = {one.offence for one in unmended}
    mended = sorted(set(offences) - hopeless)
    changing = affected(git, scope, mended)
    unmended += [
        Unmended(one, "its commit is not among those to be rewritten") for one in mended if _outside(one, changing)
    ]
    mended = [one for one in mended if not _outside(one, changing)]
    blobs = blobs_to_take(git, changing, mended, partial=repository.partial)
    moves = {ref: scope.tips[ref] for ref, tip in changing.tips.items() if tip.id in changing.commits}
    tags = {id: text for ref in moves for id, text in changing.tips[ref].tags}
    signed = 0
    trees: dict[str, str] = {}
    for id, text in commit_texts(git, changing.commits):
        envelope = commit_envelope(text)
        signed += envelope.signed
        trees.setdefault(envelope.tree, id)
    with ObjectReader(git, partial=repository.partial) as reader:
        no_place = without_place(reader, trees)
    return RewritePlan(
        scope=scope,
        offences=tuple(mended),
        unmended=tuple(sorted(unmended, key=lambda one: one.offence)),
        commits=len(changing.commits),
        moves=moves,
        blobs=blobs,
        lfs_bytes=sum(blobs.values()),
        signed_commits=signed,
        signed_tags=sum(is_signed_tag(text) for text in tags.values()),
        published=sum(id in published for id in changing.commits),
        no_place=no_place,
    )


def commit_texts(git: Git, ids: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """Id and bytes of each of these commits, in order, as a stream."""
    with tempfile.TemporaryFile() as wanted:
        wanted.write("".join(f"{id}\n" for id in ids).encode())
        if not wanted.tell():
            return
        wanted.seek(0)
        with git.running("cat-file", "--batch", "--buffer", stdin=wanted, settings=SMALL_WINDOWS) as process:
            assert process.stdout is not None
            yield from _objects(process.stdout)


def _objects(stream: IO[bytes]) -> Iterator[tuple[str, bytes]]:
    for head in stream:
        id, *rest = head.decode("ascii", "replace").split()
        if len(rest) != 2:
            raise Damaged.of("repo-damaged", "A commit of the history is missing.", seen=(id,), to_try=("git fsck",))
        yield id, stream.read(int(rest[1]) + 1)[:-1]


def _outside(offence: Offence, changing: Affected) -> bool:
    return offence.commit not in changing.seen


def _unmendable(repository: Repository, offences: Collection[Offence]) -> Iterator[Unmended]:
    ids = list(dict.fromkeys(offence.blob for offence in offences))
    with ObjectReader(repository.git, partial=repository.partial) as reader:
        infos = dict(zip(ids, reader.info(ids), strict=True))
        small = [id for id, info in infos.items() if info.type == "blob" and info.size < MAX_POINTER_BYTES]
        pointers = {id for id, content in reader.contents(small) if parse_pointer(content) is not None}
    for offence in sorted(set(offences)):
        reason = _reason(offence, infos[offence.blob], offence.blob in pointers)
        if reason:
            yield Unmended(offence, reason)


def _reason(offence: Offence, info: ObjectInfo, is_pointer: bool) -> str:
    if not offence.commit:
        return "a ref holds it without any commit"
    if offence.path.rpartition("/")[2] in NEVER_LFS:
        return "git itself reads this file, so it cannot be a pointer"
    if info.type is None:
        return "it is not in this partial clone"
    if info.type != "blob":
        return "it is not a file"
    if not info.size:
        return "it is empty, and LFS does not store empty files"
    if is_pointer:
        return "it is a pointer already"
    if offence.path.count("/") > _DEEPEST:
        return f"it lies more than {_DEEPEST} folders deep"
    if not line_fits(offence.path.encode("utf-8", "surrogateescape")):
        return "its path is too long for a line of .gitattributes"
    return ""
