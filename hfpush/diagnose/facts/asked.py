"""What doctor was asked, and where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Purpose = Literal["publish", "fetch", "all"]


@dataclass(frozen=True)
class Question:
    """`endpoint` is the URL of the endpoint that was looked at, `trusted` whether the token may go there, `real`
    whether it is not on this machine or a private network: then uploads of more than a few bytes are asked for first.
    `at` is when, in unix time by this machine's clock."""

    purpose: Purpose = "all"
    endpoint: str = ""
    endpoint_name: str = ""
    kind: str = "hub"
    trusted: bool = True
    real: bool = True
    repo_id: str = ""
    repo_type: str = "model"
    path: str = ""
    quick: bool = False
    offline: bool = False
    at: float = 0.0
