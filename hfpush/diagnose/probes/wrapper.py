"""The proxy wrapper of this machine: which one is loaded here or configured, and what lies outside it.

A preloaded wrapper takes this process's connections as well: straight, from here, is through the wrapper. What a
program meets that is not wrapped (git-lfs) is found out by a process of ours that is started without it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

from hfpush.diagnose.facts.connections import Dial
from hfpush.diagnose.facts.machine import Wrapper
from hfpush.diagnose.line import Line
from hfpush.diagnose.wrapper_config import wrapper_proxies
from hfpush.disk.plain import beginning_of
from hfpush.net.proxies import Proxy
from hfpush.net.routes import Route
from hfpush.net.wrappers import preloaded, without_wrappers

_MOST_BYTES = 256 * 1024
_START_SECONDS = 3.0
_NAMES = ("proxychains", "torsocks", "tsocks")
_KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "LD_PRELOAD", "LD_LIBRARY_PATH", "RES_OPTIONS", "LOCALDOMAIN", "SYSTEMROOT")
"""What a process needs to connect; nothing that may hold a token or a login is among them."""


@dataclass(frozen=True)
class Found:
    """The wrapper, None where there is neither one loaded nor one configured, and its proxies with their logins."""

    wrapper: Wrapper | None = None
    proxies: tuple[Proxy, ...] = field(default=(), repr=False)

    def lines(self, hosts: Sequence[tuple[str, int]]) -> tuple[Line, ...]:
        """How these hosts would be reached through the wrapper's proxy without the wrapper; none where it has several
        proxies, or none."""
        if len(self.proxies) != 1 or self.wrapper is None:
            return ()
        proxy, route = self.proxies[0], Route(self.proxies[0].url, self.wrapper.config or self.wrapper.name)
        return tuple(Line(host, port, proxy.shown, route=route, names="proxy") for host, port in hosts)


def read_wrapper(environment: Mapping[str, str]) -> Found:
    """The wrapper that this environment loads, else the first one that is configured on this machine. Reads files
    alone; a file that cannot be read says nothing."""
    loaded = preloaded(environment)
    for name in (loaded.name,) if loaded is not None else _NAMES:
        for file in _files(name, environment):
            text = _text(file)
            if text is None:
                continue
            proxies = wrapper_proxies(name, text, environment)
            if loaded is None and not proxies:
                break
            shown = tuple(one.shown for one in proxies)
            login = any(one.user is not None for one in proxies)
            return Found(Wrapper(name, loaded.library if loaded else "", str(file), shown, login), proxies)
    return Found() if loaded is None else Found(Wrapper(loaded.name, loaded.library))


def dial_outside(lines: Sequence[Line], seconds: float) -> tuple[Dial, ...]:
    """As connect.dial, of lines that go straight, in a process without the wrapper. Empty where no such process came
    to an end; it has `seconds`, and as long as Python takes to start."""
    asked = [{"host": line.host, "port": line.port, "secure": line.secure} for line in lines if not line.via]
    if not asked:
        return ()
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-m", "hfpush.diagnose.probes.outside"],
            input=json.dumps({"seconds": seconds, "lines": asked}).encode(),
            env={name: value for name, value in without_wrappers(os.environ).items() if name in _KEPT},
            capture_output=True,
            timeout=seconds + _START_SECONDS,
            check=True,
        )
        rows = json.loads(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError):  # then it is not known, and no rule counts on it
        return ()
    names = {one.name for one in fields(Dial)}
    return tuple(Dial(**{key: value for key, value in row.items() if key in names}) for row in rows)


def written(dials: Sequence[Dial]) -> bytes:
    """Dials as `dial_outside` reads them."""
    return json.dumps([asdict(one) for one in dials]).encode()


def _files(name: str, environment: Mapping[str, str]) -> Iterator[Path]:
    """Where the wrapper looks for its configuration, in its order; the first that is there counts."""
    home = environment.get("HOME", "")
    if name == "proxychains":
        own = environment.get("PROXYCHAINS_CONF_FILE")
        if own:
            yield Path(own)
            return
        with suppress(FileNotFoundError):  # this folder may be gone
            yield Path.cwd() / "proxychains.conf"
        if home:
            yield from (Path(home) / ".proxychains/proxychains.conf", Path(home) / ".config/proxychains.conf")
        yield from (Path("/etc/proxychains.conf"), Path("/etc/proxychains4.conf"))
    elif name == "torsocks":
        yield Path(environment.get("TORSOCKS_CONF_FILE") or "/etc/tor/torsocks.conf")
    elif name == "tsocks":
        own = environment.get("TSOCKS_CONF_FILE")
        yield from [Path(own)] if own else [*([Path(home) / ".tsocks.conf"] if home else []), Path("/etc/tsocks.conf")]


def _text(file: Path) -> str | None:
    try:
        return beginning_of(file, _MOST_BYTES).decode("utf-8", "replace")
    except OSError:
        return None
