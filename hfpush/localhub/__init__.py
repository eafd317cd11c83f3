"""A Hub in a room: git, LFS, storage and REST of the Hugging Face Hub in one process, with faults by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hfpush.localhub.auth import User
from hfpush.localhub.config import HubConfig
from hfpush.localhub.faults import (
    Fault,
    bad_json,
    corrupt,
    delay,
    disk_full,
    drop_after,
    expired_lease,
    forget_object,
    gzip,
    html,
    ignore_range,
    late_check,
    lost_answer,
    new_upload_per_lease,
    no_answer,
    no_commit_header,
    no_etag,
    race,
    redirect_loop,
    refuse_range,
    short_lease,
    slow,
    stall,
    status,
    swap,
    throttle,
    truncate,
    unknown_length,
    unknown_oid,
    unpadded_parts,
    worn_lease,
    wrong_etag,
    wrong_length,
    wrong_range,
    wrong_size,
)
from hfpush.localhub.faultspec import FaultSyntax, parse_fault

if TYPE_CHECKING:
    from hfpush.localhub.server import LocalHub

__all__ = [
    "Fault",
    "FaultSyntax",
    "HubConfig",
    "LocalHub",
    "User",
    "bad_json",
    "corrupt",
    "delay",
    "disk_full",
    "drop_after",
    "expired_lease",
    "forget_object",
    "gzip",
    "html",
    "ignore_range",
    "late_check",
    "lost_answer",
    "new_upload_per_lease",
    "no_answer",
    "no_commit_header",
    "no_etag",
    "parse_fault",
    "race",
    "redirect_loop",
    "refuse_range",
    "short_lease",
    "slow",
    "stall",
    "status",
    "swap",
    "throttle",
    "truncate",
    "unknown_length",
    "unknown_oid",
    "unpadded_parts",
    "worn_lease",
    "wrong_etag",
    "wrong_length",
    "wrong_range",
    "wrong_size",
]


if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        # The pre-receive hook is a module of this package and starts with every push: it is spared the HTTP server.
        if name == "LocalHub":
            from hfpush.localhub.server import LocalHub

            return LocalHub
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
