"""The rules about content that is in git itself. Pure; each returns its finding, or None."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from hfpush import units
from hfpush.findings import Finding
from hfpush.repo.audit.evidence import Seen, line, lines, seen_where
from hfpush.repo.audit.found import Scan
from hfpush.repo.audit.offences import is_raw, is_read_by_git, is_refused
from hfpush.repo.audit.spelling import capped, command, git_command
from hfpush.repo.rules import MAX_GIT_FILE

CARD = "README.md"
_MEBIBYTES = MAX_GIT_FILE // 2**20


def large(scan: Scan, place: str, published: Collection[str]) -> Finding | None:
    """Blobs over MAX_GIT_FILE, in any commit: a later commit that deletes one does not help."""
    seen = seen_where(
        scan.blobs, lambda blob, at: is_refused(blob) and blob.size > MAX_GIT_FILE and not is_read_by_git(at.path)
    )
    if not seen:
        return None
    what = "is a file" if len(seen) == 1 else f"are {len(seen):,} files"
    return Finding(
        "large-file-in-git",
        f"There {what} over {_MEBIBYTES} MiB in the history of git itself, which the Hub refuses.",
        evidence=capped([_with_pattern(one) for one in seen]),
        remedy=(*_fix(seen, place, published), *_card(seen)),
    )


def binary(scan: Scan, place: str, published: Collection[str], *, asked: bool) -> Finding | None:
    """Binary blobs that are small enough for git. `asked` says that the Hub itself called them so."""
    seen = seen_where(
        scan.blobs, lambda blob, at: is_refused(blob) and blob.size <= MAX_GIT_FILE and not is_read_by_git(at.path)
    )
    if not seen:
        return None
    what = "is a binary file" if len(seen) == 1 else f"are {len(seen):,} binary files"
    word = "which the Hub wants in LFS" if asked else "which the Hub is likely to refuse; it has the last word"
    return Finding(
        "binary-file-in-git",
        f"There {what} in the history of git itself, {word}.",
        evidence=capped([_with_pattern(one) for one in seen]),
        remedy=(*_fix(seen, place, published), *_card(seen)),
    )


def above(scan: Scan, size: int, place: str) -> Finding | None:
    """Blobs over a size that the user named. Over the Hub's own limit they are told as such."""
    seen = seen_where(scan.blobs, lambda blob, at: blob.pointer is None and blob.size > size)
    if not seen:
        return None
    what = "is a file" if len(seen) == 1 else f"are {len(seen):,} files"
    if any(one.blob.size > MAX_GIT_FILE for one in seen):
        remedy = command("hfpush fix", place) + f", for those over {_MEBIBYTES} MiB, which the Hub refuses"
    else:
        remedy = f"nothing for the Hub: it takes files up to {_MEBIBYTES} MiB, if they are text"
    return Finding(
        "file-above-size",
        f"There {what} over {units.size(size)} in the history of git itself.",
        evidence=capped(lines(seen)),
        remedy=(remedy,),
    )


def raw(scan: Scan, place: str, published: Collection[str]) -> Finding | None:
    """Content that its commit's attribute files send to LFS; what the Hub refuses anyway is told as that."""
    seen = seen_where(scan.blobs, lambda blob, at: is_raw(blob, at) and not is_refused(blob))
    if not seen:
        return None
    what = "file is" if len(seen) == 1 else "files are"
    return Finding(
        "should-be-pointer",
        f"{len(seen):,} {what} in git itself although .gitattributes sends them to LFS; git shows such a file as "
        "modified for ever.",
        evidence=capped(lines(seen)),
        remedy=_fix(seen, place, published),
        severity="warning",
    )


def read_by_git(scan: Scan) -> Finding | None:
    """Files that git itself reads, over the limit: no pointer can stand in their place."""
    seen = seen_where(
        scan.blobs, lambda blob, at: is_refused(blob) and blob.size > MAX_GIT_FILE and is_read_by_git(at.path)
    )
    if not seen:
        return None
    return Finding(
        "attributes-too-large",
        f"A file that git itself reads is over {_MEBIBYTES} MiB, which the Hub refuses, and cannot go to LFS.",
        evidence=capped(lines(seen)),
        remedy=(
            "make it smaller (one pattern can stand for many lines), and commit it anew in place of the commits named",
            "or, if the history need not be kept, copy the files to a folder without .git and publish that",
        ),
    )


def read_by_git_and_binary(scan: Scan) -> Finding | None:
    """Files that git itself reads and that are not text."""
    seen = seen_where(
        scan.blobs, lambda blob, at: is_refused(blob) and blob.size <= MAX_GIT_FILE and is_read_by_git(at.path)
    )
    if not seen:
        return None
    return Finding(
        "git-file-binary",
        "A file that git itself reads is not UTF-8 text: the Hub is likely to refuse it as binary, and it cannot go to "
        "LFS.",
        evidence=capped(lines(seen)),
        remedy=("save it as UTF-8, and commit it anew in place of the commits named",),
    )


def _with_pattern(one: Seen) -> str:
    return line(one, "although a pattern sends it to LFS") if any(at.lfs for at in one.sightings) else line(one)


def _fix(seen: Sequence[Seen], place: str, published: Collection[str]) -> tuple[str, ...]:
    commits = {at.commit for one in seen for at in one.sightings if at.commit}
    remedy = []
    if commits & set(published):
        remedy += [
            command("hfpush fix --rewrite-published", place),
            "tell whoever works on these commits first: a remote has some of them, and they get new ids",
            f"or leave them as they are, and publish a mended copy: {command('hfpush publish --rewrite', place)}",
        ]
    elif commits:
        remedy.append(command("hfpush fix", place))
    tags = {ref for one in seen for ref in one.blob.refs if not one.since and ref.startswith("refs/tags/")}
    return (*remedy, *(git_command(place, "tag", "-d", tag.removeprefix("refs/tags/")) for tag in sorted(tags)))


def _card(seen: Sequence[Seen]) -> tuple[str, ...]:
    if all(one.path != CARD for one in seen):
        return ()
    return ("make README.md smaller instead, since the Hub shows no card that is in LFS",)
