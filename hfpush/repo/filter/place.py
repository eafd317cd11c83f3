"""Where the filter was started: the repository, its store, and the settings that matter, as git itself has them.

Git starts the filter in the work tree, with GIT_DIR set where it was not simply found there. What the user gave git on
its command line (`git -c lfs.url=…`) reaches us in GIT_CONFIG_ variables and is kept.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from hfpush.errors import LocalTrouble
from hfpush.repo.filter.origin import LfsServer, asked_server, lfs_server, remote_of
from hfpush.repo.filter.store import Store, shared_mode, store_folders
from hfpush.repo.process import Git, GitFailed

_READ = r"^(lfs\..*|core\.sharedrepository|remote\..*|branch\..*\.remote)$"
_TRUE = {"1", "t", "true", "y", "yes", "on"}


@dataclass(frozen=True)
class CallersGit(Git):
    """git as the git that started us sees things: with the same settings of the command line."""

    def env(self) -> dict[str, str]:
        """As Git's, with the caller's settings."""
        given = ("GIT_CONFIG_PARAMETERS", "GIT_CONFIG_COUNT", "GIT_CONFIG_KEY_", "GIT_CONFIG_VALUE_")
        return super().env() | {name: value for name, value in os.environ.items() if name.startswith(given)}


@dataclass(frozen=True)
class Login:
    """A name and its password."""

    user: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class FilterPlace:
    """The repository that a filter works for. `settings` has the last value of each of git's that matter, by name with
    its parts in lower case but for the middle one."""

    git: Git
    common_dir: Path
    settings: Mapping[str, str]

    @property
    def store(self) -> Store:
        """Its LFS objects."""
        folders = store_folders(self.common_dir, self.settings.get("lfs.storage"))
        setting = self.settings.get("core.sharedrepository")
        shared = setting is not None and setting.lower() not in ("umask", "false", "0")
        return Store(folders, mode=shared_mode(setting) if shared else None)

    def server(self) -> LfsServer:
        """Where its objects are downloaded from. Raises Misuse (`lfs-remote`)."""
        remote = remote_of(self.settings, self._branch())
        return lfs_server(self.settings, self.brought, remote=remote, remote_url=self._url(remote))

    def asked_server(self, remote: str, *, push: bool) -> LfsServer:
        """The server that git-lfs has asked about `remote`, a name or a URL. Raises Misuse (`lfs-remote`)."""
        url = self._url(remote, push=push)
        return asked_server(self.settings, self.brought, push=push, remote=remote, remote_url=url)

    @property
    def brought(self) -> Mapping[str, str]:
        """The settings of .lfsconfig: of the work tree, else of the commit that is checked out."""
        file = self.git.directory / ".lfsconfig"
        where = ("--file", ".lfsconfig") if file.is_file() and not file.is_symlink() else ("--blob", "HEAD:.lfsconfig")
        try:
            return _settings(self.git.read("config", "--no-includes", *where, "-z", "--list"))
        except GitFailed:
            return {}  # there is none, or it is no configuration

    @property
    def ref(self) -> str:
        """The full name of the branch that is checked out; a detached HEAD counts as `main`."""
        return f"refs/heads/{self._branch() or 'main'}"

    def login(self, server: LfsServer) -> Login | None:
        """What the user's git credential helpers have for `server`, without asking anybody; None: nothing."""
        parts = urlsplit(server.url)
        question = f"protocol={parts.scheme}\nhost={parts.netloc}\npath={parts.path.lstrip('/')}\n"
        if server.user and not set(server.user) & {"\n", "\0"}:
            question += f"username={server.user}\n"
        quiet = ("credential.interactive=false", "core.askPass=")
        try:
            answer = self.git.read("credential", "fill", stdin=f"{question}\n".encode(), settings=quiet)
        except LocalTrouble:  # no helper has it, or it wants a person
            return None
        said = dict(line.split("=", 1) for line in answer.decode("utf-8", "replace").split("\n") if "=" in line)
        return Login(said.get("username", ""), said["password"]) if "password" in said else None

    def _url(self, remote: str, *, push: bool = False) -> str | None:
        named = f"remote.{remote}.url" in self.settings
        if not named and ":" not in remote:
            return None
        try:
            if push and named:
                return self.git.line("remote", "get-url", "--push", "--", remote)
            return self.git.line("ls-remote", "--get-url", "--", remote)
        except GitFailed:
            return None

    def _branch(self) -> str | None:
        try:
            return self.git.line("symbolic-ref", "--quiet", "--short", "HEAD")
        except GitFailed:
            return None


def filter_place(directory: Path, environment: Mapping[str, str]) -> FilterPlace:
    """The place of a filter that was started in `directory`. Raises LocalTrouble when that is no repository."""
    git_dir, work_tree = environment.get("GIT_DIR"), environment.get("GIT_WORK_TREE")
    git: Git
    if git_dir is not None:
        git = CallersGit(directory, Path(git_dir), Path(work_tree) if work_tree else None)
    else:
        git = CallersGit(_top(directory))
    common = git.line("rev-parse", "--git-common-dir")
    try:
        settings = _settings(git.read("config", "-z", "--get-regexp", _READ))
    except GitFailed as answer:
        if answer.returncode != 1:
            raise
        settings = {}
    return FilterPlace(git, (git.directory / common).resolve(), settings)


def is_set(text: str | None) -> bool:
    """Whether a setting or a variable says yes."""
    return (text or "").lower() in _TRUE


def _top(directory: Path) -> Path:
    """The work tree's top: git starts us there, a person may be below."""
    return next((one for one in (directory, *directory.parents) if os.path.lexists(one / ".git")), directory)


def _settings(listed: bytes) -> dict[str, str]:
    found: dict[str, str] = {}
    for entry in filter(None, listed.decode("utf-8", "surrogateescape").split("\0")):
        name, newline, value = entry.partition("\n")
        found[name] = value if newline else "true"
    return found
