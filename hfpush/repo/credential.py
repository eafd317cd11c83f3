"""How git gets a password: through a descriptor that only git and its helpers inherit.

It is in no argument vector, URL, configuration or environment. The helper that git runs is one line of shell; it reads
a file without a name (in memory where the system can), and git asks it for one origin only. The user's own credential
helpers are not asked, so that none of them stores or replaces it.

For a publish the password is the secret of the door on the loopback that git is given (bridge/git_door.py): hooks run
by git inherit the descriptor too, and what they could read there opens that door, for this user, while the publish
runs. The Hub's token never leaves our own process.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True)
class GitCredential:
    """The `-c` settings that name the helper, and the descriptors that git must inherit."""

    settings: tuple[str, ...]
    descriptors: tuple[int, ...]


@contextmanager
def credential(url: str, token: str | None) -> Iterator[GitCredential]:
    """For the time of a `with` block: the token for the origin of `url`, and no credential for any other.

    Without a token git is given none, and asks nobody. Raises ValueError for a token that is not one line.
    """
    quiet = ("credential.helper=", "credential.interactive=false", "core.askPass=")
    if token is None or not url.startswith(("http://", "https://")):
        yield GitCredential(quiet, ())
        return
    if any(character in token for character in "\r\n\0"):
        raise ValueError("a token is one line")
    descriptor = _nameless_file(f"username=hfpush\npassword={token}\n".encode())
    try:
        helper = f'!f() {{ test "$1" = get && cat /dev/fd/{descriptor}; }}; f'
        yield GitCredential((*quiet, f"credential.{origin(url)}.helper={helper}"), (descriptor,))
    finally:
        os.close(descriptor)


def origin(url: str) -> str:
    """Scheme, host and port of a URL, as git matches its credential settings."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def _nameless_file(content: bytes) -> int:
    if hasattr(os, "memfd_create"):
        descriptor = os.memfd_create("credential")
    else:
        descriptor, name = tempfile.mkstemp()
        os.unlink(name)
    os.write(descriptor, content)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor
