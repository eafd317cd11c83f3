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
    stale_tracking: bool | None = None
    submodules: int = 0
    multipart: str = ""
    """lfs.customtransfer.multipart.path."""
    seconds: float = 0.0
