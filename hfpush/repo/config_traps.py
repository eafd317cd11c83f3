"""The settings of git and git-lfs that a repository's files go by, each with the file and the line where it stands.

Three kinds are read: the user's and the repository's own configuration; the `.lfsconfig` that is to be published, which
came with somebody's commits, in the work tree, the index and the commit; and which programs among them can be started.
What they mean for a publish is trap_rules.py's business.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from hfpush.repo.config_files import ConfigFiles, content_of
from hfpush.repo.config_lines import key_lines
from hfpush.repo.process import Git, GitFailed
from hfpush.repo.repository import Repository
from hfpush.repo.rules import shown
from hfpush.repo.trap_rules import AGENT_PATH, Setting

_FILE = ".lfsconfig"


def settings_of(repository: Repository) -> tuple[Setting, ...]:
    """What `git config` says in this repository, in its order: a later setting of the same name wins. Settings that
    stand in no file are left out. Raises GitFailed where git cannot read its configuration."""
    listed = _text(repository.git.read("config", "--show-origin", "--includes", "-z", "--list"))
    found = []
    files = ConfigFiles()
    fields = iter(listed.split("\0"))
    for origin, entry in zip(fields, fields, strict=False):
        kind, _, name = origin.partition(":")
        if kind != "file":
            continue
        file = repository.git.directory / name
        key, value = _pair(entry)
        found.append(Setting(key, value, shown(str(file)), files.line(file, key), str(file)))
    return tuple(found)


def brought_with(repository: Repository, commit: str) -> tuple[Setting, ...]:
    """What `.lfsconfig` says: in the work tree, the index, and `commit`; the same line of the same text only once."""
    asked = f":{_FILE}\n{commit}:{_FILE}\n".encode()
    answer = repository.git.read("cat-file", "--batch", stdin=asked)
    blobs = list(_blobs(answer))
    places = [("in the index", None), (f"in the commit {commit[:12]}", None)]
    texts: list[tuple[bytes, str, Path | None]] = []
    if repository.root is not None:
        texts += _in_folder(repository.root)
    texts += [(blob, f"{_FILE} {where}", None) for blob, (where, _) in zip(blobs, places, strict=False) if blob]
    return tuple(_parsed(repository.git, texts))


def brought_by_folder(folder: Path) -> tuple[Setting, ...]:
    """What the `.lfsconfig` of a plain folder says, which is to be committed."""
    return tuple(_parsed(Git(folder), _in_folder(folder)))


def lacking_programs(settings: tuple[Setting, ...], directory: Path) -> frozenset[str]:
    """Those transfer agents among the settings that cannot be started: values of AGENT_PATH settings."""
    lacking = set()
    for one in settings:
        if AGENT_PATH.fullmatch(one.key) and one.value:
            path = os.path.expanduser(one.value) if one.value.startswith("~") else one.value
            if shutil.which(str(directory / path) if "/" in path else path) is None:
                lacking.add(one.value)
    return frozenset(lacking)


def _pair(entry: str) -> tuple[str, str]:
    key, newline, value = entry.partition("\n")
    return key, value if newline else "true"  # a name alone means yes


def _in_folder(folder: Path) -> list[tuple[bytes, str, Path | None]]:
    file = folder / _FILE
    content = content_of(file)
    return [(content, shown(str(file)), file)] if content else []


def _parsed(git: Git, texts: list[tuple[bytes, str, Path | None]]) -> Iterator[Setting]:
    seen: set[bytes] = set()
    for content, where, file in texts:
        if content in seen:
            continue
        seen.add(content)
        try:
            listed = _text(git.read("config", "--no-includes", "--file", "-", "-z", "--list", stdin=content))
        except GitFailed:
            continue  # git-lfs, which asks git, cannot read it either
        rest = iter(key_lines(_text(content)))
        for entry in listed.split("\0")[:-1]:
            key, value = _pair(entry)
            number = next((line for written, line in rest if written == key), None)
            yield Setting(key, value, where, number, None if file is None else str(file), brought=True)


def _blobs(answer: bytes) -> Iterator[bytes | None]:
    """The contents of `cat-file --batch`, None for what is not there or is no file."""
    at = 0
    while at < len(answer):
        end = answer.index(b"\n", at)
        head, at = answer[at:end].split(b" "), end + 1
        if len(head) != 3 or not head[2].isdigit():
            yield None
            continue
        size = int(head[2])
        yield answer[at : at + size] if head[1] == b"blob" else None
        at += size + 1


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")
