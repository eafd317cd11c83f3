"""Programs, variables and settings: what can be read without asking anybody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Client = Literal["git", "git-lfs", "hfpush", "huggingface_hub", "hf_xet", "curl"]
"""Those whose ways differ. huggingface_hub is httpx for releases from 1.0 on, requests before; hf_xet is reqwest."""
CLIENTS: tuple[Client, ...] = ("git", "git-lfs", "hfpush", "huggingface_hub", "hf_xet", "curl")


@dataclass(frozen=True)
class Program:
    """One program or library. `version` is empty where it is not there. `tls` names its TLS library (`gnutls 3.7.9`,
    `openssl`, `go`, `rustls`); `is_go` that it makes its own system calls, which no preloaded library sees; `lacking`
    are optional parts that it needs for something (`socksio`)."""

    name: Client
    path: str = ""
    version: str = ""
    tls: str = ""
    http: str = ""
    is_go: bool = False
    lacking: tuple[str, ...] = ()
    said: str = ""
    roots: tuple[str, ...] = ()
    """Files and folders of certificates that its library was built to look at."""
    backends: tuple[str, ...] = ()
    """The TLS libraries that it can be told to use, where it was asked for them."""


@dataclass(frozen=True)
class Variable:
    """A variable of the environment that has to do with the network, its value without secrets."""

    name: str
    value: str


@dataclass(frozen=True)
class ConfigLine:
    """A setting of git or git-lfs: `key` as git lists it, `value` and both without secrets, and where it stands."""

    key: str
    value: str
    where: str = ""
    line: int = 0


@dataclass(frozen=True)
class Wrapper:
    """A library that is loaded before programs to take their connections: proxychains, tsocks, torsocks.
    `proxies` are those of its configuration, as URLs without passwords, where it could be read; `preload` is the value
    of the variable that loads it, empty where it is installed and configured, but not in use here."""

    name: str
    preload: str = ""
    config: str = ""
    proxies: tuple[str, ...] = ()
    login: bool = False
    """Whether one of them has a user name in the configuration."""


@dataclass(frozen=True)
class Machine:
    """This machine, as far as it matters."""

    programs: tuple[Program, ...] = ()
    variables: tuple[Variable, ...] = ()
    settings: tuple[ConfigLine, ...] = ()
    wrapper: Wrapper | None = None
    versions: tuple[str, ...] = ()
    python: str = ""

    def program(self, name: Client) -> Program:
        """What is known of one; an empty one where it is not there."""
        return next((one for one in self.programs if one.name == name), Program(name))
