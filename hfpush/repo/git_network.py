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
from hfpush.repo.config_files import ConfigFiles
from hfpush.repo.filter.place import CallersGit
from hfpush.repo.process import GitFailed

_READ = r"^(http\..*(proxy|sslcainfo)|remote\..*\.(proxy|url))$"
_KEY = re.compile(r"http\.(?:(?P<scope>.*)\.)?(?P<name>proxy|sslcainfo)", re.DOTALL)
_REMOTE = re.compile(r"remote\.(?P<remote>.*)\.(?P<name>proxy|url)", re.DOTALL)
_OWN = ("local", "worktree")


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
    files = ConfigFiles()
    settings: list[GitSetting] = []
    ignored: list[GitSetting] = []
    remotes: dict[str, dict[str, GitSetting]] = {}
    fields = listing.split("\0")
    for scope_of, origin, entry in zip(fields[::3], fields[1::3], fields[2::3], strict=False):
        key, newline, value = entry.partition("\n")
        file = _file_of(origin, place)
        setting = GitSetting("", value if newline else "true", None, file, files.line(Path(file), key) or 0, key)
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
