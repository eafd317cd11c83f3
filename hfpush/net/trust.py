"""Which certificates count: those that this machine's programs trust, and every CA file that the user has named.

Each variable or setting for a CA file replaces the roots of the tool that it belongs to. Here they add up: certifi's
roots, the system's, and what is in the files named. Nothing turns the check off.

requests and urllib3 are imported when certificates are read: who only asks what names them does not wait for that.
"""

from __future__ import annotations

import hashlib
import os
import re
import ssl
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from hfpush.endpoints.endpoint import Endpoint
from hfpush.errors import Misuse
from hfpush.net.git_settings import GitNetwork
from hfpush.net.redact import redact

FILE_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "GIT_SSL_CAINFO")
FOLDER_VARIABLES = ("SSL_CERT_DIR", "GIT_SSL_CAPATH")
_CERTIFICATE = re.compile(
    rb"-----BEGIN (TRUSTED |X509 )?CERTIFICATE-----\s[A-Za-z0-9+/=\s]+-----END (?:TRUSTED |X509 )?CERTIFICATE-----"
)
_PRIVATE = re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----")
_SYSTEM_FOLDERS = ("/etc/ssl/certs", "/etc/pki/tls/certs")
_HASHED = re.compile(r"[0-9a-f]{8}\.[0-9]+")
_MOST_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True)
class NamedCa:
    """A file of certificates, or a folder of such files; what names it, and how that is changed, for the user.

    One that is `optional` may be missing: folders in variables, which OpenSSL and Go pass over in silence.
    """

    path: str
    by: str
    change: str = ""
    optional: bool = False


def named_cas(
    environment: Mapping[str, str],
    *,
    endpoint: Endpoint | None = None,
    configured: str | None = None,
    git: GitNetwork | None = None,
) -> tuple[NamedCa, ...]:
    """Everything that names certificates: the environment, the endpoint, `configured` (ca_bundle of our settings), git.

    Each path once, by whatever names it first.
    """
    found = []
    files = [(name, path) for name in FILE_VARIABLES if (path := environment.get(name))]
    found += [NamedCa(path, name, f"unset {name}") for name, path in files]
    for name in FOLDER_VARIABLES:
        parts = [part for part in environment.get(name, "").split(os.pathsep) if part]
        found += [NamedCa(part, name, f"unset {name}", optional=True) for part in parts]
    if endpoint is not None and endpoint.ca_bundle:
        found.append(NamedCa(endpoint.ca_bundle, f"ca_bundle of the endpoint {endpoint.name}"))
    if configured:
        found.append(NamedCa(configured, "ca_bundle of hfpush's settings"))
    for setting in git.ca_files if git is not None else ():
        found.append(NamedCa(setting.value, setting.place))
    once: dict[str, NamedCa] = {}
    for ca in found:
        once.setdefault(os.path.abspath(os.path.expanduser(ca.path)), ca)
    return tuple(once.values())


def bundle(named: Sequence[NamedCa], folder: Path) -> Path:
    """One PEM file below `folder` with every certificate: certifi's, the system's, and those named.

    The same certificates make the same file, which is then not written again. Readable by everyone: it holds nothing
    private. Raises Misuse (`ca-file-unusable`) for a file that is not there or holds no certificate.
    """
    found: dict[bytes, None] = {}
    for ca in named:
        certificates = _certificates(ca)
        _load(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), ca, certificates)
        found.update(dict.fromkeys(certificates))
    for file in (Path(_roots()), *_system_files()):
        with suppress(OSError):  # the system's own files: what is not there is not trusted
            found.update(dict.fromkeys(_pems(file.read_bytes())))
    content = b"\n".join(found) + b"\n"
    target = folder / f"ca-{hashlib.sha256(content).hexdigest()[:32]}.pem"
    if not _holds(target, content):
        folder.mkdir(parents=True, exist_ok=True)
        draft = folder / f".{target.name}.{os.getpid()}.{threading.get_ident()}"
        try:
            draft.write_bytes(content)
            draft.chmod(0o644)
            draft.replace(target)
        finally:
            draft.unlink(missing_ok=True)
    return target


def merged(named: Sequence[NamedCa], folder: Path) -> str | None:
    """`bundle` as Network.ca_bundle takes it: None where nothing is named, without looking at any file."""
    return str(bundle(named, folder)) if named else None


_contexts: dict[tuple[object, ...], ssl.SSLContext] = {}


def context(ca_bundle: str | None) -> ssl.SSLContext:
    """What TLS connections are made with; one for the whole process for each bundle, as reading one takes long.

    With None: certifi's roots, the system's, and what the environment of this process names. Raises Misuse
    (`ca-file-unusable`) for a file that is not there or holds no certificate.
    """
    named = named_cas(os.environ) if ca_bundle is None else (NamedCa(ca_bundle, "ca_bundle"),)
    key: tuple[object, ...] = (ca_bundle is None, *named, *(_changed(ca.path) for ca in named))
    if key not in _contexts:
        _contexts[key] = _new_context(named, roots=ca_bundle is None)
    return _contexts[key]


def _new_context(named: Sequence[NamedCa], *, roots: bool) -> ssl.SSLContext:
    from urllib3.util.ssl_ import create_urllib3_context

    made: ssl.SSLContext = create_urllib3_context(cert_reqs=ssl.CERT_REQUIRED)
    made.check_hostname = True
    # As git and curl have it: the CAs of many networks lack what the strict reading wants, and a certificate that the
    # user names is trusted also where it is no CA's.
    made.verify_flags = (made.verify_flags | ssl.VERIFY_X509_PARTIAL_CHAIN) & ~ssl.VERIFY_X509_STRICT
    if roots:
        made.load_verify_locations(_roots())
        _load_system(made)
    for ca in named:
        _load(made, ca, _certificates(ca))
    return made


def _roots() -> str:
    from requests.certs import where  # type: ignore[attr-defined]  # of certifi

    path: str = where()
    return path


def _load_system(context: ssl.SSLContext) -> None:
    """The system's roots: from a folder where OpenSSL looks them up when needed, which costs nothing, else a file."""
    for folder in dict.fromkeys((ssl.get_default_verify_paths().openssl_capath, *_SYSTEM_FOLDERS)):
        with suppress(OSError):
            if any(_HASHED.fullmatch(name) for name in os.listdir(folder)):
                context.load_verify_locations(capath=folder)
                return
    for file in _system_files():
        with suppress(OSError):  # among them ssl.SSLError: the next one, then
            context.load_verify_locations(file)
            return


def _load(context: ssl.SSLContext, ca: NamedCa, certificates: Sequence[bytes]) -> None:
    if not certificates:  # an empty folder
        return
    try:
        context.load_verify_locations(cadata=b"\n".join(certificates).decode("ascii"))
    except (ValueError, ssl.SSLError) as error:
        raise _unusable(ca, "a certificate in it is damaged", _said(error)) from error


def _changed(path: str) -> int:
    try:
        return os.stat(path).st_mtime_ns
    except OSError:
        return 0


def _said(error: Exception) -> str:
    return redact((error.strerror if isinstance(error, OSError) else None) or str(error))


def _certificates(ca: NamedCa) -> list[bytes]:
    path = Path(os.path.expanduser(ca.path))
    try:
        if path.is_dir():
            files = [file for file in sorted(path.iterdir()) if file.is_file()]
            return list(dict.fromkeys(pem for file in files for pem in _pems(_content(file))))
        content = _content(path)
    except FileNotFoundError as error:
        if ca.optional:
            return []
        raise _unusable(ca, "it is not there", _said(error)) from error
    except OSError as error:
        raise _unusable(ca, "it cannot be read", _said(error)) from error
    if _PRIVATE.search(content):
        raise _unusable(ca, "there is a private key in it", "a private key belongs into no file that is handed on")
    pems = _pems(content)
    if not pems:
        what = "it looks like DER, the binary form" if content[:1] == b"\x30" else "no BEGIN CERTIFICATE is in it"
        raise _unusable(ca, "there is no certificate in it", what)
    return pems


def _content(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(_MOST_BYTES)


def _pems(content: bytes) -> list[bytes]:
    """The certificates of a PEM file, each in one spelling, without what people write between them."""
    return [
        b"\n".join(line.strip() for line in found[0].splitlines() if line.strip())
        for found in _CERTIFICATE.finditer(content)
        if not (found[1] or b"").startswith(b"TRUSTED")  # OpenSSL's own form, which others cannot read
    ]


def _system_files() -> list[Path]:
    places = (
        ssl.get_default_verify_paths().openssl_cafile,
        "/etc/ssl/certs/ca-certificates.crt",
        "/etc/pki/tls/certs/ca-bundle.crt",
        "/etc/ssl/ca-bundle.pem",
        "/etc/ssl/cert.pem",
    )
    return [Path(place) for place in dict.fromkeys(places) if place]


def _holds(file: Path, content: bytes) -> bool:
    try:
        return file.read_bytes() == content
    except OSError:
        return False


def _unusable(ca: NamedCa, why: str, seen: str) -> Misuse:
    change = (ca.change,) if ca.change else (f"correct {ca.by}",)
    return Misuse.of(
        "ca-file-unusable",
        f"The file with certificates that {ca.by} names cannot be used: {why}.",
        seen=(f"{ca.by}: {ca.path}", seen),
        to_try=(f"name a file of certificates in PEM form in {ca.by}", *change),
    )
