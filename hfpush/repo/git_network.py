"""What git's configuration says about the network, read with the file and the line of each setting.

As git itself has it: system, user, repository, and what was given on git's command line when git runs us in a hook.
The reader is git_listing.py. How git chooses among them, and what we make of it, is net/git_settings.py's and
net/routes.py's business.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from hfpush.net.git_settings import GitNetwork, GitSetting
from hfpush.repo.git_listing import Listed, listing

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
    return network_of(listing(place, _READ), place)


def network_of(listed: Iterable[Listed], place: Path) -> GitNetwork:
    """The same of a listing of all settings at `place`, or of more than these."""
    settings: list[GitSetting] = []
    ignored: list[GitSetting] = []
    remotes: dict[str, dict[str, GitSetting]] = {}
    for one in listed:
        setting = GitSetting("", one.value, None, one.file, one.line, one.key)
        if found := _REMOTE.fullmatch(one.key):
            remotes.setdefault(found["remote"], {})[found["name"]] = setting
        elif found := _KEY.fullmatch(one.key):
            setting = replace(setting, name=found["name"], scope=found["scope"])
            if setting.name == "sslcainfo":
                setting = replace(setting, value=_path(setting.value, place))
                if one.scope in _OWN and _inside(setting.value, place):
                    ignored.append(setting)
                    continue
            settings.append(setting)
    own = [given for given in remotes.values() if "proxy" in given and "url" in given]
    settings += [replace(given["proxy"], name="proxy", scope=given["url"].value) for given in own]
    return GitNetwork(tuple(settings), tuple(ignored))


def _path(value: str, place: Path) -> str:
    return str(place / os.path.expanduser(value)) if value else value


def _inside(path: str, place: Path) -> bool:
    folders = [place, *(folder for folder in place.parents if (folder / ".git").exists())]
    return any(Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder)) for folder in folders)
