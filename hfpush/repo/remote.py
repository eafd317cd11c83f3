"""The repository at the other side, as git sees it: its refs, and the push of one commit to one branch.

LFS objects must be there before: git-lfs's own part of a push is switched off. What git's failures mean is
push_failure.py's business.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from hfpush.errors import Damaged, Misuse, Unavailable
from hfpush.repo.credential import credential
from hfpush.repo.git_url import url_settings
from hfpush.repo.process import PROGRAM, environment
from hfpush.repo.push_failure import push_failure
from hfpush.repo.repository import Repository
from hfpush.repo.watched import Ended, Said, watch

PATIENCE_SECONDS = 300.0
"""How long there may be no sign of life before git counts as stuck. A push hook of the Hub works in silence."""
SHOWN_TO_HOOKS = "HFPUSH_REMOTE_URL"
"""The variable in which a pre-push hook finds the address of the repository; its arguments name a door of ours."""
_SHA = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_SETTINGS = (
    "push.followTags=false",
    "push.gpgSign=false",
    "push.pushOption=",
    "push.recurseSubmodules=no",
    "push.useForceIfIncludes=false",
    "color.ui=false",
)


class Link(Protocol):
    """What stands between git and the repository, in our own process."""

    def begin(self) -> None:
        """A git command begins."""

    def alive(self) -> float:
        """The time of `time.monotonic` at which there was the last sign of life."""

    def failure(self) -> Exception | None:
        """What ended one of the command's requests, if anything did."""


@dataclass(frozen=True)
class Remote:
    """A repository at the other side: the URL that git speaks to, and the password for the origin of that URL.

    Where that URL is a door of ours, `link` knows what goes on behind it, and `shown` is the address that people know:
    it stands in every text in place of the door's. `hidden` are texts that nobody gets to see.
    """

    url: str
    token: str | None = field(default=None, repr=False)
    shown: str | None = None
    link: Link | None = field(default=None, repr=False)
    hidden: tuple[str, ...] = field(default=(), repr=False)

    def tidied(self, text: str) -> str:
        """A text of git's without secrets, and with the address that people know."""
        for secret in filter(None, (self.token, *self.hidden)):  # not every token looks like one
            text = text.replace(secret, "***")
        return text if self.shown is None else text.replace(self.url, self.shown)


@dataclass(frozen=True)
class RemoteRefs:
    """The refs of a remote by full name, tags also peeled (`refs/tags/v1^{}`), and the branch that HEAD names there."""

    refs: Mapping[str, str]
    default_branch: str | None

    def branch(self, name: str) -> str | None:
        """The commit of a branch by its short name, None when there is no such branch."""
        return self.refs.get(f"refs/heads/{name}")

    @property
    def commits(self) -> frozenset[str]:
        """Every id that the other side has: of branches, tags and what tags point to."""
        return frozenset(self.refs.values())


@dataclass(frozen=True)
class Pushed:
    """A push that the other side took. `changed` is False when the branch was there already."""

    changed: bool
    forced: bool


def ls_remote(
    remote: Remote,
    *,
    repository: Repository | None = None,
    patience_seconds: float = PATIENCE_SECONDS,
    said: Said | None = None,
) -> RemoteRefs:
    """The refs at the other side. Within `repository` its own settings apply, as they do for the push.

    Raises what the link met, what `push_failure` makes of git's words, and Unavailable when git hangs.
    """
    ended = _talk(remote, ("ls-remote", "--symref", "--", remote.url), repository, patience_seconds, said)
    if ended.returncode:
        raise push_failure(ended.stderr)
    return parse_refs(ended.stdout)


def parse_refs(listing: str) -> RemoteRefs:
    """The meaning of `git ls-remote --symref`. Raises Damaged for anything else."""
    refs, default_branch = {}, None
    for line in listing.split("\n"):
        value, tab, name = line.partition("\t")
        if value.startswith("ref: refs/heads/") and name == "HEAD":
            default_branch = value.removeprefix("ref: refs/heads/")
        elif tab and _SHA.fullmatch(value):
            if name != "HEAD":
                refs[name] = value
        elif line and not value.startswith("ref: "):
            raise Damaged.of("not-a-hub", "The endpoint's list of branches cannot be read.", seen=(ascii(line[:100]),))
    return RemoteRefs(refs, default_branch)


def push(
    repository: Repository,
    remote: Remote,
    commit: str,
    branch: str,
    *,
    expected: str | None = None,
    force_with_lease: bool = False,
    patience_seconds: float = PATIENCE_SECONDS,
    said: Said | None = None,
) -> Pushed:
    """Puts `commit` (an id) on `branch` (a short name) at the other side, whose LFS objects are there already.

    The branch moves forward only, unless `force_with_lease`: then it moves anywhere if it is still at `expected` (None:
    there is no such branch yet). The repository's pre-push hook runs, but git-lfs does nothing in it. No tag, submodule
    or other branch goes along. `said` is called with each line of git's progress.

    Raises what the link met, what `push_failure` makes of git's words, and Unavailable when git hangs; the push may
    have arrived all the same, so the caller looks before another try.
    """
    if not _SHA.fullmatch(commit):
        raise ValueError(f"not a commit's id: {commit!r}")
    target = branch_ref(branch)
    flags = ["--porcelain", "--progress", "--no-follow-tags", "--no-signed", "--recurse-submodules=no"]
    if force_with_lease:
        flags.append(f"--force-with-lease={target}:{expected or ''}")
    if _hook_cannot_run(repository):
        flags.append("--no-verify")
    arguments = ("push", *flags, "--", remote.url, f"{commit}:{target}")
    ended = _talk(remote, arguments, repository, patience_seconds, said)
    if ended.returncode:
        raise push_failure(f"{ended.stderr}\n{ended.stdout}")
    return parse_pushed(ended.stdout, target)


def parse_pushed(report: str, target: str) -> Pushed:
    """What `git push --porcelain` says of one ref. Raises Damaged when it says nothing of it."""
    for line in report.split("\n"):
        fields = line.split("\t")
        if len(fields) >= 3 and fields[0] in (" ", "+", "*", "=") and fields[1].endswith(f":{target}"):
            return Pushed(changed=fields[0] != "=", forced=fields[0] == "+")
    raise Damaged.of("push-unreported", "git ended well but does not say that it pushed the branch.", seen=(target,))


def branch_ref(branch: str) -> str:
    """The full name of a branch. Raises Misuse for a name that no branch can have."""
    bad = re.search(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|(?:^|/)\.|\.lock(?:/|$)|^[-/]|[./]$", branch)
    if not branch or bad or branch == "@" or branch.startswith("refs/"):
        raise Misuse.of("branch-invalid", f"{branch!r} is not the name of a branch.", to_try=("for example: main",))
    return f"refs/heads/{branch}"


def _talk(
    remote: Remote,
    arguments: tuple[str, ...],
    repository: Repository | None,
    patience_seconds: float,
    said: Said | None,
) -> Ended:
    """A git command at its end. Raises what the link met, when the command failed for it."""

    def tell(line: str) -> None:
        if said is not None:
            said(remote.tidied(line))

    if remote.link is not None:
        remote.link.begin()
    with credential(remote.url, remote.token) as secret:
        settings = (*_SETTINGS, *url_settings(remote.url), *secret.settings)
        try:
            ended = watch(
                [PROGRAM, "--no-pager", *(part for one in settings for part in ("-c", one)), *arguments],
                directory=_directory(repository),
                env=_environment(repository, remote),
                patience_seconds=patience_seconds,
                said=tell,
                descriptors=secret.descriptors,
                alive=None if remote.link is None else remote.link.alive,
            )
        except Unavailable as stalled:
            seen = tuple(map(remote.tidied, stalled.finding.evidence))
            raise Unavailable(replace(stalled.finding, evidence=seen)) from stalled
    failure = remote.link.failure() if remote.link is not None and ended.returncode else None
    if failure is not None:
        raise failure
    return Ended(ended.returncode, remote.tidied(ended.stdout), remote.tidied(ended.stderr))


def _directory(repository: Repository | None) -> Path:
    return Path("/") if repository is None else repository.root or repository.git_dir


def _environment(repository: Repository | None, remote: Remote | None = None) -> dict[str, str]:
    env = environment({"GIT_ALLOW_PROTOCOL": "http:https:file", "GIT_LFS_SKIP_PUSH": "1"})
    if remote is not None:
        env[SHOWN_TO_HOOKS] = remote.shown or remote.url
    if repository is None:
        return env
    env["GIT_DIR"] = str(repository.git_dir)
    if repository.root is not None:
        env["GIT_WORK_TREE"] = str(repository.root)
    return env


def _hook_cannot_run(repository: Repository) -> bool:
    """Whether the pre-push hook is git-lfs's own and nothing more, and git-lfs is not there: it would refuse to run."""
    if shutil.which("git-lfs") is not None:
        return False
    asked = [PROGRAM, "rev-parse", "--git-path", "hooks/pre-push"]
    ended = watch(asked, directory=_directory(repository), env=_environment(repository), patience_seconds=30)
    hook = _directory(repository) / ended.stdout.removesuffix("\n")
    try:
        text = hook.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False  # no hook, or one that git cannot run either
    return is_only_lfs(text)


def is_only_lfs(hook: str) -> bool:
    """Whether every command line of a hook is about git-lfs."""
    lines = [line.strip() for line in hook.splitlines()]
    commands = [line for line in lines if line and not line.startswith("#")]
    return bool(commands) and all(re.search(r"\bgit[- ]lfs\b", line) for line in commands)
