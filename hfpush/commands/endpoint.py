"""The user's list of endpoints: look at it, and change it one endpoint at a time."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from hfpush.endpoints import Book, Endpoint
from hfpush.endpoints.address import is_loopback, parse_address
from hfpush.endpoints.book import AUTO, Entry, Keeper
from hfpush.endpoints.endpoint import Kind
from hfpush.endpoints.known import KNOWN
from hfpush.errors import Misuse
from hfpush.findings import Finding
from hfpush.net.proxies import parse_proxy
from hfpush.net.trust import NamedCa, bundle
from hfpush.settings import Settings
from hfpush.settings.endpoints_file import FILE, KINDS, changing_book, check_name, read_book
from hfpush.settings.load import checked_token
from hfpush.settings.vault import Vault


@dataclass(frozen=True)
class Listed:
    """An endpoint in the list. `defined` says where it is written, `token` who keeps the one saved for it, if any."""

    endpoint: Endpoint
    in_use: bool
    defined: str
    token: Keeper | None = None

    def as_json(self) -> dict[str, Any]:
        """The row as plain values."""
        one = self.endpoint
        proxy = None if one.proxy is None else parse_proxy(one.proxy, f"the endpoint {one.name}").shown
        return {
            "name": one.name,
            "url": one.url,
            "kind": one.kind,
            "trusted": one.trusted,
            "in_use": self.in_use,
            "defined": self.defined,
            "token": self.token,
            "proxy": proxy,
            "ca_bundle": one.ca_bundle,
            "connect_seconds": one.connect_seconds,
            "idle_seconds": one.idle_seconds,
            "answer_seconds": one.answer_seconds,
        }


@dataclass(frozen=True)
class NewEndpoint:
    """An endpoint as the user describes it: `url` and `proxy` may hold what is secret, which is parted from them."""

    name: str
    url: str = field(repr=False)
    kind: str = "mirror"
    trusted: bool = False
    token: str | None = field(default=None, repr=False)
    proxy: str | None = field(default=None, repr=False)
    ca_bundle: Path | None = None
    connect_seconds: float | None = None
    idle_seconds: float | None = None
    answer_seconds: float | None = None
    replaces: bool = False


@dataclass(frozen=True)
class Changed:
    """An entry as it is now, and what there is to say about it."""

    entry: Entry
    findings: tuple[Finding, ...] = ()


def list_endpoints(settings: Settings) -> tuple[Listed, ...]:
    """Every endpoint that has a name, and the one in use if it has none."""
    used = settings.endpoint
    rows = []
    for endpoint in settings.book:
        entry = settings.book.entry(endpoint.name)
        defined = "hfpush" if endpoint.name in KNOWN else FILE
        if endpoint.name in KNOWN and endpoint.name in settings.book.entries:
            defined = f"hfpush, {FILE}"
        rows.append(Listed(endpoint, endpoint == used, defined, entry.token))
    if used is not None and not any(row.in_use for row in rows):
        rows.append(Listed(used, True, settings.named_by))
    return tuple(rows)


def add_endpoint(settings: Settings, new: NewEndpoint) -> Changed:
    """Put an endpoint on the list; what is secret goes to the keyring, or to a file of the user's alone.

    Raises Misuse (`endpoint-name`, `endpoint-exists`, `endpoint-invalid`, `endpoint-kind`, `endpoint-seconds`,
    `proxy-unusable`, `ca-file-unusable`, `token-malformed`), LocalTrouble, Busy.
    """
    name = check_name(new.name)
    address = parse_address(new.url)
    kind = _kind(new.kind)
    proxy = None if new.proxy is None else parse_proxy(new.proxy, "--proxy")
    ca_bundle = None if new.ca_bundle is None else str(new.ca_bundle.expanduser().absolute())
    if ca_bundle is not None:
        bundle([NamedCa(ca_bundle, "--ca-bundle")], settings.state_dir / "trust")
    token = checked_token(new.token or address.secret or "")
    endpoint = Endpoint(
        name,
        address.url,
        kind,
        trusted=new.trusted or is_loopback(address.url),
        proxy=None if proxy is None else replace(proxy, password=None).url,
        ca_bundle=ca_bundle,
        connect_seconds=_seconds("connect", new.connect_seconds),
        idle_seconds=_seconds("idle", new.idle_seconds),
        answer_seconds=_seconds("answer", new.answer_seconds),
    )
    vault = Vault(settings.config_dir)
    with changing_book(settings.config_dir) as write:
        book = read_book(settings.config_dir)
        _check_free(book, endpoint, replaces=new.replaces)
        old = book.entries.get(name)
        entry = Entry(endpoint)
        if token is not None:
            entry = replace(entry, token=vault.put(endpoint.url, token))
        elif old is not None and old.endpoint.url == endpoint.url:
            entry = replace(entry, token=old.token)
        if proxy is not None and proxy.password is not None and endpoint.proxy is not None:
            entry = replace(entry, proxy_secret=vault.put(endpoint.proxy, proxy.password))
        write(book.with_entry(entry))
        if old is not None:
            _forget(vault, old, but=entry)
    return Changed(entry, tuple(_on_added(entry, moved=address.secret is not None and not new.token)))


def remove_endpoint(settings: Settings, name: str) -> Changed:
    """Take an endpoint off the list, and its secrets out of their keeping; one of ours becomes as we ship it.

    Returns the entry that is gone. Raises Misuse (`endpoint-unknown`, `endpoint-shipped`), LocalTrouble, Busy.
    """
    with changing_book(settings.config_dir) as write:
        book = read_book(settings.config_dir)
        book.named(name)
        if name not in book.entries:
            raise Misuse.of(
                "endpoint-shipped",
                f"{name} comes with hfpush and stays on the list.",
                to_try=(f"to keep it from your token: hfpush endpoint trust {name} --no-trust",),
            )
        entry = book.entries[name]
        write(book.without(name))
        _forget(Vault(settings.config_dir), entry)
    return Changed(entry)


def use_endpoint(settings: Settings, name: str) -> tuple[Finding, ...]:
    """Have every run use this endpoint that names no other; `auto`: the best way to the Hub. Raises Misuse."""
    with changing_book(settings.config_dir) as write:
        book = read_book(settings.config_dir)
        if name != AUTO:
            book.named(name)
        write(replace(book, use=name))
    if settings.named_by in ("", FILE) or not settings.named_by.isupper():
        return ()
    return (
        Finding(
            "endpoint-overridden",
            f"{settings.named_by} is set, and goes before what is in use.",
            remedy=(f"unset {settings.named_by}",),
            severity="note",
        ),
    )


def trust_endpoint(settings: Settings, name: str, *, trusted: bool) -> Changed:
    """Let the token go to an endpoint from now on, or no longer. Raises Misuse (`endpoint-unknown`)."""
    with changing_book(settings.config_dir) as write:
        book = read_book(settings.config_dir)
        entry = book.entry(name)
        entry = replace(entry, endpoint=replace(entry.endpoint, trusted=trusted))
        write(book.with_entry(entry))
    return Changed(entry, tuple(_on_trust(entry.endpoint)))


def _check_free(book: Book, endpoint: Endpoint, *, replaces: bool) -> None:
    if endpoint.name in KNOWN:
        raise Misuse.of(
            "endpoint-exists",
            f"{endpoint.name} is the name of an endpoint that comes with hfpush.",
            seen=(f"{endpoint.name}: {KNOWN[endpoint.name].url}",),
            to_try=("take another name", f"to trust it with your token: hfpush endpoint trust {endpoint.name}"),
        )
    if endpoint.name in book.entries and not replaces:
        raise Misuse.of(
            "endpoint-exists",
            f"There is an endpoint {endpoint.name} already.",
            seen=(f"{endpoint.name}: {book.named(endpoint.name).url}",),
            to_try=("take another name", "or put the new one in its place with --force"),
        )
    for other in book:
        if other.url == endpoint.url and other.name != endpoint.name:
            raise Misuse.of(
                "endpoint-exists",
                f"{endpoint.url} is on the list, as {other.name}.",
                to_try=(f"use it by that name: --endpoint {other.name}",),
            )


def _forget(vault: Vault, old: Entry, *, but: Entry | None = None) -> None:
    """Remove the secrets of an entry, except those that another needs."""
    kept = {(but.endpoint.url, but.token), (but.endpoint.proxy, but.proxy_secret)} if but is not None else set()
    for address, keeper in ((old.endpoint.url, old.token), (old.endpoint.proxy, old.proxy_secret)):
        if address is not None and keeper is not None and (address, keeper) not in kept:
            vault.forget(address, keeper)


def _on_added(entry: Entry, *, moved: bool) -> list[Finding]:
    found = []
    if moved:
        place = "the keyring" if entry.token == "keyring" else "a file that only you can read"
        found.append(
            Finding(
                "endpoint-secret-moved",
                f"The URL held a password or token; it is in {place} now, and not in the list of endpoints.",
                ("what is typed into a shell stays in its history, and others can see it while the command runs",),
                ("next time give it on stdin: hfpush endpoint add NAME URL --token-stdin",),
                "warning",
            )
        )
    if not entry.endpoint.trusted:
        found.append(
            Finding(
                "endpoint-untrusted",
                f"{entry.endpoint.name} is used without a token, and for fetches only.",
                remedy=(f"if you trust it with your token: hfpush endpoint trust {entry.endpoint.name}",),
                severity="note",
            )
        )
    return found + _on_trust(entry.endpoint)


def _on_trust(endpoint: Endpoint) -> list[Finding]:
    if not endpoint.trusted or not endpoint.url.startswith("http://") or is_loopback(endpoint.url):
        return []
    return [
        Finding(
            "endpoint-plain-http",
            f"Your token goes to {endpoint.name} without encryption.",
            (f"{endpoint.url} is plain http: whoever is on the way can read the token",),
            ("use its https address, if it has one",),
            "warning",
        )
    ]


def _kind(text: str) -> Kind:
    for kind in KINDS:
        if kind == text:
            return kind
    raise Misuse.of("endpoint-kind", f"{text[:40]!r} is no kind of endpoint.", to_try=(f"one of: {', '.join(KINDS)}",))


def _seconds(what: str, value: float | None) -> float | None:
    if value is not None and not 0.1 <= value <= 86_400:
        raise Misuse.of("endpoint-seconds", f"--{what}-seconds must be 0.1 to 86400, not {value:g}.")
    return value
