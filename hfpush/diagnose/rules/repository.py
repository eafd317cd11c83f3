"""What is wrong with the repository beyond what an audit says: hooks, filters, files that are not there, tokens. Pure.

Nothing here was asked of a server, but for which commits the Hub has.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

from hfpush import units
from hfpush.diagnose.cause import Cause
from hfpush.diagnose.facts.all import Facts
from hfpush.diagnose.facts.repository import MOST_COMMITS, Repository
from hfpush.findings import Finding, Severity

_LEAST_GIT, _LEAST_GIT_WINDOWS = (2, 30), (2, 34)
_LARGE = 4 * 2**30
_VERSION = re.compile(r"(\d+)\.(\d+)")
_LOOKED = {"tip": "only the newest commit was", "sizes": "only the sizes of its files were"}
_HERE = ("repository", "bare")


def causes(facts: Facts) -> Iterator[Cause]:
    """In the order of their depth."""
    one = facts.repository
    yield from _old_git(facts)
    if one.state not in _HERE:
        return
    publishes = facts.question.purpose != "fetch" and one.connected
    yield from _programs(facts, publishes=publishes)
    if publishes:
        yield from _hook(one)
        yield from _stale(facts)
        yield from _tokens(one)
        yield from _submodules(one)
        yield from _unread(one)
    if facts.question.purpose != "publish":
        yield from _texts(facts)
    yield from _corrupt(one)


def _programs(facts: Facts, *, publishes: bool) -> Iterator[Cause]:
    one = facts.repository
    known, lacks = bool(facts.machine.programs), not facts.machine.program("git-lfs").version
    filters, pushes = one.lfs_filter == "git-lfs" and bool(one.lfs_files), one.hook_by == "git-lfs" and publishes
    if known and lacks and (filters or (pushes and not one.hook_idle)):
        said = " and ".join(
            [*(["the filter of its LFS files"] if filters else []), *(["its pre-push hook"] if pushes else [])]
        )
        finding = Finding(
            "git-lfs-missing",
            f"This repository calls git-lfs ({said}), and there is no such program: git cannot "
            f"{'check LFS files out, or add them' if filters else 'push'}.",
            (
                "git-lfs is in no folder of PATH",
                *(("filter.lfs.process of git's configuration starts git-lfs",) if filters else ()),
                *((f"{one.hooks_path}/pre-push calls it",) if pushes else ()),
            ),
            (
                "apt-get install git-lfs",
                f"hfpush lfs install --local --force {shlex.quote(one.root)}   # without git-lfs",
            ),
        )
        yield Cause(finding, 60, frozenset({"pointers-not-files", "lfs-hook-missing", "git-lfs-missing"}))
    elif one.lfs_files and not one.lfs_filter and one.state == "repository":
        finding = Finding(
            "lfs-filter-missing",
            "git has no filter here for the LFS files of this repository: it checks out their pointers, and would put "
            "their content into git itself.",
            (f"{units.count(one.lfs_files, 'LFS file')} in the newest commit", "filter.lfs.process is not set"),
            (
                f"git -C {shlex.quote(one.root)} lfs install --local",
                f"hfpush lfs install --local {shlex.quote(one.root)}   # without git-lfs",
            ),
            "warning",
        )
        yield Cause(finding, 61)


def _hook(one: Repository) -> Iterator[Cause]:
    if one.lfs_hook is not False or not one.lfs_files or one.managed:
        return
    path = f"{one.hooks_path}/pre-push"
    root = shlex.quote(one.root)
    if one.hook_idle and one.hook_by in ("git-lfs", "hfpush"):
        seen, cure = f"{path} may not be executed, so git leaves it out", f"chmod +x {shlex.quote(path)}"
    elif one.hook_by == "other":
        seen = f"{path} calls neither git-lfs nor hfpush"
        cure = f"""echo 'git lfs pre-push "$@"' >> {shlex.quote(path)}"""
    else:
        seen, cure = f"there is no {path}", f"git -C {root} lfs install --local"
    nothing = one.unpushed == 0
    severity: Severity = "warning" if nothing else "error"
    finding = Finding(
        "lfs-hook-missing",
        "git push would send the commits of this repository without their LFS files: the pre-push hook that sends them "
        + ("does not run." if one.hook_idle else "is not there."),
        (
            seen,
            f"{units.count(one.lfs_files, 'LFS file')} in the newest commit",
            *(("nothing is to be pushed at the moment",) if nothing else ()),
        ),
        (cure, f"hfpush publish {root}   # pushes by itself, and needs no hook"),
        severity,
    )
    yield Cause(finding, 61, frozenset({"object-not-on-hub"}))


def _stale(facts: Facts) -> Iterator[Cause]:
    one, there = facts.repository, facts.account.advertised
    if not one.tracked or there is None or there or not one.lfs_files:
        return  # where there are branches, they may only be ahead of what was fetched last
    finding = Finding(
        "tracking-stale",
        "git-lfs would leave LFS files out of a push: it takes them for pushed, and the repository at the Hub is "
        "empty, as one is that was deleted and made anew.",
        (
            f"remote-tracking refs stand at {one.tracked[0][:10]}"
            + (f" and {len(one.tracked) - 1} more" if len(one.tracked) > 1 else ""),
            "the Hub has no branch at all",
        ),
        (
            f"git -C {shlex.quote(one.root)} fetch --prune --all",
            f"git -C {shlex.quote(one.root)} push   # or: hfpush publish, which asks the Hub what it has",
        ),
    )
    yield Cause(finding, 62, frozenset({"object-not-on-hub"}))


def _texts(facts: Facts) -> Iterator[Cause]:
    one = facts.repository
    if not one.text_count:
        return
    many = one.text_count > 1
    filters = one.lfs_filter in ("git-lfs", "hfpush")
    root = shlex.quote(one.root)
    checkout = f"git -C {root} lfs {'pull' if one.text_bytes else 'checkout'}"
    with_hfpush = f"git -C {root} checkout-index --force --all"
    finding = Finding(
        "pointers-not-files",
        f"In place of {units.count(one.text_count, 'large file')} of this folder there "
        f"{'are' if many else 'is'} only the pointer{'s' if many else ''}, a text of about 130 bytes: "
        "the content was never downloaded, and no program can load it.",
        (
            *one.texts,
            *((f"and {one.text_count - len(one.texts)} more",) if one.text_count > len(one.texts) else ()),
            f"{units.size(one.text_bytes)} of them are not in git-lfs's store here"
            if one.text_bytes
            else "their content is in git-lfs's store here",
        ),
        (
            *(() if filters else (f"git -C {root} lfs install --local",)),
            with_hfpush if one.lfs_filter == "hfpush" else checkout,
        ),
        "error" if facts.question.purpose == "fetch" else "warning",
    )
    yield Cause(finding, 63)


def _corrupt(one: Repository) -> Iterator[Cause]:
    if not one.corrupt:
        return
    root = shlex.quote(one.root)
    many = len(one.corrupt) > 1
    removing = "rm -f " + " ".join(shlex.quote(file.path) for file in one.corrupt)
    again = (
        f"git -C {root} add --renormalize ."
        if all(file.in_tree for file in one.corrupt)
        else f"git -C {root} lfs fetch --all"
    )
    finding = Finding(
        "object-corrupt",
        f"{units.count(len(one.corrupt), 'LFS object')} of this repository {'are' if many else 'is'} damaged on this "
        f"disk: the content is not that of {'their names' if many else 'its name'}, and the Hub takes no such file.",
        tuple(f"{file.name}: {file.path} has another sha256" for file in one.corrupt),
        (removing, again),
    )
    yield Cause(finding, 59, frozenset({"object-missing", "object-corrupt"}))


def _tokens(one: Repository) -> Iterator[Cause]:
    if not one.tokens:
        return
    finding = Finding(
        "secret-in-history",
        "What looks like a token of the Hub stands in what is to be pushed: while the token is valid the Hub refuses "
        "the push, and whoever reads the file can use it.",
        one.tokens,
        (
            "delete that token at https://huggingface.co/settings/tokens, and make a new one",
            "then take it out of the file: git commit --amend where it is in the newest commit alone, git rebase -i "
            "where it is older",
        ),
        "warning",
    )
    yield Cause(finding, 64, certain=False)


def _submodules(one: Repository) -> Iterator[Cause]:
    if not one.unpushed_submodules:
        return
    finding = Finding(
        "submodule-unpushed",
        "A submodule is at a commit that none of its remotes is known to have: after a push of this repository alone "
        "nobody else can check it out, and its LFS files stay here.",
        one.unpushed_submodules,
        (f"git -C {shlex.quote(one.root)} push --recurse-submodules=on-demand",),
        "warning",
    )
    yield Cause(finding, 65, frozenset({"object-not-on-hub"}))


def _old_git(facts: Facts) -> Iterator[Cause]:
    git = facts.machine.program("git")
    match = _VERSION.match(git.version)
    if match is None:
        return
    version = int(match[1]), int(match[2])
    windows = "windows" in git.version
    cuts = windows and version < _LEAST_GIT_WINDOWS
    if version >= _LEAST_GIT and not cuts:
        return
    largest = facts.repository.largest_lfs
    large = cuts and largest >= _LARGE
    finding = Finding(
        "git-too-old",
        "This git cuts files over 4 GiB when it checks them out on Windows; git 2.34 and newer do not."
        if cuts
        else "This git is older than 2.30, the oldest that hfpush works with.",
        (f"git {git.version}", *((f"the largest LFS file has {units.size(largest)}",) if large else ())),
        ("install a newer git: https://git-scm.com/downloads",),
        "error" if large else "warning",
    )
    yield Cause(finding, 66)


def _unread(one: Repository) -> Iterator[Cause]:
    if one.looked == "all" or one.unpushed == 0 or not one.why:
        return
    many = "" if one.unpushed is None else f" of {_commits(one.unpushed)}"
    what = _LOOKED.get(one.looked, "nothing was")
    finding = Finding(
        "history-unread",
        f"Whether the Hub would take the history{many} that is to be pushed is not known in all: {what} looked at.",
        (one.why,),
        (f"hfpush audit {shlex.quote(one.root)}",),
        "note",
    )
    yield Cause(finding, 69, certain=False)


def _commits(count: int) -> str:
    return f"more than {MOST_COMMITS:,} commits" if count > MOST_COMMITS else units.count(count, "commit")
