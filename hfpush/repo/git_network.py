"""What git's configuration says about the network, read with the file and the line of each setting.

As git itself has it: system, user, repository, and what was given on git's command line when git runs us in a hook.
How git chooses among them, and what we make of it, is net/git_settings.py's and net/routes.py's business.
"""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path

from hfpush.net.git_settings import GitNetwork, GitSetting
from hfpush.repo.filter.place import CallersGit
from hfpush.repo.process import GitFailed

_READ = r"^(http\..*(proxy|sslcainfo)|remote\..*\.(proxy|url))$"
_KEY = re.compile(r"http\.(?:(?P<scope>.*)\.)?(?P<name>proxy|sslcainfo)", re.DOTALL)
_REMOTE = re.compile(r"remote\.(?P<remote>.*)\.(?P<name>proxy|url)", re.DOTALL)
_SECTION = re.compile(r'\s*\[\s*([A-Za-z0-9.-]+)(?:\s+"((?:[^"\\]|\\.)*)")?\s*\]')
_ASSIGNED = re.compile(r"\s*(?:\[[^\]]*\])?\s*([A-Za-z][A-Za-z0-9-]*)\s*(?:=|$|[;#])")
_OWN = ("local", "worktree")
_MOST_BYTES = 1 << 20


def git_network(directory: Path | None = None) -> GitNetwork:
    """The settings of the repository at `directory`; of the user alone where that is None or no repository.

    A repository's own CA file that lies inside the repository is not taken, but named in `ignored`: it came with what
    it is to protect from. Raises LocalTrouble when git is missing, hangs, or cannot read its files.
    """
    place = Path("/") if directory is None else directory
    try:
        listing = CallersGit(place).read("config", "--show-scope", "--show-origin", "-z", "--get-regexp", _READ)
    except GitFailed as failure:
        if failure.returncode == 1 and not failure.stderr.strip():  # nothing of the kind is set
            return GitNetwork()
        raise
    return _network(listing.decode("utf-8", "surrogateescape"), place)


def _network(listing: str, place: Path) -> GitNetwork:
    lines = _Lines()
    settings: list[GitSetting] = []
    ignored: list[GitSetting] = []
    remotes: dict[str, dict[str, GitSetting]] = {}
    fields = listing.split("\0")
    for scope_of, origin, entry in zip(fields[::3], fields[1::3], fields[2::3], strict=False):
        key, newline, value = entry.partition("\n")
        file = _file_of(origin, place)
        setting = GitSetting("", value if newline else "true", None, file, lines.following(file, key), key)
        if found := _REMOTE.fullmatch(key):
            remotes.setdefault(found["remote"], {})[found["name"]] = setting
        elif found := _KEY.fullmatch(key):
            setting = replace(setting, name=found["name"], scope=found["scope"])
            if setting.name == "sslcainfo":
                setting = replace(setting, value=_path(setting.value, place))
                if scope_of in _OWN and _inside(setting.value, place):
                    ignored.append(setting)
                    continue
            settings.append(setting)
    own = [given for given in remotes.values() if "proxy" in given and "url" in given]
    settings += [replace(given["proxy"], name="proxy", scope=given["url"].value) for given in own]
    return GitNetwork(tuple(settings), tuple(ignored))


def _file_of(origin: str, place: Path) -> str:
    kind, _, path = origin.partition(":")
    return str(place / path) if kind == "file" else "git's command line" if kind == "command line" else origin


def _path(value: str, place: Path) -> str:
    return str(place / os.path.expanduser(value)) if value else value


def _inside(path: str, place: Path) -> bool:
    folders = [place, *(folder for folder in place.parents if (folder / ".git").exists())]
    return any(Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder)) for folder in folders)


class _Lines:
    """Where keys stand in files: for a key that stands there several times, one after the other."""

    def __init__(self) -> None:
        self._found: dict[str, dict[str, list[int]]] = {}

    def following(self, file: str, key: str) -> int:
        """The line of the next one of this key; 0 where it cannot be told."""
        if file not in self._found:
            self._found[file] = _keys(file)
        places = self._found[file].get(key, [])
        return places.pop(0) if len(places) > 1 else places[0] if places else 0


def _keys(file: str) -> dict[str, list[int]]:
    """The lines of each key of a file in git's form, by the key as git lists it."""
    found: dict[str, list[int]] = {}
    try:
        with open(file, encoding="utf-8", errors="surrogateescape") as stream:
            text = stream.read(_MOST_BYTES)
    except (OSError, ValueError):  # what git said is no file, or git may read it and we may not
        return found
    section = ""
    for number, line in enumerate(text.split("\n"), 1):
        if head := _SECTION.match(line):
            within = re.sub(r"\\(.)", r"\1", head[2]) if head[2] is not None else None
            section = head[1].lower() if within is None else f"{head[1].lower()}.{within}"
        if assigned := _ASSIGNED.match(line):
            found.setdefault(f"{section}.{assigned[1].lower()}", []).append(number)
    return found
