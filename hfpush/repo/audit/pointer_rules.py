"""The rules about LFS pointers and their objects. Pure; each returns its finding, or None."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from hfpush import units
from hfpush.findings import Finding
from hfpush.repo.audit.evidence import Seen, line, seen_where
from hfpush.repo.audit.found import FoundBlob, Scan
from hfpush.repo.audit.spelling import capped, command, git_command, quoted

MAX_OBJECT = 500 * 10**9
"""The largest file that the Hub stores, in bytes (its documentation on storage limits)."""
PLAIN_OBJECT = 5 * 10**9
"""The largest object that goes to the Hub in one piece, which is all that git-lfs can do by itself."""


def too_large(scan: Scan) -> Finding | None:
    """Objects, or content that would become one, over MAX_OBJECT."""
    seen = seen_where(scan.blobs, lambda blob, at: _object_size(blob) > MAX_OBJECT)
    if not seen:
        return None
    return Finding(
        "object-too-large",
        f"{units.count(len(seen), 'file')} over {MAX_OBJECT // 10**9} GB, which is more than the Hub stores as one.",
        evidence=capped([line(one, size=_object_size(one.blob)) for one in seen]),
        remedy=("split the file (shards of 5 to 50 GB load faster, too), and commit the parts instead",),
    )


def missing(
    scan: Scan,
    place: str,
    damaged: Mapping[str, int],
    *,
    at_hub: Collection[str] = (),
    in_tree: Collection[str] = (),
) -> Finding | None:
    """Pointers whose object is not in git-lfs's store here, and which are not only in commits that the Hub has
    (`at_hub`). `damaged` are the sizes, by oid, of files in the store that are not as their object; `in_tree` the
    objects that seem to be in the work tree, from where hfpush publishes them."""

    def lost(blob: FoundBlob) -> bool:
        return (
            blob.pointer is not None
            and blob.pointer.size > 0
            and blob.stored is False
            and blob.pointer.oid not in damaged
            and blob.pointer.oid not in in_tree
            and not all(at.commit in at_hub for at in blob.sightings)
        )

    seen = seen_where(scan.blobs, lambda blob, at: lost(blob))
    if not seen:
        return None
    what = "object is" if len(seen) == 1 else "objects are"
    return Finding(
        "object-missing",
        f"{len(seen):,} LFS {what} named in the history, but the bytes are not in git-lfs's store here; unless the Hub "
        "has them, it refuses the push.",
        evidence=capped([_object_line(one) for one in seen]),
        remedy=(
            f"{git_command(place, 'lfs', 'fetch', '--all')}, if the repository was cloned from a place that has them",
            f"{git_command(place, 'add', '--renormalize', '.')}, if the files are in the work tree as they were",
        ),
    )


def wrong_size(scan: Scan, place: str, damaged: Mapping[str, int], *, in_tree: Collection[str] = ()) -> Finding | None:
    """Pointers whose object in the store has not the size that they name; parameters as for `missing`."""
    seen = seen_where(
        scan.blobs,
        lambda blob, at: blob.pointer is not None and blob.stored is False and blob.pointer.oid in damaged,
    )
    if not seen:
        return None
    evidence = []
    for one in seen:
        assert one.blob.pointer is not None
        have = damaged[one.blob.pointer.oid]
        evidence.append(_object_line(one, f"{have:,} bytes instead of {one.blob.pointer.size:,}"))
    what = "object" if len(seen) == 1 else "objects"
    return Finding(
        "object-corrupt",
        f"{len(seen):,} {what} in git-lfs's store here {'has' if len(seen) == 1 else 'have'} not the size that the "
        "pointers name.",
        evidence=capped(evidence),
        remedy=(
            f"delete the damaged files below .git/lfs/objects, then {git_command(place, 'lfs', 'fetch', '--all')}",
        ),
        severity="warning" if in_tree and all(_oid(one) in in_tree for one in seen) else "error",
    )


def broken(scan: Scan, place: str) -> Finding | None:
    """Text that begins like a pointer and is none."""
    seen = seen_where(scan.blobs, lambda blob, at: blob.broken_pointer)
    if not seen:
        return None
    what = "file begins" if len(seen) == 1 else "files begin"
    return Finding(
        "pointer-broken",
        f"{len(seen):,} {what} like an LFS pointer and {'is' if len(seen) == 1 else 'are'} none, so nobody gets the "
        "content from the Hub.",
        evidence=capped([line(one) for one in seen]),
        remedy=(
            f"put the file itself in its place, then {git_command(place, 'add', seen[0].path)} and commit",
            *_show(seen[0], place),
        ),
        severity="warning",
    )


def not_canonical(scan: Scan, place: str) -> Finding | None:
    """Pointers that git-lfs reads and would write otherwise (line ends of Windows, blank lines, an old address)."""
    seen = seen_where(scan.blobs, lambda blob, at: blob.pointer is not None and not blob.canonical)
    if not seen:
        return None
    what = "LFS pointer is" if len(seen) == 1 else "LFS pointers are"
    return Finding(
        "pointer-not-canonical",
        f"{len(seen):,} {what} not written in the one form that git-lfs writes, so the file shows as modified.",
        evidence=capped([line(one) for one in seen]),
        remedy=(f"{git_command(place, 'add', '--renormalize', '.')}   # then commit",),
        severity="warning",
    )


def needs_agent(scan: Scan, place: str) -> Finding | None:
    """Objects that git-lfs cannot send to the Hub by itself."""
    seen = seen_where(scan.blobs, lambda blob, at: PLAIN_OBJECT < _object_size(blob) <= MAX_OBJECT)
    if not seen:
        return None
    what = "file is" if len(seen) == 1 else "files are"
    where = "." if place in ("", ".") else quoted(place)
    return Finding(
        "large-object-agent",
        f"{len(seen):,} {what} over {PLAIN_OBJECT // 10**9} GB: hfpush publish sends them; a plain git push needs the "
        "Hub's transfer agent first.",
        evidence=capped([line(one, size=_object_size(one.blob)) for one in seen]),
        remedy=(command("hfpush publish", place), f"or, for git push: hfpush lfs enable-largefiles {where}"),
        severity="note",
    )


def absent_oids(blobs: Iterable[FoundBlob]) -> tuple[str, ...]:
    """The objects of pointers among `blobs` that are not in the store as they should be, each once."""
    return tuple(dict.fromkeys(blob.pointer.oid for blob in blobs if blob.pointer is not None and blob.stored is False))


def _object_size(blob: FoundBlob) -> int:
    return blob.size if blob.pointer is None else blob.pointer.size


def _oid(one: Seen) -> str:
    assert one.blob.pointer is not None
    return one.blob.pointer.oid


def _object_line(one: Seen, *more: str) -> str:
    assert one.blob.pointer is not None
    return line(one, f"object {one.blob.pointer.oid}", *more, size=one.blob.pointer.size)


def _show(one: Seen, place: str) -> tuple[str, ...]:
    return (f"{git_command(place, 'cat-file', 'blob', one.blob.id)}, which shows what is there instead",)
