"""A stage: a machine of its own for the client, and a world around it that has whatever fault a test wants.

    with Stage(tmp_path) as stage:
        stage.drop("hf.test")                       # SYNs to the Hub vanish
        hub = stage.hub(faults…)                    # https://hf.test, storage https://s3.hf.test
        proxy = stage.proxy("socks5")               # socks5h://proxy.test:1080
        stage.run(["git", "push"], cwd=repo)        # on the client

The client is a network namespace with one line into the world, and with files of its own for names and certificates.
The world is another one. What serves there (Hub, TLS, proxies) runs in this process, on sockets that were opened
there. No root is needed where users may make namespaces; `why_not` says why it cannot be done. Nothing is left behind:
every process of the stage ends with its first one, and that one with this process.
"""

from __future__ import annotations

import functools
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import certifi
import trustme
from support import stage_init
from support.front import Front
from support.proxies import ProxyServer

from hfpush.localhub import Fault, LocalHub

NAMES = {
    "hf.test": "10.77.0.2",
    "s3.hf.test": "10.77.0.3",
    "proxy.test": "10.77.0.5",
    "mirror.test": "10.77.0.6",
    "other.test": "10.77.0.7",
}
"""Who is where in the world. Each has the same last number in fd77::/64."""
CLIENT = "10.77.0.100"
PROGRAMS = ("unshare", "nsenter", "ip", "nft")
SYSTEM_ROOTS = "/etc/ssl/certs/ca-certificates.crt"
PROXY_PORTS = {"socks5": 1080, "http": 3128}
_SECONDS = 30.0


def six(address: str) -> str:
    """The IPv6 address of whoever has this IPv4 address."""
    return f"fd77::{address.rpartition('.')[2]}"


@dataclass(frozen=True)
class Ended:
    """How a command on the client ended. `code` None: it had to be stopped. `text` is all that it printed."""

    code: int | None
    out: str
    err: str
    seconds: float

    @property
    def text(self) -> str:
        return self.out + self.err

    @property
    def document(self) -> Any:
        """What it printed with --json."""
        return json.loads(self.out)

    @property
    def reference(self) -> str | None:
        """The finding it ended with, None where it succeeded."""
        error = self.document.get("error")
        return None if error is None else error["reference"]


class CannotStage(Exception):
    """This machine does not let us; the message says why."""


class Stage:
    """A context manager. `place` is a folder for its files.

    The client knows everybody in NAMES by their IPv4 address, until `call` says something else.
    """

    def __init__(self, place: Path) -> None:
        self.place = place / "stage"
        self.public, self.private = trustme.CA(), trustme.CA()
        """Two authorities: everybody trusts the first, nobody the second."""
        self._fronts: dict[str, Front] = {}
        self._stack = ExitStack()

    def __enter__(self) -> Stage:
        self.place.mkdir()
        try:
            self._start()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    # ------------------------------------------------------------------ the machine

    def _start(self) -> None:
        ours, theirs = socket.socketpair()
        self._control = self._stack.enter_context(ours)
        self._control.settimeout(_SECONDS)
        with theirs, (self.place / "init.log").open("wb") as log:
            init = subprocess.Popen(
                [
                    *("unshare", "--user", "--map-root-user", "--net", "--mount", "--pid", "--fork", "--kill-child"),
                    *(sys.executable, "-I", "-S", stage_init.__file__, str(theirs.fileno())),
                ],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._stack.callback(_end, init)
        made = {
            "mounts": self._files(),
            "hosts": str(self.place / "world-hosts"),
            "world": [*(f"{one}/16" for one in self._addresses()), *(f"{six(one)}/64" for one in self._addresses())],
            "client": [f"{CLIENT}/16", f"{six(CLIENT)}/64"],
            "gateways": ["10.77.0.1", "fd77::1"],
        }
        _, descriptors = self._ask("make", **made)
        for descriptor in descriptors:
            self._stack.callback(os.close, descriptor)
        self._namespaces = descriptors

    @staticmethod
    def _addresses() -> list[str]:
        return ["10.77.0.1", *NAMES.values()]

    def _files(self) -> list[tuple[str, str]]:
        """The client's own files, each with the one whose place it takes."""
        self.call(NAMES)
        hosts = (self.place / "hosts").read_bytes()
        roots = self.public.cert_pem.bytes()
        (self.place / "world-hosts").write_text("".join(f"{address} {name}\n" for name, address in NAMES.items()))
        mounts = []
        for name, target, content in (
            ("hosts", "/etc/hosts", hosts),
            ("resolv.conf", "/etc/resolv.conf", b"options attempts:1 timeout:1\nnameserver 127.0.0.1\n"),
            ("nsswitch.conf", "/etc/nsswitch.conf", b"passwd: files\ngroup: files\nhosts: files dns\n"),
            ("roots.pem", SYSTEM_ROOTS, roots),
            ("certifi.pem", certifi.where(), roots),
        ):
            if os.path.exists(target):
                (self.place / name).write_bytes(content)
                mounts.append((str(self.place / name), os.path.realpath(target)))
        return mounts

    def _ask(self, do: str, **more: Any) -> tuple[dict[str, Any], list[int]]:
        try:
            self._control.sendall(json.dumps({"do": do, **more}).encode() + b"\n")
            data, descriptors, _, _ = socket.recv_fds(self._control, 1 << 16, 8)
        except OSError as wrong:
            data, descriptors = str(wrong).encode(), []
        if not data.endswith(b"\n"):
            raise CannotStage((self.place / "init.log").read_text().strip() or "the stage's first process ended")
        answer = json.loads(data)
        if "error" in answer:
            raise CannotStage(answer["error"])
        return answer, descriptors

    # ------------------------------------------------------------------ the client

    def run(
        self, words: Sequence[str], *, cwd: Path, seconds: float = 60.0, environment: Mapping[str, str] | None = None
    ) -> Ended:
        """Run a command on the client to its end; it and its children are killed after `seconds`."""
        user, net, mount, pid = (f"/proc/self/fd/{one}" for one in self._namespaces)
        enter = ["nsenter", f"--user={user}", f"--net={net}", f"--mount={mount}", f"--pid={pid}"]
        began = time.monotonic()
        process = subprocess.Popen(
            [*enter, "--preserve-credentials", "env", f"--chdir={cwd}", *words],
            env=dict(os.environ if environment is None else environment),
            pass_fds=self._namespaces,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        code: int | None
        try:
            out, err = process.communicate(timeout=seconds)
            code = process.returncode
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            out, err = process.communicate(timeout=_SECONDS)
            code = None
        took = time.monotonic() - began
        return Ended(code, out.decode("utf-8", "replace"), err.decode("utf-8", "replace"), took)

    # ------------------------------------------------------------------ the world

    def world(self, *words: str, stdin: str = "") -> str:
        """Run a program in the world, as root of the stage, to its end."""
        out: str = self._ask("world", words=words, stdin=stdin)[0]["out"]
        return out

    def on_client(self, *words: str) -> str:
        """Run a program on the client, as root of the stage, to its end."""
        out: str = self._ask("client", words=words)[0]["out"]
        return out

    def start(self, *words: str) -> None:
        """Start a program in the world; it ends with the stage. What it says goes to world.log in `place`."""
        self._ask("start", words=words, log=str(self.place / "world.log"))

    def wait_for(self, name: str, port: int = 443) -> None:
        """Return when something listens there, in the world."""
        self._ask("wait", at=[NAMES[name], port])

    def listen(self, host: str, port: int) -> socket.socket:
        """A socket that listens in the world, at an address or at a name."""
        _, descriptors = self._ask("listen", at=[NAMES.get(host, host), port])
        return socket.socket(fileno=descriptors[0])

    def filter(self, *rules: str) -> None:
        """Add nft rules for what reaches the world from the client, after those that are there."""
        text = "table inet stage { chain in { type filter hook input priority 0; policy accept; }; }\n"
        text += "".join(f'add rule inet stage in iifname "w0" {rule}\n' for rule in rules)
        self.world("nft", "-f", "-", stdin=text)

    def heal(self) -> None:
        """Let everything through again."""
        self.filter()
        self.world("nft", "flush", "table", "inet", "stage")

    def give_up_soon(self) -> None:
        """Let the client's kernel give up a connection that nobody answers after 3 seconds, usually 127."""
        self.on_client("sh", "-c", "echo 1 >/proc/sys/net/ipv4/tcp_syn_retries")

    def drop(self, *names: str) -> None:
        """Let nothing come through to these, and say nothing about it."""
        for name in names:
            address = NAMES[name]
            self.filter(f"ip daddr {address} drop", f"ip6 daddr {six(address)} drop")

    def offload_nothing(self) -> None:
        """Let every packet on the line be one that a real line could carry."""
        for run, device in ((self.on_client, "c0"), (self.world, "w0")):
            run("ethtool", "-K", device, "tso", "off", "gso", "off", "gro", "off", "tx", "off")

    def call(self, names: Mapping[str, str | Sequence[str]]) -> None:
        """Let the client know these names, with these addresses, and no others."""
        lines = ["127.0.0.1 localhost", "::1 localhost"]
        for name, addresses in names.items():
            lines += [f"{one} {name}" for one in ([addresses] if isinstance(addresses, str) else addresses)]
        (self.place / "hosts").write_text("\n".join([*lines, ""]))

    def hub(
        self,
        *faults: Fault,
        private_storage: bool = False,
        private: bool = False,
        storage_front: bool = True,
        **config: Any,
    ) -> LocalHub:
        """A Hub at https://hf.test with its storage at https://s3.hf.test, and TLS before both.

        The storage's certificate, or both, may be the private authority's. Without `storage_front` nothing is at
        s3.hf.test yet.
        """
        settings = {"part_size": 100_000, "multipart_threshold": 200_000, "root": self.place / "hub", **config}
        settings = {"api_url": "https://hf.test", "storage_url": "https://s3.hf.test", **settings}
        hub = self._stack.enter_context(LocalHub(*faults, **settings))
        for name, door, ca in (
            ("hf.test", hub.doors[0], self.private if private else self.public),
            ("s3.hf.test", hub.doors[1], self.private if private or private_storage else self.public),
        ):
            if storage_front or name != "s3.hf.test":
                self.front(name, door, self.context(ca, name))
        return hub

    def context(self, ca: trustme.CA, name: str) -> ssl.SSLContext:
        """What a TLS server of that name needs."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        ca.issue_cert(name).configure_cert(context)
        return context

    def front(self, name: str, door: str, context: ssl.SSLContext | None = None, *, port: int = 443) -> Front:
        """Something that listens at `name` in the world, by IPv4 and IPv6, and passes everything on to `door`."""
        listeners = [self.listen(address, port) for address in (NAMES[name], six(NAMES[name]))]
        self._fronts[name] = self._stack.enter_context(Front(listeners, door, context))
        return self._fronts[name]

    def at(self, name: str) -> Front:
        """The front at that name."""
        return self._fronts[name]

    def proxy(self, kind: str, login: tuple[str, str] | None = None, **more: Any) -> ProxyServer:
        """A proxy at proxy.test, socks5 at port 1080 or http at 3128, for which the filter does not count."""
        hosts = {key: front.door for name, front in self._fronts.items() for key in (name, NAMES[name])}
        server = _ProxyByName(kind, login=login, hosts=dict(hosts), **more)
        self._stack.enter_context(_serving(server, self.listen("proxy.test", PROXY_PORTS[kind])))
        return server


class _ProxyByName(ProxyServer):
    @property
    def place(self) -> str:
        return f"proxy.test:{PROXY_PORTS[self.kind]}"


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait(_SECONDS)


@contextmanager
def _serving(server: ProxyServer, listener: socket.socket) -> Iterator[None]:
    thread = threading.Thread(target=server.serve, args=(listener,), daemon=True)
    with listener:
        thread.start()
        yield
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        thread.join(_SECONDS)
        server.stop()


@functools.lru_cache(maxsize=1)
def why_not() -> str | None:
    """Why there can be no stage on this machine, None where there can; tried once."""
    missing = [program for program in PROGRAMS if shutil.which(program) is None]
    if missing:
        return f"a stage needs {', '.join(missing)}"
    with tempfile.TemporaryDirectory(prefix="stage-") as folder:
        try:
            with Stage(Path(folder)) as stage:
                stage.drop("other.test")
                done = stage.run(["true"], cwd=Path(folder))
        except (CannotStage, OSError) as wrong:
            return f"no network namespaces here: {wrong}"
    return None if done.code == 0 else f"no network namespaces here: {done.text.strip()}"
