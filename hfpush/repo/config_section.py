"""A section of one git configuration file that hfpush may take over, and give back.

What stood there before is kept in a section of its own, `[hfpush-replaced "…"]`, for `put_back`. What the values mean,
which file it is, and whether it may be changed, is the caller's decision.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from hfpush.repo.process import Git, GitFailed


@dataclass(frozen=True)
class ConfigSection:
    """The `keys` of the section `name`, in the order in which they are set; `kept` is the section for what stood there
    before. `is_ours` tells our values from others'."""

    name: str
    kept: str
    keys: tuple[str, ...]
    is_ours: Callable[[Mapping[str, str]], bool]

    def effective(self, git: Git, key: str) -> tuple[str | None, str]:
        """The value that holds there, None for none, and the file that says so, empty for the command line."""
        try:
            answer = git.read("config", "-z", "--includes", "--show-origin", "--get", f"{self.name}.{key}")
        except GitFailed as failed:
            if failed.returncode == 1:
                return None, ""
            raise
        where, _, value = answer.decode("utf-8", "surrogateescape").partition("\0")
        return value.removesuffix("\0"), where.removeprefix("file:") if where.startswith("file:") else ""

    def values(self, git: Git, file: Path) -> dict[str, str]:
        """The values in that file itself, by key."""
        return self._listed(git, file, self.name)

    def put(self, git: Git, file: Path, wanted: Mapping[str, str]) -> None:
        """Make the file have these values; those that stood there, and are not ours, are kept aside."""
        found = self.values(git, file)
        self._keep_aside(git, file, found)
        for key in self.keys:
            if found.get(key) != wanted[key]:
                _set(git, file, f"{self.name}.{key}", wanted[key])

    def clear(self, git: Git, file: Path) -> None:
        """Take values that are not ours out of the file, and keep them aside; without any nothing happens."""
        if self._keep_aside(git, file, self.values(git, file)):
            self._unset(git, file, self.name)

    def put_back(self, git: Git, file: Path) -> bool:
        """Take our values out of the file, and put back what was kept aside; whether there was anything to do."""
        kept, found = self._listed(git, file, self.kept), self.values(git, file)
        ours = bool(found) and self.is_ours(found)
        if not ours and not kept:
            return False
        if ours:
            self._unset(git, file, self.name)
        for key in self.keys:
            if key in kept and (ours or not found):
                _set(git, file, f"{self.name}.{key}", kept[key])
        self._unset(git, file, self.kept)
        return True

    def _keep_aside(self, git: Git, file: Path, found: Mapping[str, str]) -> bool:
        if not found or self.is_ours(found):
            return False
        self._unset(git, file, self.kept)
        for key, value in found.items():
            _set(git, file, f"{self.kept}.{key}", value)
        return True

    def _listed(self, git: Git, file: Path, section: str) -> dict[str, str]:
        if not file.is_file():
            return {}
        listed = git.read("config", "-z", "--no-includes", "--file", str(file), "--list")
        found: dict[str, str] = {}
        for entry in filter(None, listed.decode("utf-8", "surrogateescape").split("\0")):
            name, _, value = entry.partition("\n")
            before, _, key = name.rpartition(".")
            if before == section and key in self.keys:
                found[key] = value
        return found

    def _unset(self, git: Git, file: Path, section: str) -> None:
        for key in self._listed(git, file, section):
            git.read("config", "--file", str(file), "--unset-all", f"{section}.{key}")


def _set(git: Git, file: Path, name: str, value: str) -> None:
    git.read("config", "--file", str(file), "--replace-all", name, value)
