"""Which git repository stands at a path, and whether it is the user's or one that hfpush made of a folder.

Opening reads and changes nothing. What is in the repository is history.py's and content.py's business; making one of
a folder is folder.py's.
"""

from __future__ import annotations

import os
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from hfpush.errors import LocalTrouble, Misuse
from hfpush.repo.process import Git, GitFailed

MANAGED = "hfpush.managed"
"""The setting, in a repository's own configuration, that says: hfpush made this of a folder and commits to it."""


@dataclass(frozen=True)
class Repository:
    """A git repository that can be read. Build it with `Repository.open` or `Repository.around`.

    `root` is its work tree, None for a bare one. `git_dir` is the work tree's own, `common_dir` the one that linked
    work trees share. `object_format` is `sha1` or `sha256`. `tip` is the commit that is checked out, None before the
    first one, and `branch` its branch's short name, None when HEAD is detached. `managed` says that hfpush made it,
    `partial` that it is a partial clone, in which objects may be missing.
    """

    root: Path | None
    git_dir: Path
    common_dir: Path
    object_format: str
    tip: str | None
    branch: str | None
    managed: bool
    partial: bool

    @classmethod
    def open(cls, path: Path | str) -> Repository:
        """The repository whose work-tree root (or, for a bare one, git directory) is `path`.

        Raises Misuse for a path that is missing, a file, a folder in or outside another repository, or a repository
        without any commit; LocalTrouble for one that cannot be read.
        """
        place = existing_folder(path)
        if not has_repository(place):
            _refuse_inside(place)
            raise Misuse.of(
                "not-a-repo",
                "This folder is not a git repository.",
                seen=(str(place),),
                to_try=("hfpush publish makes one of a plain folder", "git clone it, if it has a history somewhere"),
            )
        repository = cls._at(place)
        _ = repository.head
        return repository

    @classmethod
    def around(cls, path: Path | str) -> Repository:
        """The repository that the folder `path` is in: the nearest one upwards, as for git itself. It may be without
        any commit.

        Raises Misuse for a path that is missing, a file, or in no repository; LocalTrouble for one that cannot be read.
        """
        place = existing_folder(path)
        inside = next((folder for folder in (place, *place.parents) if has_repository(folder)), None)
        if inside is None:
            raise Misuse.of(
                "not-a-repo",
                "This folder is not in a git repository.",
                seen=(str(place),),
                to_try=("give the path of a repository", "git init makes one here"),
            )
        return cls._at(inside)

    @classmethod
    def _at(cls, place: Path) -> Repository:
        git_dir, common_dir, bare, object_format = _layout(place)
        git = Git(place, git_dir, None if bare else place)
        return cls(
            root=None if bare else place,
            git_dir=git_dir,
            common_dir=common_dir,
            object_format=object_format,
            tip=_tip(git, place),
            branch=_branch(git),
            managed=_is_managed(git),
            partial=_is_partial(git),
        )

    @property
    def head(self) -> str:
        """The commit that is checked out. Raises Misuse when there is none yet."""
        if self.tip is None:
            raise Misuse.of(
                "repo-empty",
                "The repository has no commit yet, so there is nothing to publish.",
                seen=(str(self.root or self.git_dir),),
                to_try=("git add and git commit what you want to publish",),
            )
        return self.tip

    @property
    def git(self) -> Git:
        """git for reading in this repository."""
        return Git(self.root or self.git_dir, self.git_dir, self.root)

    @property
    def zero(self) -> str:
        """The id that stands for no object."""
        return "0" * (64 if self.object_format == "sha256" else 40)

    def setting(self, name: str) -> str | None:
        """The value of a git setting as it applies here, None when it is unset."""
        return setting_of(self.git, name)

    def commit_of(self, revision: str) -> str | None:
        """The full id of the commit that a branch, tag or id names here, None when there is none."""
        return commit_id(self.git, revision)

    def is_ancestor(self, older: str, newer: str) -> bool:
        """Whether commit `older` is `newer` or in its history. False also when one of them is not here."""
        try:
            self.git.read("merge-base", "--is-ancestor", older, newer)
        except GitFailed:
            return False
        return True


def kind_of(path: Path | str) -> Literal["repo", "folder"]:
    """Whether `path` is a repository of the user, whose commits are published as they are, or a folder, which hfpush
    commits itself (also one that it made a repository of before).

    Raises Misuse when it is neither: missing, a file, or a part of another repository (unless that one ignores it).
    """
    place = existing_folder(path)
    if not has_repository(place):
        _refuse_inside(place)
        return "folder"
    git_dir, _, bare, _ = _layout(place)
    return "folder" if not bare and _is_managed(Git(place, git_dir, place)) else "repo"


def existing_folder(path: Path | str) -> Path:
    """`path`, absolute and without symbolic links, once it is known to be a folder that can be listed. Raises Misuse
    or LocalTrouble."""
    given = Path(path).expanduser()
    try:
        place = given.resolve(strict=True)
        is_folder = place.is_dir()
    except FileNotFoundError as absent:
        raise Misuse.of("path-missing", f"There is nothing at {str(given)!r}.", to_try=("check the path",)) from absent
    except (OSError, RuntimeError) as trouble:
        raise _unreadable(given) from trouble
    if not is_folder:
        raise Misuse.of(
            "path-is-file",
            f"{str(given)!r} is a file, and a repository is a folder.",
            to_try=("give the folder that holds it",),
        )
    if not os.access(place, os.R_OK | os.X_OK):
        raise _unreadable(given)
    return place


def has_repository(place: Path) -> bool:
    """Whether the folder itself is a repository: a work-tree root, or a bare one."""
    if os.path.lexists(place / ".git"):
        return True
    return (place / "HEAD").is_file() and (place / "objects").is_dir() and (place / "refs").is_dir()


def _unreadable(path: Path) -> LocalTrouble:
    return LocalTrouble.of(
        "path-unreadable",
        f"{str(path)!r} cannot be read by this user.",
        to_try=("check the permissions of the folder",),
    )


def _refuse_inside(place: Path) -> None:
    outer = next((parent for parent in place.parents if os.path.lexists(parent / ".git")), None)
    if outer is None:
        return
    try:
        Git(outer).read("check-ignore", "-q", f"./{place.relative_to(outer)}")
    except GitFailed as answer:
        if answer.returncode != 1:
            return  # not a repository that git reads: then it holds nothing, and the folder is not a part of it
    else:
        return  # what the outer repository ignores is not a part of it
    raise Misuse.of(
        "path-inside-repo",
        "This folder is a part of another git repository, and not its root.",
        seen=(f"folder: {place}", f"repository: {outer}"),
        to_try=(
            f"publish that repository: give {str(outer)!r}",
            "publish the folder alone: move or copy it out of that repository, or run git init in it",
        ),
    )


def _layout(place: Path) -> tuple[Path, Path, bool, str]:
    """git directory, common directory, whether bare, object format."""
    git = Git(place)
    try:
        git_dir = git.line("rev-parse", "--absolute-git-dir")
        common_dir = git.line("rev-parse", "--git-common-dir")
        answer = git.line("rev-parse", "--is-bare-repository", "--show-object-format")
    except GitFailed as broken:
        raise _damaged(place, broken) from broken
    bare, object_format = answer.split("\n")
    return Path(git_dir), (place / common_dir).resolve(), bare == "true", object_format


def _branch(git: Git) -> str | None:
    try:
        return git.line("symbolic-ref", "--quiet", "--short", "HEAD")
    except GitFailed:
        return None


def commit_id(git: Git, revision: str) -> str | None:
    """The full id of the commit that a revision names there, None when there is none."""
    try:
        return git.line("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    except GitFailed:
        return None


def _tip(git: Git, place: Path) -> str | None:
    tip = commit_id(git, "HEAD")
    if tip is not None:
        return tip
    try:
        named = git.line("rev-parse", "--verify", "--quiet", "HEAD")
    except GitFailed:
        return None  # before the first commit
    try:
        git.read("cat-file", "commit", named)
    except GitFailed as broken:
        raise _damaged(place, broken) from broken
    return named


def _damaged(place: Path, broken: GitFailed) -> LocalTrouble:
    where = shlex.quote(str(place))
    return LocalTrouble.of(
        "repo-damaged",
        "git cannot read the repository in this folder.",
        seen=(str(place), *broken.finding.evidence),
        to_try=(
            f"git -C {where} fsck --full, which says what is wrong",
            "if its .git is a leftover, move it away and publish the folder as a plain one",
        ),
    )


def setting_of(git: Git, name: str) -> str | None:
    """The value of a git setting as it applies there, None when it is unset."""
    try:
        return git.read("config", "-z", "--get", name).removesuffix(b"\0").decode("utf-8", "surrogateescape")
    except GitFailed as answer:
        if answer.returncode == 1:
            return None
        raise


def _is_managed(git: Git) -> bool:
    # Asked of the repository alone: the same line in a user's own configuration would hand us all their repositories.
    try:
        return git.line("config", "--local", "--type=bool", "--get", MANAGED) == "true"
    except GitFailed:
        return False


def _is_partial(git: Git) -> bool:
    try:
        return bool(git.read("config", "-z", "--get-regexp", r"^(extensions\.partialclone|remote\..*\.promisor)$"))
    except GitFailed as answer:
        if answer.returncode == 1:
            return False
        raise
