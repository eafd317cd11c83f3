"""The hooks that we ship: text of a few lines each, in hooks/ at the top of the source."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Literal, get_args

from hfpush.errors import LocalTrouble

HookName = Literal["pre-commit", "pre-push"]
HOOK_NAMES: tuple[HookName, ...] = get_args(HookName)


def script(name: HookName) -> bytes:
    """The text of a hook, in POSIX sh. Raises LocalTrouble when the installation lacks it."""
    packaged = resources.files("hfpush.repo.hooks") / "scripts" / name
    if packaged.is_file():
        return packaged.read_bytes()
    checkout = Path(__file__).parents[3] / "hooks" / name
    if checkout.is_file():
        return checkout.read_bytes()
    raise LocalTrouble.of(
        "installation-damaged",
        f"hfpush's {name} hook is missing from its installation.",
        seen=(str(checkout),),
        to_try=("install hfpush again",),
    )
