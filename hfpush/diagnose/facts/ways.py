"""The route table: how each client would reach each host, by its own rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from hfpush.diagnose.facts.machine import Client

Target = Literal["hub", "storage", "xet"]
"""The host of the API and of git; the one that takes and gives the bytes of LFS objects; the one of Xet."""
_GOES_TO: dict[Client, tuple[Target, ...]] = {
    "git": ("hub",),
    "git-lfs": ("hub", "storage"),
    "hfpush": ("hub", "storage"),
    "huggingface_hub": ("hub", "storage"),
    "hf_xet": ("xet",),
    "curl": (),
}


@dataclass(frozen=True)
class Way:
    """One cell. `via` is the proxy as it is shown (no password), or the name of a wrapper that takes the connection
    (`proxychains`); empty for straight. `why` says what decides (a variable, a setting with its file and line).
    `names` says who resolves the host. `trust` is what it checks certificates with, files and folders; `store` names
    where that comes from: `system`, `certifi`, or the variables and settings that name a file. `error` is what it says
    instead of going anywhere, where it cannot use what it is told."""

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
    by: str = ""
    """The variable or the key alone that names the proxy, or says that there is none."""
    bypassed: str = ""
    """The entry of NO_PROXY for which it goes straight, past the proxy `past`."""
    past: str = ""
    misread: bool = False
    """It takes another user or password from the proxy's address than is meant, since there is a raw `@` in it."""
    url: str = ""
    """Scheme, host and path of what was asked about."""

    @property
    def line(self) -> str:
        """The name of the line that it takes; lines of the same name are one."""
        return line_name(self.host, self.port, self.via)

    @property
    def secure(self) -> bool:
        """Whether TLS is spoken with the host."""
        return not self.url.startswith("http:")

    @property
    def needed(self) -> bool:
        """Whether this client goes there at all: git never to the storage, curl nowhere by itself."""
        return self.target in _GOES_TO[self.client]


def line_name(host: str, port: int, via: str) -> str:
    """`hf.test:443 straight`, `hf.test:443 through http://proxy:3128`."""
    place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    return f"{place} through {via}" if via else f"{place} straight"
