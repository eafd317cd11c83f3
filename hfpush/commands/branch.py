"""How our commit gets onto the remote branch, if it may. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from hfpush.errors import Refused

Move = Literal["nothing", "create", "forward", "replace-initial"]


@dataclass(frozen=True)
class RemoteBranch:
    """The branch as the Hub has it: `head` None when there is no such branch.

    `head_is_ours`: what is published builds on its head. `only_initial`: it holds nothing but the commit with which
    the Hub itself began the repository.
    """

    name: str
    head: str | None
    head_is_ours: bool = False
    only_initial: bool = False

    @property
    def is_free(self) -> bool:
        """Whether publishing to it overwrites nobody's commit."""
        return self.head is None or self.head_is_ours or self.only_initial


def move_for(branch: RemoteBranch, ours: str) -> Move:
    """What the push of commit `ours` (empty: one that is still to be made) has to do to a branch that is free."""
    if branch.head is None:
        return "create"
    if branch.head == ours:
        return "nothing"
    return "forward" if branch.head_is_ours else "replace-initial"


def check_free(branch: RemoteBranch, *, folder: bool) -> None:
    """Raises Refused (`remote-moved`) rather than ever to overwrite anybody's commit. `folder`: what is published is
    not the user's own repository but a folder."""
    if branch.is_free:
        return
    if folder:
        first = "clone it, copy the folder's files into the clone, commit them, and publish the clone"
    else:
        first = f"git pull --rebase <remote> {branch.name}, then run the same command again"
    raise Refused.of(
        "remote-moved",
        f"The branch {branch.name} on the Hub has commits that are not in what is published here.",
        seen=(f"its head there is {str(branch.head)[:12]}",),
        to_try=(first, "or publish to another branch with --revision"),
    )
