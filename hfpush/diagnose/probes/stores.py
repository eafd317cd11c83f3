"""The certificates that a client would check with, as a context to make connections with.

Which files those are, is the route table's knowledge; here they are loaded as each client loads them.
"""

from __future__ import annotations

import os
import re
import ssl
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from hfpush.diagnose.facts.ways import Way

_PYTHON = ("huggingface_hub",)
_READS_FOLDERS_WHOLE = ("git", "git-lfs", "hfpush")
_FALLS_BACK = ("git-lfs",)
_STRICT = ssl.VERIFY_X509_PARTIAL_CHAIN | ssl.VERIFY_X509_STRICT if sys.version_info >= (3, 13) else 0
"""What Python's usual contexts have."""
_HASHED = re.compile(r"[0-9a-f]{8}\.[0-9]+")
_OF_ITS_OWN = ("system", "certifi")


class Unusable(Exception):
    """A client could not load what it is told to; the message says why."""


@dataclass(frozen=True)
class Store:
    """`loaded` are the files and folders in it."""

    context: ssl.SSLContext = field(repr=False)
    loaded: tuple[str, ...]


def store_of(way: Way) -> Store:
    """What the client of a way would check certificates with. Raises Unusable where it would not get that far.

    A file that is named and cannot be used ends most clients; Go takes what else there is. What nobody named (the
    system's) may be missing, and so may what is named second, a folder. Of a folder without OpenSSL's hashed names
    GnuTLS, Go and hfpush read every file. huggingface_hub's contexts are as
    strict as this Python's own.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    flags = _STRICT if way.client in _PYTHON else ssl.VERIFY_X509_PARTIAL_CHAIN
    context.verify_flags = (context.verify_flags & ~ssl.VERIFY_X509_STRICT) | flags
    return Store(context, tuple(path for at, path in enumerate(way.trust) if _load(context, way, path, first=at == 0)))


def _load(context: ssl.SSLContext, way: Way, path: str, *, first: bool) -> bool:
    try:
        _load_path(context, path, whole=way.client in _READS_FOLDERS_WHOLE)
    except OSError as error:
        if first and way.client not in _FALLS_BACK and way.store not in _OF_ITS_OWN:
            raise Unusable(f"{path}: {error.strerror or error}") from error
        return False
    return True


def _load_path(context: ssl.SSLContext, path: str, *, whole: bool) -> None:
    if not os.path.isdir(path):
        context.load_verify_locations(cafile=path)
        return
    files = sorted(Path(path).iterdir())
    if not whole or any(_HASHED.fullmatch(file.name) for file in files):
        context.load_verify_locations(capath=path)
        return
    for file in files:
        with suppress(OSError):  # what is no certificate is passed over
            context.load_verify_locations(cafile=str(file))
