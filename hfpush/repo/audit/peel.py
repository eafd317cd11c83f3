"""What refs hold in the end: a tag is followed to what it tags, however many tags are in between."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from hfpush.repo.objects import ObjectReader

_KINDS = ("commit", "tree", "blob", "tag")


@dataclass(frozen=True)
class Peeled:
    """An object that is no tag. `kind` is `commit`, `tree` or `blob`; `here` says whether it is in the repository."""

    id: str
    kind: str
    here: bool = True


def peeled(reader: ObjectReader, ids: Collection[str]) -> dict[str, Peeled]:
    """The object behind each id. Ids without one are left out: they are not here, or a tag in between is damaged.

    What a tag says of its target is believed, so that the target of a partial clone is not looked for elsewhere.
    """
    found: dict[str, Peeled] = {}
    behind: dict[str, list[str]] = {}
    tags = []
    for info in reader.info(list(ids)):
        if info.type == "tag":
            tags.append(info.id)
            behind[info.id] = [info.id]
        elif info.type is not None:
            found[info.id] = Peeled(info.id, info.type)
    while tags:
        targets: dict[str, list[str]] = {}
        kinds: dict[str, str] = {}
        for id, content in reader.contents(tags):
            target = parse_tag(content)
            if target is not None:
                targets.setdefault(target.id, []).extend(behind[id])
                kinds[target.id] = target.kind
        here = {info.id: info.type for info in reader.info(list(targets))}
        for id, sources in targets.items():
            if kinds[id] != "tag":
                found |= dict.fromkeys(sources, Peeled(id, kinds[id], here.get(id) is not None))
        tags = [id for id in targets if kinds[id] == "tag" and here.get(id) == "tag"]
        behind = targets
    return found


def parse_tag(content: bytes) -> Peeled | None:
    """What a tag object says that it tags; None for one that is damaged."""
    lines = content.split(b"\n", 2)
    if len(lines) < 3 or not lines[0].startswith(b"object ") or not lines[1].startswith(b"type "):
        return None
    id, kind = lines[0][7:].decode("ascii", "replace"), lines[1][5:].decode("ascii", "replace")
    if kind not in _KINDS or len(id) not in (40, 64) or not all(letter in "0123456789abcdef" for letter in id):
        return None
    return Peeled(id, kind)
