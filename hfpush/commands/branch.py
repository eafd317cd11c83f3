"""How our commit gets onto the remote branch, if it may. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from hfpush.errors import Refused

Move = Literal["nothing", "create", "forward", "replace-initial"]


@dataclass(frozen=True)
class RemoteBranch:
    """The branch as the Hub has it: `head` None when there is no such branch.

    `head_is_ours`: its head is in our history. `only_initial`: it holds nothing but the commit with which the Hub
    itself began the repository.
    """

    name: str
    head: str | None
    head_is_ours: bool = False
    only_initial: bool = False


def move_for(branch: RemoteBranch, ours: str) -> Move:
    """What the push has to do. Raises Refused (`remote-moved`) rather than ever to overwrite anybody's commit."""
    if branch.head is None:
        return "create"
    if branch.head == ours:
        return "nothing"
    if branch.head_is_ours:
        return "forward"
    if branch.only_initial:
        return "replace-initial"
    raise Refused.of(
        "remote-moved",
        f"The branch {branch.name} on the Hub has commits that are not in this repository.",
        seen=(f"its head there is {branch.head[:12]}, ours is {ours[:12]}, which does not build on it",),
        to_try=(
            f"git pull --rebase <remote> {branch.name}, then run the same command again",
            "publish to another branch with --revision",
        ),
    )
