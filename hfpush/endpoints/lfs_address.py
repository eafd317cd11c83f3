"""An LFS server of which nothing is known but its URL: what git-lfs was told to use, perhaps no Hub at all."""

from __future__ import annotations

from dataclasses import dataclass

from hfpush.endpoints.endpoint import Endpoint

_TAIL = ".git/info/lfs"


@dataclass(frozen=True)
class LfsAddress:
    """The LFS API at `lfs_url`, which has no user information and no trailing slash, on `endpoint`."""

    endpoint: Endpoint
    lfs_url: str

    @property
    def web_url(self) -> str:
        """The repository's own URL where that of its LFS API was made of it: the one a RepoAddress has."""
        return self.lfs_url.removesuffix(_TAIL)
