"""Which programs are there, of which version, and what they are made with: asked side by side, each within its time.

Their own `--version` says most. What it does not say stands in files: the library that git's HTTP is made with, what a
program was compiled by, what a Python environment has installed. A program is asked without tokens and wrappers.
"""

from __future__ import annotations

import mmap
import os
import re
import shutil
import subprocess
import sysconfig
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from hfpush.diagnose.facts.machine import Program
from hfpush.diagnose.hub_python import hub_programs

SECONDS = 2.0
_KEPT = ("PATH", "HOME", "GIT_EXEC_PATH", "LD_LIBRARY_PATH", "TMPDIR", "SYSTEMROOT")
_GO = b"\xff Go buildinf:"
_VERSION = re.compile(r"(\d+\.\d+(?:\.\d+)*)")
_LIBCURL = re.compile(rb"libcurl(?:-gnutls|-nss)?\.so\.\d+")
_ROOTS = re.compile(rb"\0(/etc/(?:ssl|pki)/[\w./-]+)(?=\0)")
_TLS = {b"libgnutls.so": "gnutls", b"libssl.so": "openssl", b"libnss3.so": "nss", b"libmbedtls.so": "mbedtls"}


def read_programs(environment: Mapping[str, str], seconds: float = SECONDS) -> tuple[Program, ...]:
    """All programs of facts.machine.CLIENTS but hfpush itself; one that is not there has no version."""
    asked: tuple[Callable[[], tuple[Program, ...]], ...] = (
        lambda: (_git(environment, seconds),),
        lambda: (_git_lfs(environment, seconds),),
        lambda: (_curl(environment, seconds),),
        lambda: hub_programs(environment),
    )
    with ThreadPoolExecutor(len(asked)) as pool:
        return tuple(one for found in pool.map(lambda ask: ask(), asked) for one in found)


def said_by(words: list[str], environment: Mapping[str, str], seconds: float) -> str:
    """What a program prints; empty where it cannot be started, or takes longer than `seconds`."""
    env = {name: environment[name] for name in _KEPT if name in environment} | {"LC_ALL": "C"}
    try:
        done = subprocess.run(
            words,
            env=env,
            cwd="/",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=seconds,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):  # a program that does not say its version is not there for us
        return ""
    return (done.stdout or done.stderr).decode("utf-8", "replace").strip()


def _found(name: str, environment: Mapping[str, str]) -> str:
    return shutil.which(name, path=environment.get("PATH")) or ""


def _version(text: str) -> str:
    match = _VERSION.search(text)
    return match[1] if match else ""


def _git(environment: Mapping[str, str], seconds: float) -> Program:
    path = _found("git", environment)
    said = said_by([path, "version"], environment, seconds) if path else ""
    if not said.startswith("git version"):
        return Program("git", path, said=said[:200])
    helper = Path(said_by([path, "--exec-path"], environment, seconds)) / "git-remote-https"
    library = _libcurl_of(helper)
    file = _library(library, environment) if library else None
    tls = _tls_of(library, file)
    http = f"libcurl {_version_in(file)}".strip() if library else ""
    return Program("git", path, _version(said), tls, http, said=said.splitlines()[0], roots=_roots_of(file))


def with_backends(git: Program, environment: Mapping[str, str], seconds: float = SECONDS) -> Program:
    """git with the TLS libraries that it can be told to use: it names them when it is told to use one that there is
    not, before it goes anywhere."""
    words = [git.path or "git", "-c", "http.sslBackend=none-of-them", "-c", "http.proxy=", "ls-remote"]
    said = said_by([*words, "https://127.0.0.1:1/"], {**environment, "HOME": "/"}, seconds)
    _, found, names = said.partition("Supported SSL backends:")
    return replace(git, backends=tuple(names.split())) if found else git


def _git_lfs(environment: Mapping[str, str], seconds: float) -> Program:
    path = _found("git-lfs", environment)
    said = said_by([path, "version"], environment, seconds) if path else ""
    if not said.startswith("git-lfs/"):
        return Program("git-lfs", path, said=said[:200])
    compiler = re.search(r"go ?(\d[\d.]*)", said)
    tls = f"go {compiler[1]}" if compiler else "go"
    return Program("git-lfs", path, _version(said), tls, tls, is_go=made_by_go(Path(path)), said=said.splitlines()[0])


def _curl(environment: Mapping[str, str], seconds: float) -> Program:
    path = _found("curl", environment)
    said = said_by([path, "--version"], environment, seconds) if path else ""
    if not said.startswith("curl "):
        return Program("curl", path, said=said[:200])
    first = said.splitlines()[0]
    library = re.search(r"libcurl/(\S+) (\w+)/(\S+)", first)
    tls = f"{library[2].lower()} {library[3]}" if library else ""
    http = f"libcurl {library[1]}" if library else ""
    return Program("curl", path, _version(said), tls, http, said=first)


# ---------------------------------------------------------------- what stands in files


def made_by_go(program: Path) -> bool:
    """Whether a program is Go's: it makes its own system calls, which no preloaded library sees, also where it is
    linked dynamically."""
    return contains(program, re.compile(re.escape(_GO))) is not None


def contains(file: Path, pattern: re.Pattern[bytes]) -> bytes | None:
    """The first match of `pattern` in a file; None too for a file that cannot be read."""
    try:
        with file.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as content:
            match = pattern.search(content)
            return match[0] if match else None
    except (OSError, ValueError):  # an empty file cannot be mapped
        return None


def _libcurl_of(helper: Path) -> str:
    found = contains(helper, _LIBCURL)
    return found.decode() if found else ""


def _library(name: str, environment: Mapping[str, str]) -> Path | None:
    kind = sysconfig.get_config_var("MULTIARCH") or ""
    folders = [*environment.get("LD_LIBRARY_PATH", "").split(os.pathsep)]
    folders += [f"/usr/lib/{kind}", f"/lib/{kind}", "/usr/lib64", "/lib64", "/usr/lib", "/usr/local/lib"]
    places = (Path(folder) / name for folder in folders if folder)
    return next((place for place in places if place.is_file()), None)


def _tls_of(library: str, file: Path | None) -> str:
    for mark in ("gnutls", "nss"):
        if f"-{mark}." in library:
            return mark
    found = contains(file, re.compile(b"|".join(map(re.escape, _TLS)))) if file is not None else None
    return _TLS[found] if found else ""


def _roots_of(file: Path | None) -> tuple[str, ...]:
    if file is None:
        return ()
    try:
        content = file.read_bytes()
    except OSError:
        return ()
    found = dict.fromkeys(match[1].decode() for match in _ROOTS.finditer(content))
    return tuple(one for one in found if os.path.exists(one))


def _version_in(file: Path | None) -> str:
    found = contains(file, re.compile(rb"libcurl/\d+\.\d+\.\d+")) if file is not None else None
    return found.decode().partition("/")[2] if found else ""
