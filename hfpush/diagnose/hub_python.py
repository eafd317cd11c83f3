"""The huggingface_hub that the user's `hf` is: what its Python environment has installed, read from its folders.

It may be another one than hfpush's own. Nothing is started for it: what is installed has a folder `<name>-<version>.
dist-info`.
"""

from __future__ import annotations

import mmap
import re
import shutil
import ssl
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hfpush.diagnose.facts.machine import Program
from hfpush.disk.plain import beginning_of

_COMMANDS = ("hf", "huggingface-cli")
_SOCKS = re.compile(rb"tokio[-_]socks|connect5socks|reqwest::connect::socks|socks proxy")
_MOST_BYTES = 64 * 1024


@dataclass(frozen=True)
class HubPython:
    """`folders` are those in which its packages lie, `command` the program that leads to it, empty where it is our
    own."""

    command: str = ""
    folders: tuple[Path, ...] = ()

    @property
    def ours(self) -> bool:
        """Whether it is the Python that runs this."""
        return any(str(folder) in sys.path for folder in self.folders)

    def version(self, package: str) -> str:
        """Of an installed package; empty where it is not installed."""
        return next((made.name[len(package) + 1 : -len(".dist-info")] for made in self._made(package)), "")

    def requires(self, package: str, of: str) -> bool:
        """Whether `of` names `package` among what it needs."""
        wanted = re.compile(rf"(?m)^Requires-Dist: {re.escape(package)}\b(?![-\w])")
        return any(wanted.search(_text(made / "METADATA")) for made in self._made(of))

    def file(self, *parts: str) -> Path | None:
        """A file in one of its folders."""
        places = (folder.joinpath(*parts) for folder in self.folders)
        return next((place for place in places if place.exists()), None)

    def _made(self, package: str) -> list[Path]:
        return [made for folder in self.folders for made in sorted(folder.glob(f"{package}-*.dist-info"))]


def hub_python(environment: Mapping[str, str]) -> HubPython:
    """That of the `hf` on PATH, by its first line, where huggingface_hub is found there; else our own."""
    for name in _COMMANDS:
        path = shutil.which(name, path=environment.get("PATH"))
        if path is None:
            continue
        found = HubPython(path, _folders(_interpreter(Path(path)), environment))
        if found.version("huggingface_hub"):
            return found
    return own_python()


def own_python() -> HubPython:
    """The Python that runs this."""
    return HubPython("", tuple(Path(folder) for folder in sys.path if folder and Path(folder).is_dir()))


def hub_programs(environment: Mapping[str, str]) -> tuple[Program, ...]:
    """huggingface_hub and hf_xet there, each without a version where it is not."""
    python = hub_python(environment)
    http = next(
        (name for name in ("httpx2", "httpx", "requests") if python.requires(name, "huggingface_hub")), "requests"
    )
    lacking = []
    if python.file("socksio") is None:
        lacking.append("socksio")
    if python.file("socks.py") is None:
        lacking.append("PySocks")
    hub = Program(
        "huggingface_hub",
        python.command or sys.executable,
        python.version("huggingface_hub"),
        "openssl",
        f"{http} {python.version(http)}".strip(),
        lacking=tuple(lacking),
    )
    return hub, _xet(python)


def certifi_of(python: HubPython) -> str:
    """The file of certifi there, empty where there is none."""
    file = python.file("certifi", "cacert.pem")
    return str(file) if file is not None else ""


def openssl_of(python: HubPython) -> tuple[str, ...]:
    """What OpenSSL looks at there where nothing is named. Of another Python it is taken to be as ours has it."""
    paths = ssl.get_default_verify_paths()
    return tuple(path for path in (paths.openssl_cafile, paths.openssl_capath) if Path(path).exists())


def _xet(python: HubPython) -> Program:
    version = python.version("hf_xet")
    folder = python.file("hf_xet")
    library = next(iter(sorted(folder.glob("*.so"))), None) if folder is not None else None
    lacking = () if library is None or _has_socks(library) else ("socks",)
    return Program("hf_xet", str(library or ""), version, "rustls", "reqwest", lacking=lacking)


def _has_socks(library: Path) -> bool:
    try:
        with library.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as content:
            return _SOCKS.search(content) is not None
    except (OSError, ValueError):  # then nothing is known of it
        return True


def _interpreter(command: Path) -> Path | None:
    first = _text(command)[:512].partition("\n")[0]
    words = first.removeprefix("#!").split() if first.startswith("#!") else []
    if words[:1] == ["/usr/bin/env"]:
        found = shutil.which(words[-1])
        return Path(found) if found else None
    if words and words[0].endswith("sh") and len(first) < 512:  # a long path, as pip writes it: '''exec' python …
        second = re.search(r"'''exec' \"?([^\"'\s]+)", _text(command)[:1024])
        return Path(second[1]) if second else None
    return Path(words[0]) if words else None


def _folders(interpreter: Path | None, environment: Mapping[str, str]) -> tuple[Path, ...]:
    if interpreter is None:
        return ()
    prefixes = dict.fromkeys([interpreter.parent.parent, Path("/usr/local")])
    if (interpreter.parent.parent / "pyvenv.cfg").exists():
        prefixes = {interpreter.parent.parent: None}
    elif home := environment.get("HOME"):
        prefixes = {Path(home, ".local"): None, **prefixes}
    places = ("lib/python3*/site-packages", "lib64/python3*/site-packages", "lib/python3*/dist-packages")
    return tuple(found for prefix in prefixes for place in places for found in sorted(prefix.glob(place)))


def _text(file: Path) -> str:
    try:
        return beginning_of(file, _MOST_BYTES).decode("utf-8", "replace")
    except OSError:
        return ""
