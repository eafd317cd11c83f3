"""The hooks that we ship: text of a few lines each, in hooks/ at the top of the source."""

from __future__ import annotations

from typing import Literal, get_args

from hfpush.disk.shipped import shipped

HookName = Literal["pre-commit", "pre-push"]
HOOK_NAMES: tuple[HookName, ...] = get_args(HookName)


def script(name: HookName) -> bytes:
    """The text of a hook, in POSIX sh. Raises LocalTrouble when the installation lacks it."""
    return shipped(f"repo/hooks/scripts/{name}", f"hooks/{name}", f"{name} hook")
