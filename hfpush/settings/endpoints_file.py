"""`endpoints.yaml`, the user's own endpoints: read and checked line by line, written whole. Nothing in it is secret.

use: corp
endpoints:
  corp:
    url: https://artifacts.example.com/hf
    kind: artifactory
    trusted: true
  hf-mirror:
    trusted: true
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, cast, get_args

import yaml

from hfpush.disk.lock import hold
from hfpush.endpoints.address import parse_address
from hfpush.endpoints.book import AUTO, Book, Entry, Keeper
from hfpush.endpoints.endpoint import Endpoint, Kind
from hfpush.endpoints.known import KNOWN
from hfpush.errors import Misuse
from hfpush.net.proxies import parse_proxy
from hfpush.settings.plain_yaml import PlainYaml, read_plain_yaml
from hfpush.settings.vault import write_private

FILE = "endpoints.yaml"
KINDS = cast("tuple[Kind, ...]", get_args(Kind))
_HEAD = "# The endpoints of hfpush: hfpush endpoint ls shows them. Comments in this file do not stay.\n"
_TOP = {"use", "endpoints"}
_SECONDS = ("connect_seconds", "idle_seconds", "answer_seconds")
_KEYS = ("url", "kind", "trusted", *_SECONDS, "ca_bundle", "proxy", "token", "proxy_secret")
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,38}[a-z0-9])?", re.ASCII)


def read_book(folder: Path) -> Book:
    """What `endpoints.yaml` in the user's configuration folder says. Raises Misuse with the file and the line."""
    file = read_plain_yaml(folder / FILE)
    for key in file.data:
        if key not in _TOP:
            raise _wrong(file, (key,), f"the key {str(key)[:40]!r} means nothing there", "known there: endpoints, use")
    entries = file.data.get("endpoints") or {}
    if not isinstance(entries, dict):
        raise _wrong(file, ("endpoints",), "endpoints is no mapping of names", "write each endpoint as `name:`")
    book = Book({name: _entry(file, name, fields) for name, fields in entries.items()})
    use = file.data.get("use")
    if use is None:
        return book
    if not isinstance(use, str):
        raise _wrong(file, ("use",), "use is no name", "write the name of an endpoint, or auto")
    if use != AUTO:
        try:
            book.find(use)
        except Misuse as error:
            raise _wrong(file, ("use",), error.finding.message, "hfpush endpoint use auto") from error
    return replace(book, use=use)


@contextmanager
def changing_book(folder: Path) -> Iterator[Callable[[Book], None]]:
    """Nobody else changes the file meanwhile; what is given is called with the new book. Raises Busy, LocalTrouble."""
    with hold(folder / f".{FILE}.lock", "The list of endpoints", wait_seconds=5.0):
        yield lambda book: write_private(folder / FILE, book_text(book))


def book_text(book: Book) -> str:
    """A book as the file has it."""
    top: dict[str, Any] = {}
    if book.use is not None:
        top["use"] = book.use
    if book.entries:
        top["endpoints"] = {name: _fields(entry) for name, entry in book.entries.items()}
    return _HEAD + (yaml.safe_dump(top, sort_keys=False, allow_unicode=False) if top else "")


def check_name(name: str) -> str:
    """`name`, if an endpoint may be called so. Raises Misuse (`endpoint-name`)."""
    if not _NAME.fullmatch(name) or name == AUTO:
        raise Misuse.of(
            "endpoint-name",
            f"An endpoint cannot be called {name[:60]!r}.",
            to_try=("take a short name of a-z, 0-9, '-', '_' and '.', other than auto; for example: corp",),
        )
    return name


def _entry(file: PlainYaml, name: Any, fields: Any) -> Entry:
    here = ("endpoints", name)
    if not isinstance(name, str):
        raise _wrong(file, here, f"{str(name)[:40]!r} is no name", "put it into quotes")
    try:
        check_name(name)
    except Misuse as error:
        raise _wrong(file, here, error.finding.message, *error.finding.remedy) from error
    if not isinstance(fields, dict):
        raise _wrong(file, here, f"{name} has no fields", f"known there: {', '.join(_KEYS)}")
    for key in fields:
        if key not in _KEYS:
            raise _wrong(
                file, (*here, key), f"the key {str(key)[:40]!r} means nothing there", f"known there: {', '.join(_KEYS)}"
            )
    base = KNOWN.get(name)
    if base is not None and ("url" in fields or "kind" in fields):
        raise _wrong(
            file, here, f"{name} is an endpoint of hfpush's own, whose url and kind stay", "give yours another name"
        )
    base = base or Endpoint(name, _url(file, here, fields), trusted=False)
    endpoint = replace(
        base,
        kind=_kind(file, here, fields, base.kind) if name not in KNOWN else base.kind,
        trusted=_flag(file, here, fields, base.trusted),
        proxy=_proxy(file, here, fields),
        ca_bundle=_text(file, here, fields, "ca_bundle"),
        connect_seconds=_seconds(file, here, fields, "connect_seconds"),
        idle_seconds=_seconds(file, here, fields, "idle_seconds"),
        answer_seconds=_seconds(file, here, fields, "answer_seconds"),
    )
    token, proxy = (_keeper(file, here, fields, key) for key in ("token", "proxy_secret"))
    return Entry(endpoint, token, proxy, added=name not in KNOWN)


def _url(file: PlainYaml, here: tuple[str, ...], fields: Mapping[str, Any]) -> str:
    text = _text(file, here, fields, "url")
    if text is None:
        raise _wrong(file, here, f"{here[-1]} has no url", "add a line such as `url: https://hub.example.com`")
    try:
        address = parse_address(text)
    except Misuse as error:
        raise _wrong(file, (*here, "url"), error.finding.message, *error.finding.remedy) from error
    if address.secret is not None:
        raise _secret(file, (*here, "url"), f"hfpush endpoint add {here[-1]} {address.url} --token-stdin")
    return address.url


def _kind(file: PlainYaml, here: tuple[str, ...], fields: Mapping[str, Any], usual: Kind) -> Kind:
    value = fields.get("kind", usual)
    if value not in KINDS:
        raise _wrong(file, (*here, "kind"), f"{str(value)[:40]!r} is no kind of endpoint", f"kinds: {', '.join(KINDS)}")
    return cast("Kind", value)


def _flag(file: PlainYaml, here: tuple[str, ...], fields: Mapping[str, Any], usual: bool) -> bool:
    value = fields.get("trusted", usual)
    if not isinstance(value, bool):
        raise _wrong(file, (*here, "trusted"), "trusted is neither true nor false", "write true or false")
    return value


def _proxy(file: PlainYaml, here: tuple[str, ...], fields: Mapping[str, Any]) -> str | None:
    value = _text(file, here, fields, "proxy")
    if value is None:
        return None
    where = _where(file, (*here, "proxy"))
    proxy = parse_proxy(value, where)
    if proxy.password is not None:
        raise _secret(file, (*here, "proxy"), f"hfpush endpoint add {here[-1]} URL --proxy PROXY --force")
    return proxy.url


def _text(file: PlainYaml, here: tuple[str, ...], fields: Mapping[str, Any], key: str) -> str | None:
    value = fields.get(key)
    if value is not None and (not isinstance(value, str) or not value):
        raise _wrong(file, (*here, key), f"{key} is no text", "put it into quotes, or take the line out")
    return value


def _seconds(file: PlainYaml, here: tuple[str, ...], fields: Mapping[str, Any], key: str) -> float | None:
    value = fields.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0.1 <= value <= 86_400:
        raise _wrong(file, (*here, key), f"{key} is no number of seconds", "write a number from 0.1 to 86400")
    return float(value)


def _keeper(file: PlainYaml, here: tuple[str, ...], fields: Mapping[str, Any], key: str) -> Keeper | None:
    value = fields.get(key)
    if value not in (None, "keyring", "file"):
        # What stands here by mistake may be the secret itself.
        raise _wrong(
            file,
            (*here, key),
            f"{key} says who keeps the secret, keyring or file, and is not the secret",
            f"take the line out; then: hfpush endpoint add {here[-1]} URL --token-stdin --force",
        )
    return cast("Keeper | None", value)


def _fields(entry: Entry) -> dict[str, Any]:
    """An entry as the file has it: for one of ours only what is not as we ship it."""
    endpoint = entry.endpoint
    usual = KNOWN.get(endpoint.name)
    fields: dict[str, Any] = {} if usual else {"url": endpoint.url, "kind": endpoint.kind}
    if usual is None or endpoint.trusted != usual.trusted:
        fields["trusted"] = endpoint.trusted
    given = {key: getattr(endpoint, key) for key in (*_SECONDS, "ca_bundle", "proxy")}
    given |= {"token": entry.token, "proxy_secret": entry.proxy_secret}
    return fields | {key: value for key, value in given.items() if value is not None}


def _wrong(file: PlainYaml, keys: tuple[Any, ...], what: str, *to_try: str) -> Misuse:
    return Misuse.of(
        "endpoints-file",
        "The list of endpoints has a line that cannot be used.",
        seen=(f"{_where(file, keys)}: {what}",),
        to_try=to_try,
    )


def _secret(file: PlainYaml, keys: tuple[Any, ...], command: str) -> Misuse:
    return Misuse.of(
        "endpoints-file",
        "The list of endpoints holds a password or a token, which belongs into no such file.",
        seen=(_where(file, keys),),
        to_try=("take it out of that line", f"then: {command}"),
    )


def _where(file: PlainYaml, keys: tuple[Any, ...]) -> str:
    """The place of a key, or of what it stands in."""
    while keys and keys not in file.lines:
        keys = keys[:-1]
    return file.at(*keys)
