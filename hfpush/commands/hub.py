"""Run a local Hub: what a command line said, made into its configuration. The Hub itself is localhub's."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from hfpush.errors import LocalTrouble, Misuse
from hfpush.localhub import Fault, FaultSyntax, HubConfig, User, parse_fault


@dataclass(frozen=True)
class HubRequest:
    """A Hub to be run. `root` None is a temporary folder; sizes are bytes, `url_ttl` seconds; `tokens` are
    `user:token` or `user:token:read`, `faults` as localhub.faultspec reads them."""

    root: Path | None = None
    host: str = "127.0.0.1"
    port: int = 0
    storage_port: int = 0
    url: str = ""
    storage_url: str = ""
    tokens: tuple[str, ...] = field(default=(), repr=False)
    url_ttl: float = 900.0
    part_size: int = 16_000_000
    multipart_threshold: int = 32_000_000
    faults: tuple[str, ...] = ()


def serve_hub(request: HubRequest, *, announce: Callable[[str], None]) -> None:
    """Run the Hub until SIGINT or SIGTERM. Raises Misuse for a token or fault that cannot be read, LocalTrouble when
    the Hub cannot start."""
    from hfpush.localhub.serve import CannotServe, serve  # an HTTP server: a fifth of a second that others are spared

    users = tuple(_user(text) for text in request.tokens)
    faults = [_fault(text) for text in request.faults]
    with ExitStack() as stack:
        root = request.root or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hfpush-hub-")))
        config = HubConfig(
            root=root,
            host=request.host,
            port=request.port,
            storage_port=request.storage_port,
            api_url=_address("--url", request.url),
            storage_url=_address("--storage-url", request.storage_url),
            users=users,
            url_ttl=request.url_ttl,
            part_size=request.part_size,
            multipart_threshold=request.multipart_threshold,
        )
        try:
            serve(config, faults, announce=announce)
        except CannotServe as error:
            raise LocalTrouble.of("hub-cannot-serve", str(error)) from error


def _address(option: str, text: str) -> str:
    try:
        parts = urlsplit(text)
        origin = f"{parts.scheme}://{parts.netloc}"
        plain = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.username is None
    except ValueError:
        origin, plain = "", False
    if text and (not plain or text.rstrip("/") != origin):
        raise Misuse.of("hub-address", f"{option} is an address such as https://hub.example, and nothing more.")
    return text


def _user(text: str) -> User:
    name, _, rest = text.partition(":")
    token, _, role = rest.partition(":")
    if not name or not token or role not in ("", "read", "write"):
        raise Misuse.of("hub-token", "A --token is written as user:token, or user:token:read.")
    return User(name, token, "read" if role == "read" else "write")


def _fault(text: str) -> Fault:
    try:
        return parse_fault(text)
    except FaultSyntax as error:
        raise Misuse.of("hub-fault", f"The fault {text!r} cannot be read.", seen=(str(error),)) from error
