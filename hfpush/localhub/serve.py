"""A Hub that runs until it is told to end: the body of `hfpush hub serve`."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import signal
from collections.abc import Callable, Sequence
from dataclasses import fields

from hfpush.localhub.config import HubConfig
from hfpush.localhub.faults import Fault
from hfpush.localhub.server import LocalHub


class CannotServe(Exception):
    """The Hub does not start; the message is a sentence for whoever started it."""


def serve(config: HubConfig, faults: Sequence[Fault], *, announce: Callable[[str], None]) -> None:
    """Run a Hub until SIGINT or SIGTERM, then end its connections and return; call it in the main thread.

    `announce` gets lines for a person: where it is, the token, and how to point git and hf at it. Tokens are kept
    below the root, so that the next start has the same. Raises CannotServe.
    """
    asyncio.run(_serve(config, faults, announce))


async def _serve(config: HubConfig, faults: Sequence[Fault], announce: Callable[[str], None]) -> None:
    try:
        hub = LocalHub(*faults, **{field.name: getattr(config, field.name) for field in fields(config)})
        await hub.start()
    except OSError as wrong:
        raise CannotServe(reason(wrong, config)) from wrong
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        # Windows has no signal handlers here: Ctrl-C arrives as KeyboardInterrupt.
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, ended.set)
    try:
        for line in greeting(hub):
            announce(line)
        await ended.wait()
    finally:
        await hub.stop()


def reason(wrong: OSError, config: HubConfig) -> str:
    """Why a Hub with this configuration cannot start, in a sentence."""
    if wrong.errno == errno.EADDRINUSE:
        ports = " or ".join(str(port) for port in (config.port, config.storage_port) if port)
        return f"Port {ports} on {config.host} is in use by another program; choose another one, or 0 for any."
    if wrong.errno == errno.EACCES and wrong.filename is None:
        return f"This user may not listen on port {config.port} of {config.host}; ports above 1023 are free to all."
    if wrong.filename is not None:
        return f"The folder {config.root} cannot be used: {wrong.strerror}."
    return f"Cannot listen on {config.host}: {wrong.strerror or wrong}."


def greeting(hub: LocalHub) -> list[str]:
    """What a person needs to use the Hub. The token is meant to be seen: it opens nothing but this Hub."""
    users = hub.config.users
    user = next((one for one in users if one.role == "write"), users[0])
    lines = [
        f"Local Hub at {hub.url}, storage at {hub.storage_url}",
        f"Kept in {hub.config.root}",
        f"Token of user {user.name}: {user.token}",
        "",
        "For hf and the Python libraries (this Hub speaks LFS, not Xet):",
        f"  export HF_ENDPOINT={hub.url} HF_TOKEN={user.token} HF_HUB_DISABLE_XET=1",
        "For git (any user name, the token as password):",
        f"  git clone {hub.url}/<namespace>/<name>",
        f"  git clone {hub.url}/datasets/<namespace>/<name>",
    ]
    live = hub.faults.live()
    return [*lines, "", "What goes wrong on purpose:", *(f"  {fault}" for fault in live)] if live else lines
