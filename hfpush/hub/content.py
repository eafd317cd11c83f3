"""The content behind a file of the Hub's tree. Pure."""

from __future__ import annotations

from hfpush.disk.content import Content
from hfpush.errors import Damaged
from hfpush.hub.tree import TreeFile


def content_of(file: TreeFile) -> Content:
    """What the bytes of `file` must be; its id is the file's ETag, which names the blob in huggingface_hub's cache.

    Raises Damaged for an id that is no git id: it would become a file name.
    """
    try:
        if file.pointer is not None:
            return Content(file.pointer.oid, file.pointer.size)
        return Content(file.blob_id, file.size, git=True)
    except ValueError as error:
        raise Damaged.of(
            "tree-unreadable",
            "The Hub's list of files cannot be read.",
            seen=(f"{file.path!r} has the id {file.blob_id!r}"[:200],),
        ) from error
