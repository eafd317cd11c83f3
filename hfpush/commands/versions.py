"""Which programs and libraries this run consists of: the first lines of a trace, and of a report that is pasted."""

from __future__ import annotations

import os
import platform
import ssl
import subprocess
from importlib import metadata

from hfpush.repo.process import environment

_SECONDS = 10.0
_LIBRARIES = ("requests", "urllib3", "huggingface-hub")


def versions() -> tuple[str, ...]:
    """hfpush, Python, its OpenSSL and the libraries, the system, git and git-lfs; each in a few words."""
    system = os.uname()  # platform.platform() runs `uname -p`, with the token in its environment
    libraries = [f"{name} {metadata.version(name)}" for name in _LIBRARIES]
    return (
        f"hfpush {metadata.version('hfpush')}",
        f"Python {platform.python_version()}, {ssl.OPENSSL_VERSION}",
        ", ".join(libraries),
        f"{system.sysname} {system.release} {system.machine}, {' '.join(platform.libc_ver())}",
        _said(["git", "--version"]),
        _said(["git-lfs", "version"]),
    )


def _said(command: list[str]) -> str:
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            timeout=_SECONDS,
            stdin=subprocess.DEVNULL,
            env=environment(),
            check=False,
        )
    except FileNotFoundError:
        return f"{command[0]} is not installed"
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"{command[0]} does not run: {error}"
    lines = (done.stdout or done.stderr).decode("utf-8", "replace").splitlines()
    return lines[0] if lines else f"{command[0]} says nothing"
