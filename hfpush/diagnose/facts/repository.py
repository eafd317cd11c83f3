"""The repository that the question is about, and the disks."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Disk:
    """A folder that is written to. `role` says what for. Rates in bytes a second, times in seconds; None where it was
    not tried. `problem` is what went wrong when it was."""

    path: str
    role: str = "cache"
    file_system: str = ""
    over_network: bool = False
    free: int = 0
    needed: int = 0
    read_only: bool = False
    locks: bool | None = None
    renames: bool | None = None
    sync_seconds: float | None = None
    rate: float | None = None
    problem: str = ""
    refused: str = ""
    """The name of the error with which it refused (`EROFS`, `EACCES`, `ENOSPC`)."""
    late: bool = False
    """It did not answer in time."""


@dataclass(frozen=True)
class Corrupt:
    """A file of git-lfs's store whose content is not that of its object. `name` is the object's path in the
    repository; `in_tree` says that the work tree has the right content there."""

    path: str
    name: str
    in_tree: bool = False


MOST_COMMITS = 20_000


@dataclass(frozen=True)
class Repository:
    """`state` is `none` (no PATH, or a folder that is no repository), `repository`, `bare`, `broken`. What is wrong
    inside is in Facts.noted, as other parts of hfpush tell it."""

    state: str = "none"
    root: str = ""
    branch: str = ""
    remotes: tuple[str, ...] = ()
    """Their URLs, without logins."""
    ssh: bool = False
    lfs_hook: bool | None = None
    hooks_path: str = ""
    largest_lfs: int = 0
    lfs_files: int = 0
    submodules: int = 0
    multipart: str = ""
    """lfs.customtransfer.multipart.path."""
    seconds: float = 0.0
    connected: bool = False
    """A remote of it is a Hub, or the repository at the Hub was named: it is meant to go there."""
    managed: bool = False
    """hfpush made it of a folder, and pushes it."""
    partial: bool = False
    lfs_filter: str = ""
    """Whose filter git would start for LFS files: `git-lfs`, `hfpush`, `other`; empty for none."""
    hook_by: str = ""
    """Whose pre-push hook there is: `git-lfs`, `hfpush`, `other`; empty for none."""
    unpushed: int | None = None
    """Commits that no remote that is a Hub is known to have; not counted beyond MOST_COMMITS."""
    looked: str = "nothing"
    """How much of the history was looked at for what the Hub refuses: `all` of what is to be pushed, its `sizes`
    alone, the `tip` alone, or `nothing`; `why` tells why not all."""
    why: str = ""
    texts: tuple[str, ...] = ()
    """The first LFS files of the work tree in whose place their pointers stand; `text_count` of them in all."""
    text_count: int = 0
    text_bytes: int = 0
    """How many bytes of their objects are not in git-lfs's store."""
    hook_idle: bool = False
    """There is a pre-push hook that git leaves out, since it may not be executed."""
    corrupt: tuple[Corrupt, ...] = ()
    hashed: int = 0
    """How many objects of the store were read to see whether they are whole."""
    tokens: tuple[str, ...] = ()
    """Where what looks like a token of the Hub stands in what is to be pushed: `path, in the commit ...`."""
    tracked: tuple[str, ...] = ()
    """Commits at which remote-tracking refs of the Hub's remotes stand."""
    unpushed_submodules: tuple[str, ...] = ()
