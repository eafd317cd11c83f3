"""Which way real clients go, and which way route.py says that they go: a program for a network of its own.

    python roads.py < cases.json

A case is `{"environment": {…}, "config": "[http] …", "url": "https://hf.test/me/m", "clients": ["git", …]}`. For each
client there is an answer: `met` is what stood in its way, `said` what route.py made of the same surroundings.

All doors are at this machine's own address, ADDRESS, which every name leads to: two HTTP proxies and a SOCKS proxy,
which refuse whatever they are asked for, and the Hub itself, which says nothing, or speaks TLS with the certificate in
the case's `tls`.
"""

from __future__ import annotations

import base64
import json
import os
import re
import socket
import ssl
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from hfpush.commands.doctor_machine import read_machine
from hfpush.diagnose.facts.machine import Program
from hfpush.diagnose.route import Surroundings, ways
from hfpush.endpoints.known import HF
from hfpush.settings import load_settings

ADDRESS = "10.77.0.100"
_SECONDS = 10.0
_HUB = "huggingface_hub"
_CLEAN = (
    "PATH",
    "HOME",
    "PYTHONPATH",
    "TMPDIR",
    "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_NOSYSTEM",
    "LC_ALL",
    "XDG_CONFIG_HOME",
)


class Doors:
    """Every listener, and what reached them since the last look: rows of door, target and login."""

    def __init__(self) -> None:
        self.met: list[tuple[str, str, str]] = []
        self.tls: ssl.SSLContext | None = None
        self.asks = False
        for port, serve in (
            (80, self._http),
            (3128, self._http),
            (3129, self._http),
            (1080, self._socks),
            (443, self._straight),
        ):
            for address in (ADDRESS, "127.0.0.1") if port == 443 else (ADDRESS,):
                listener = socket.create_server((address, port))
                threading.Thread(target=self._take, args=(listener, port, serve), daemon=True).start()

    def since(self) -> list[tuple[str, str, str]]:
        """What reached them, which is then forgotten."""
        found, self.met = self.met, []
        return found

    def _take(self, listener: socket.socket, port: int, serve: Callable[[socket.socket, int], None]) -> None:
        while True:
            client, _ = listener.accept()
            with client, suppress(OSError, IndexError, ValueError):
                client.settimeout(_SECONDS)
                serve(client, port)

    def _http(self, client: socket.socket, port: int) -> None:
        head = b""
        while b"\r\n\r\n" not in head and (more := client.recv(65536)):
            head += more
            if head[:1] in b"\x04\x05\x16":  # SOCKS, TLS
                break
        if head[:1] == b"\x16":
            self.met.append((str(port), "", ""))
            return
        lines = head.decode("latin-1").split("\r\n")
        target = lines[0].split(" ")[1] if lines[0].count(" ") == 2 else ""
        login = next((line.split()[-1] for line in lines if line.lower().startswith("proxy-authorization:")), "")
        self.met.append((str(port), target, base64.b64decode(login).decode() if login else ""))
        if self.asks and not login:
            client.sendall(b'HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm="x"\r\nContent-Length: 0\r\n\r\n')
            self._http(client, port)
            return
        client.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

    def _socks(self, client: socket.socket, port: int) -> None:
        version = client.recv(1)
        if version == b"\x04":
            rest = client.recv(7)
            while rest.count(b"\0", 7) < (2 if rest[3:6] == b"\0\0\0" else 1) and (more := client.recv(512)):
                rest += more
            number, address, names = int.from_bytes(rest[1:3], "big"), rest[3:7], rest[7:].split(b"\0")
            named = address[:3] == b"\0\0\0"
            host = names[1].decode() if named else socket.inet_ntoa(address)
            self.met.append((str(port), f"{host}:{number}", ""))
            client.sendall(b"\0\x5b" + bytes(6))
            return
        if version != b"\x05":
            self.met.append((str(port), "", ""))
            return
        methods = client.recv(client.recv(1)[0])
        client.sendall(b"\x05\x02" if 2 in methods else b"\x05\x00")
        login = ""
        if 2 in methods:
            client.recv(1)
            user = client.recv(client.recv(1)[0])
            login = f"{user.decode()}:{client.recv(client.recv(1)[0]).decode()}"
            client.sendall(b"\x01\x00")
        kind = client.recv(4)[3]
        raw = client.recv(client.recv(1)[0]) if kind == 3 else client.recv(4 if kind == 1 else 16)
        host = raw.decode() if kind == 3 else socket.inet_ntop(socket.AF_INET if kind == 1 else socket.AF_INET6, raw)
        number = int.from_bytes(client.recv(2), "big")
        self.met.append((str(port), f"{host}:{number}", login))
        client.sendall(b"\x05\x02\x00\x01" + bytes(6))

    def _straight(self, client: socket.socket, port: int) -> None:
        if self.tls is None:
            self.met.append(("straight", "", ""))
            return
        with suppress(OSError), self.tls.wrap_socket(client, server_side=True) as secured:
            if secured.recv(65536):
                self.met.append(("believed", "", ""))
                secured.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            return
        self.met.append(("not believed", "", ""))


# ---------------------------------------------------------------- clients


def _run(*words: str) -> str:
    done = subprocess.run(words, capture_output=True, stdin=subprocess.DEVNULL, timeout=_SECONDS, check=False)
    return (done.stdout + done.stderr).decode("utf-8", "replace")[-400:]


def _git(url: str) -> str:
    return _run("git", "ls-remote", url)


def _git_lfs(url: str) -> str:
    return _run("git", "-c", f"lfs.url={url}", "-c", "lfs.transfer.maxretries=1", "lfs", "locks")


def _curl(url: str) -> str:
    return _run("curl", "-sS", "--max-time", "5", url)


def _httpx(url: str) -> str:
    import httpx2

    try:
        with httpx2.Client(timeout=5) as client:
            return str(client.get(url))
    except Exception as wrong:  # noqa: BLE001  # whatever it says, the doors have seen what it did
        return repr(wrong)


def _requests(url: str) -> str:
    import requests

    try:
        with requests.Session() as session:
            return str(session.get(url, timeout=5))
    except Exception as wrong:  # noqa: BLE001
        return repr(wrong)


_XET = """
import sys, hf_xet
hf_xet.upload_bytes([b"x" * 100], sys.argv[1], ("t", 9999999999), None, None, None)
"""


def _xet(url: str, doors: Doors) -> str:
    process = subprocess.Popen([sys.executable, "-c", _XET, url], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
    until = time.monotonic() + _SECONDS
    while not doors.met and process.poll() is None and time.monotonic() < until:
        time.sleep(0.05)
    process.kill()  # it would try again for many minutes
    return process.communicate()[1].decode("utf-8", "replace")[-300:]


_CLIENTS: dict[str, Callable[[str], str]] = {
    "git": _git,
    "git-lfs": _git_lfs,
    "curl": _curl,
    "huggingface_hub": _httpx,
    "requests": _requests,
}


@contextmanager
def _surrounded(case: dict[str, Any]) -> Iterator[None]:
    before = dict(os.environ)
    for name in [name for name in os.environ if name not in _CLEAN]:
        del os.environ[name]
    os.environ.update(case.get("environment", {}))
    Path(os.environ["GIT_CONFIG_GLOBAL"]).write_text(case.get("config", ""))
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _answers(case: dict[str, Any], doors: Doors, programs: tuple[Program, ...]) -> dict[str, Any]:
    url, found = case["url"], {}
    doors.tls, doors.asks = None, case.get("asks", False)
    if case.get("tls"):
        doors.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        doors.tls.load_cert_chain(case["tls"])
    with _surrounded(case):
        _, around = read_machine(Path.cwd(), load_settings({}), HF, programs=programs)
        said: dict[str, Any] = {way.client: asdict(way) for way in ways(around, {"hub": url})}
        said["requests"] = asdict(next(way for way in ways(_older(around), {"hub": url}) if way.client == _HUB))
        for one in said.values():
            held = (_holds(Path(path), case.get("ca", "")) for path in one["trust"])
            there = not one["trust"] or Path(one["trust"][0]).exists()
            one["believes"] = not one["error"] and (not one["verifies"] or (there and any(held)))
        for client in case["clients"]:
            doors.since()
            talk = _xet(url, doors) if client == "hf_xet" else _CLIENTS[client](url)
            found[client] = {"met": doors.since(), "talk": talk, "said": said[client]}
    return found


def _holds(path: Path, ca: str) -> bool:
    """Whether a client that looks there finds the authority: in a file, or in a folder's files named by hashes."""
    if path.is_dir():
        return any(_holds(file, ca) for file in path.iterdir() if re.fullmatch(r"[0-9a-f]{8}\.[0-9]", file.name))
    return path.is_file() and ca in path.read_text()


def _older(around: Surroundings) -> Surroundings:
    """The same with a huggingface_hub from the time when it was made with requests."""
    programs = tuple(
        replace(one, version="0.36.0", http="requests 2.34.2") if one.name == _HUB else one for one in around.programs
    )
    return replace(around, programs=programs)


def main() -> None:
    """Answer every case of stdin."""
    warnings.simplefilter("ignore")
    cases = json.load(sys.stdin)
    doors = Doors()
    _, around = read_machine(None, load_settings({}), HF)
    json.dump([_answers(case, doors, around.programs) for case in cases], sys.stdout)


if __name__ == "__main__":
    main()
