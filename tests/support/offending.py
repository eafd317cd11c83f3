"""Which files of a small history have to go to LFS, told by brute force."""

from __future__ import annotations

from dataclasses import dataclass

from support.object_reader import Repo
from support.truth import Attributes, Introduction, is_binary

from hfpush.lfs.pointer import parse_pointer

READ_BY_GIT = (".gitattributes", ".gitignore", ".gitmodules", ".lfsconfig", ".mailmap")


@dataclass(frozen=True)
class Offending:
    """The rule: over `limit` bytes, or binary, or content where the attributes of its commit say LFS."""

    repo: Repo
    attributes: Attributes
    limit: int

    def __call__(self, one: Introduction) -> bool:
        """Whether the commit should not bring this file in. Files that git reads are nobody's offence here: they cannot
        go."""
        content = self.repo.body(one.blob, "blob")
        if parse_pointer(content) is not None or one.path.rpartition("/")[2] in READ_BY_GIT:
            return False
        if len(content) > self.limit or is_binary(content):
            return True
        raw = content and not content.startswith(b"version https://")
        return bool(raw and self.attributes.lfs(self.repo.files(one.commit), [one.path]))
