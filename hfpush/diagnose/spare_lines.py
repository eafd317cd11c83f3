"""Lines that no client takes, worth a try where one that somebody takes is shut: what works tells where the fault is.

Straight beside a proxy that does not carry; through a wrapper's proxy beside a straight way that is shut, where the
wrapper is configured and not in use.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from hfpush.diagnose.line import Line
from hfpush.diagnose.probes.wrapper import Found
from hfpush.net.routes import is_loopback


def spare_lines(shut: Sequence[Line], found: Found, known: Collection[str]) -> tuple[Line, ...]:
    """The lines to try because of those that are `shut`; none of them is `known` already, by its name. None where a
    wrapper is loaded, as nothing of this process goes straight then, and none to this machine itself."""
    if found.wrapper is not None and found.wrapper.preload:
        return ()
    shut = [line for line in shut if not is_loopback(line.host)]
    straight = [Line(line.host, line.port, secure=line.secure) for line in shut if line.via]
    wrapped = found.lines([(line.host, line.port) for line in shut if not line.via])
    return tuple({line.name: line for line in (*straight, *wrapped) if line.name not in known}.values())
