"""The route table: how each client would reach each host, by its own rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from hfpush.diagnose.facts.machine import Client

Target = Literal["hub", "storage", "xet"]
"""The host of the API and of git; the one that takes and gives the bytes of LFS objects; the one of Xet."""


@dataclass(frozen=True)
class Way:
    """One cell. `via` is the proxy as it is shown (no password), empty for straight; `why` says what decides
    (a variable, a setting with its file and line). `names` says who resolves the host. `trust` is what it checks
    certificates with: files and folders that it would load, or empty for the roots that it comes with, which `store`
    names. `error` is what it says instead of going anywhere, where it cannot use what it is told."""

    client: Client
    target: Target
    host: str
    port: int
    via: str = ""
    why: str = ""
    names: Literal["here", "proxy"] = "here"
    store: str = ""
    trust: tuple[str, ...] = ()
    verifies: bool = True
    error: str = ""

    @property
    def line(self) -> str:
        """The name of the line that it takes; lines of the same name are one."""
        return line_name(self.host, self.port, self.via)


def line_name(host: str, port: int, via: str) -> str:
    """`hf.test:443 straight`, `hf.test:443 through http://proxy:3128`."""
    place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    return f"{place} through {via}" if via else f"{place} straight"
