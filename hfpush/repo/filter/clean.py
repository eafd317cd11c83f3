"""Clean: content goes in, a pointer comes out, and the content is in the store."""

from __future__ import annotations

import hashlib

from hfpush.lfs.pointer import MAX_POINTER_BYTES, Pointer, parse_pointer
from hfpush.repo.filter.pktline import Incoming
from hfpush.repo.filter.store import Store


def clean(content: Incoming, store: Store, block: memoryview) -> bytes:
    """What git is to keep in the place of `content`: its pointer; the content itself when it is a pointer already, or
    empty. The object is in the store then. `block` (1 MiB, say) is all the memory that is used.

    Raises LocalTrouble (`disk-full`, ...); nothing half-made stays then.
    """
    count = content.into(block)
    if content.ended:
        return _clean_small(block[:count], store)
    draft = store.draft()
    try:
        digest, size = hashlib.sha256(), 0
        while count:
            digest.update(block[:count])
            draft.write(block[:count])
            size += count
            count = content.into(block)
        pointer = Pointer(digest.hexdigest(), size)
        draft.keep(pointer)
    finally:
        draft.discard()
    return pointer.encode()


def _clean_small(data: memoryview, store: Store) -> bytes:
    """The same for content that is in memory as a whole: it is written only if the store lacks it."""
    if len(data) < MAX_POINTER_BYTES:
        text = bytes(data)
        if not text or parse_pointer(text) is not None:
            return text
    pointer = Pointer(hashlib.sha256(data).hexdigest(), len(data))
    if not store.has(pointer):
        draft = store.draft()
        try:
            draft.write(data)
            draft.keep(pointer)
        finally:
            draft.discard()
    return pointer.encode()
