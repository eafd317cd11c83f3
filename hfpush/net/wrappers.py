"""Proxy wrappers: libraries that are loaded before a program to take its connections to a proxy. Pure.

They take them from the C library. A program that makes its own system calls, as those written in Go do, is not led
anywhere by them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

_WRAPPER = re.compile(r"(?i)(proxychains|torsocks|tsocks|dsocks|socksify|proxybound)|^(libsocks)\.")
_WRAPPER_NAMES = re.compile(r"(?:PROXYCHAINS|TORSOCKS|TSOCKS|SOCKS)_[A-Z0-9_]+|PROXYRESOLV_DNS")
_PRELOADS = ("LD_PRELOAD", "DYLD_INSERT_LIBRARIES")


@dataclass(frozen=True)
class Preloaded:
    """A wrapper that the environment loads: `name` is proxychains, torsocks or the like, `library` the
    file as the variable `by` has it."""

    name: str
    library: str
    by: str


def preloaded(environment: Mapping[str, str]) -> Preloaded | None:
    """The first wrapper that programs in this environment have, None where they have none."""
    for by in _PRELOADS:
        for part in re.split(r"[: ]+", environment.get(by, "")):
            match = _WRAPPER.search(PurePosixPath(part).name)
            if match:
                return Preloaded((match[1] or match[2]).lower(), part, by)
    return None


def without_wrappers(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment without preloaded proxy wrappers, which would carry loopback connections away, and without what
    tells them where to; other preloaded libraries stay."""
    env = {name: value for name, value in environment.items() if not _WRAPPER_NAMES.fullmatch(name)}
    for name in _PRELOADS:
        if name not in env:
            continue
        parts = [part for part in re.split(r"[: ]+", env[name]) if part]
        kept = [part for part in parts if not _WRAPPER.search(PurePosixPath(part).name)]
        if len(kept) == len(parts):
            continue
        del env[name]
        if kept:
            env[name] = ":".join(kept)
        else:
            env.pop("DYLD_FORCE_FLAT_NAMESPACE", None)
    return env
