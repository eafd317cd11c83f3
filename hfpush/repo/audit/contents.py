"""The beginnings of many blobs in one stream."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator

from hfpush.errors import Damaged
from hfpush.repo.process import Git

_BLOCK = 1 << 16


def heads(git: Git, ids: Iterable[str], count: int) -> Iterator[tuple[str, int, bytes]]:
    """Id, size and first `count` bytes of each blob, in order. All of them must be here. Nothing of a blob is held but
    its beginning."""
    asked = list(ids)
    if not asked:
        return
    with tempfile.TemporaryFile() as wanted:
        wanted.write("".join(f"{id}\n" for id in asked).encode())
        wanted.seek(0)
        with git.running("cat-file", "--batch", "--buffer", stdin=wanted) as process:
            stream = process.stdout
            assert stream is not None
            for id in asked:
                fields = stream.readline().split()
                if len(fields) != 3:
                    break  # git's own words come at the end of the block
                size = int(fields[2])
                head = stream.read(min(size, count))
                left = size - len(head) + 1
                while left and (block := stream.read(min(left, _BLOCK))):
                    left -= len(block)
                if left:
                    break
                yield id, size, head
            else:
                return
    raise unreadable(f"object {id}")


def unreadable(*seen: str) -> Damaged:
    """The error for an object that should be here and cannot be read."""
    return Damaged.of(
        "repo-damaged",
        "An object of the repository is missing or cannot be read.",
        seen=seen,
        to_try=(
            "git fsck --full, which names what is damaged",
            "if the history is complete elsewhere: git fetch --refetch, or a fresh clone",
        ),
    )
