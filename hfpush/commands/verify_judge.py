"""What is right and wrong in a cache, given what lies in it, the lists of files, and what came of reading. Pure.

First `sightings` says what must be read for each path, then `judged` what came of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from hfpush.commands.verify_found import Blob, CacheRepo, Entry, Item, Listing, Sighting, Verdict
from hfpush.disk.content import Content
from hfpush.hub.content import content_of
from hfpush.hub.tree import TreeFile

_DIGEST = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}", re.ASCII)
UNREACHED = "its link leads to a blob that is not there"
GONE = "it was here once, with all files of its commit"


def is_digest(name: str) -> bool:
    """Whether a blob's name says what its bytes must be."""
    return _DIGEST.fullmatch(name) is not None


def named_contents(name: str, size: int) -> tuple[Content, ...]:
    """What a file of `size` bytes can be by its name or note; nothing where that is another kind of ETag."""
    if not is_digest(name):
        return ()
    git = Content(name, size, git=True)
    return (git,) if len(name) == 40 else (Content(name, size), git)  # git has ids of 64 digits, too


def needs_list(repo: CacheRepo, commit: str) -> bool:
    """Whether something in that snapshot can only be judged with the commit's list of files."""
    entries = repo.snapshots.get(commit, {}).values()
    return any(entry.kind != "link" or not is_digest(entry.blob) for entry in entries)


def sightings(repo: CacheRepo, listings: Mapping[str, Listing], *, spare: bool = True) -> list[Sighting]:
    """Everything that the snapshots show or should show; with `spare` also the blobs that none of them shows."""
    contents = _contents(repo, listings)
    found: list[Sighting] = []
    for commit, entries in repo.snapshots.items():
        listing = listings.get(commit)
        for path, entry in entries.items():
            listed = None if listing is None else listing.files.get(path)
            one = _sighting(repo, commit, entry, listed, contents)
            strange = listing is not None and listed is None and one.state != "missing"
            found.append(replace(one, state="unlisted", seen=entry.seen) if strange else one)
        if listing is not None and listing.lost:
            lost = (file for path, file in listing.files.items() if path not in entries)
            found += [Sighting(file.path, commit, file.size, "missing", GONE, listed=file) for file in lost]
    shown = {entry.blob for entries in repo.snapshots.values() for entry in entries.values()}
    for name, blob in repo.blobs.items() if spare else ():
        if name not in shown:
            found.append(_of_blob(Sighting(f"blobs/{name}", "", blob.size), blob, contents))
    return found


def never_fetched(repo: CacheRepo, listings: Mapping[str, Listing]) -> Mapping[str, list[TreeFile]]:
    """By commit the files that its list has and its snapshot has not, where nothing says that they were ever there."""
    return {
        commit: missing
        for commit, entries in repo.snapshots.items()
        if (listing := listings.get(commit)) is not None and not listing.lost
        if (missing := [file for path, file in listing.files.items() if path not in entries])
    }


def judged(found: Iterable[Sighting], verdicts: Mapping[Path, Verdict]) -> Iterator[Sighting]:
    """Each sighting with its final state."""
    for one in found:
        verdict = verdicts.get(one.item.where) if one.item is not None else None
        if one.item is None or verdict is None:
            yield one
        elif verdict.state != "fine":
            yield replace(one, state=verdict.state, seen=verdict.seen)
        elif one.content is not None and verdict.content is not None and one.content.id != verdict.content.id:
            seen = f"it leads to the blob of another file, {verdict.content.id}"
            yield replace(one, state="misplaced", seen=seen)
        else:
            yield one


def merged(found: Iterable[Sighting]) -> list[Item]:
    """What must be read for them, each file once."""
    items: dict[Path, Item] = {}
    for one in found:
        if one.item is not None:
            before = items.get(one.item.where)
            contents = one.item.contents if before is None else (*before.contents, *one.item.contents)
            items[one.item.where] = replace(one.item, contents=tuple(dict.fromkeys(contents)))
    return list(items.values())


def _contents(repo: CacheRepo, listings: Mapping[str, Listing]) -> dict[str, tuple[Content, ...]]:
    """What each blob may be: what the lists say of the files that it is shown as, and what its name says."""
    listed: dict[str, list[Content]] = {}
    for commit, entries in repo.snapshots.items():
        listing = listings.get(commit)
        for path, entry in entries.items() if listing is not None else ():
            file = listing.files.get(path) if listing is not None else None
            if entry.kind == "link" and file is not None:
                listed.setdefault(entry.blob, []).append(content_of(file))
    contents = {}
    for name, blob in repo.blobs.items():
        known = listed.get(name, [])
        own = [] if any(content.id == name for content in known) else named_contents(name, blob.size)
        contents[name] = tuple(dict.fromkeys([*known, *own]))
    return contents


def _sighting(
    repo: CacheRepo, commit: str, entry: Entry, listed: TreeFile | None, contents: Mapping[str, tuple[Content, ...]]
) -> Sighting:
    one = Sighting(entry.path, commit, entry.size, listed=listed)
    if entry.kind == "odd":
        return replace(one, state="misplaced", seen=entry.seen)
    if entry.kind == "plain":
        if listed is None:
            return replace(one, state="unjudged", seen="it is a file of its own, and no list of files has it")
        return replace(one, item=Item(entry.where, entry.size, (content_of(listed),)))
    blob = repo.blobs.get(entry.blob)
    if blob is None:
        return replace(one, size=0 if listed is None else listed.size, state="missing", seen=UNREACHED)
    return _of_blob(one, blob, contents)


def _of_blob(one: Sighting, blob: Blob, contents: Mapping[str, tuple[Content, ...]]) -> Sighting:
    if blob.seen:
        return replace(one, state="misplaced", seen=f"its blob: {blob.seen}")
    known = contents[blob.name]
    if not known:
        return replace(one, state="unjudged", seen=f"{blob.name[:80]!r} is no digest, and no list of files has it")
    return replace(one, item=Item(blob.where, blob.size, known))
