"""Git's side of the filter conversation, written from gitattributes(5) alone; and a PATH without git-lfs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

_MAIN = "from hfpush.cli import main; main()"
_PROGRAMS = (
    "git",
    "sh",
    "cat",
    "sed",
    "basename",
    "dirname",
    "uname",
    "tr",
    "rm",
    "mkdir",
    "ls",
    "chmod",
    "env",
    "cut",
)


def bare_path(folder: Path) -> str:
    """A PATH on which are git and what its scripts need, and no git-lfs."""
    folder.mkdir(exist_ok=True)
    for name in _PROGRAMS:
        found = shutil.which(name)
        if found is not None and not (folder / name).exists():
            (folder / name).symlink_to(found)
    return str(folder)


def packet(data: bytes) -> bytes:
    return b"%04x" % (len(data) + 4) + data


def lines(*texts: str | bytes) -> bytes:
    return b"".join(packet(os.fsencode(text) + b"\n") for text in texts) + b"0000"


def content(data: bytes) -> bytes:
    return b"".join(packet(data[at : at + 65516]) for at in range(0, len(data), 65516)) + b"0000"


HELLO = lines("git-filter-client", "version=2") + lines("capability=clean", "capability=smudge", "capability=delay")


def question(command: str, path: str | bytes, data: bytes, *more: str) -> bytes:
    return lines(f"command={command}", b"pathname=" + os.fsencode(path), *more) + content(data)


def lists(said: bytes) -> list[list[bytes]]:
    """What the other side said, list by list."""
    found: list[list[bytes]] = [[]]
    while said:
        length = int(said[:4], 16)
        if length == 0:
            found.append([])
        else:
            found[-1].append(said[4:length])
        said = said[max(4, length) :]
    assert found.pop() == [], "it ended inside a list"
    return found


def answers(said: bytes) -> list[tuple[str, bytes]]:
    """Status and content of each answer to a clean or smudge, after the greetings."""
    found, rest = [], lists(said)[2:]
    while rest:
        status = b"".join(rest.pop(0)).decode().strip().removeprefix("status=")
        data = b""
        if status == "success":
            data = b"".join(rest.pop(0))
            last = b"".join(rest.pop(0)).decode().strip()
            status = last.removeprefix("status=") or status
        found.append((status, data))
    return found


def start(repo: Path, words: Sequence[str] = ("filter-process",), **environment: str) -> subprocess.Popen[bytes]:
    """The filter as git would start it there."""
    source = str(Path(__file__).resolve().parents[2])
    return subprocess.Popen(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {source!r}); {_MAIN}", "lfs", *words],
        cwd=repo,
        env={**os.environ, **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def talk(repo: Path, *questions: bytes, **environment: str) -> tuple[int, list[tuple[str, bytes]], str]:
    """Exit code, answers and standard error of a whole conversation."""
    with start(repo, **environment) as process:
        out, err = process.communicate(HELLO + b"".join(questions), timeout=60)
    return process.returncode, answers(out) if len(lists(out)) >= 2 else [], err.decode()
