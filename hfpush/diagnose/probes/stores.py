"""The certificates that a client would check with, as a context to make connections with.

Each client has its own idea of a file that is not there, and of a folder: see `store_of`.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from hfpush.diagnose.facts.ways import Way
from hfpush.net.trust import certifi_file, system_files

_PYTHON = ("huggingface_hub",)
_BESIDE_ITS_ROOTS = ("hfpush",)
"""Those for which what is named counts together with the system's roots and certifi's, and does not replace them."""
_READS_FOLDERS_WHOLE = ("git", "git-lfs", "hfpush")
_FALLS_BACK = ("git-lfs",)
_STRICT = ssl.create_default_context().verify_flags & (ssl.VERIFY_X509_STRICT | ssl.VERIFY_X509_PARTIAL_CHAIN)
_ROOTS_OF_ITS_OWN = ("certifi", "webpki", "mozilla")


class Unusable(Exception):
    """A client could not load what it is told to; the message says why."""


@dataclass(frozen=True)
class Store:
    """`loaded` are the files and folders in it."""

    context: ssl.SSLContext = field(repr=False)
    loaded: tuple[str, ...]


def system_file() -> Path | None:
    """The file with the system's roots, the usual place first; None where there is none."""
    first, *usual = system_files()
    return next((file for file in (*usual, first) if file.is_file()), None)


def store_of(way: Way) -> Store:
    """What the client of a way would check certificates with. Raises Unusable where it would not get that far.

    Go takes the system's where a file cannot be read; the others end with an error. Of a folder GnuTLS and Go read
    every file, OpenSSL the hashed names. huggingface_hub's contexts are as strict as this Python's own.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    flags = _STRICT if way.client in _PYTHON else ssl.VERIFY_X509_PARTIAL_CHAIN
    context.verify_flags = (context.verify_flags & ~ssl.VERIFY_X509_STRICT) | flags
    loaded = [path for path in way.trust if _load(context, way, path)]
    if not loaded or way.client in _BESIDE_ITS_ROOTS:
        loaded += _load_roots(context, way)
    return Store(context, tuple(dict.fromkeys(loaded)))


def _load(context: ssl.SSLContext, way: Way, path: str) -> bool:
    try:
        _load_path(context, path, whole=way.client in _READS_FOLDERS_WHOLE)
    except OSError as error:
        if way.client in _FALLS_BACK:
            return False
        raise Unusable(f"{path}: {error.strerror or error}") from error
    return True


def _load_path(context: ssl.SSLContext, path: str, *, whole: bool) -> None:
    if not os.path.isdir(path):
        context.load_verify_locations(cafile=path)
        return
    if not whole:
        context.load_verify_locations(capath=path)
        return
    for file in sorted(Path(path).iterdir()):
        with suppress(OSError):  # what is no certificate is passed over
            context.load_verify_locations(cafile=str(file))


def _load_roots(context: ssl.SSLContext, way: Way) -> Iterable[str]:
    named = way.store.lower()
    if way.client in _BESIDE_ITS_ROOTS:
        files: tuple[Path | None, ...] = (system_file(), certifi_file())
    elif any(word in named for word in _ROOTS_OF_ITS_OWN):
        files = (certifi_file(),)
    else:
        files = (system_file(),)
    for file in files:
        if file is not None:
            context.load_verify_locations(cafile=file)
            yield str(file)
