"""What a repository's settings say of it, for doctor: traps among them, whose filter and whose pre-push hook it has."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from hfpush.diagnose.facts.asked import Question
from hfpush.disk.plain import beginning_of
from hfpush.endpoints import Endpoint, RepoAddress
from hfpush.errors import HfpushError, Misuse
from hfpush.findings import Finding
from hfpush.repo.audit.remotes import hub_remotes
from hfpush.repo.config_traps import brought_with, lacking_programs, settings_of
from hfpush.repo.filter.wiring import is_git_lfs, is_ours
from hfpush.repo.repository import Repository
from hfpush.repo.trap_rules import Setting, Surroundings, elsewhere, traps

_MOST_HOOK_BYTES = 2**20
_NOBODY = "a/a"  # a repository that nothing leads to, where none is known


@dataclass(frozen=True)
class Configured:
    """`filter` and `hook` are `git-lfs`, `hfpush`, `other`, or empty for none."""

    filter: str = ""
    hook: str = ""
    hooks_path: str = ""
    hook_idle: bool = False
    multipart: str = ""
    findings: tuple[Finding, ...] = ()


def read_configured(repository: Repository, question: Question, remotes: Sequence[tuple[str, str]]) -> Configured:
    """Reads git's configuration, the .lfsconfig and the pre-push hook. What cannot be read is a finding."""
    try:
        settings = settings_of(repository)
    except HfpushError as error:
        return Configured(findings=(error.finding,))
    last = {one.key: one.value for one in settings}
    process = last.get("filter.lfs.process") or last.get("filter.lfs.clean")
    folder = hooks_folder(repository, last.get("core.hookspath"))
    hook, idle = _hook_of(folder)
    multipart = last.get("lfs.customtransfer.multipart.path", "")
    found = Configured(_whose(process), hook, str(folder), idle, multipart)
    try:
        return replace(found, findings=_told(repository, settings, question, remotes))
    except HfpushError as error:
        return replace(found, findings=(error.finding,))


def endpoint_of(question: Question) -> Endpoint:
    """The endpoint that the question is about."""
    return Endpoint(question.endpoint_name or question.endpoint, question.endpoint, question.kind, question.trusted)  # type: ignore[arg-type]  # the kind is one of an Endpoint


def hooks_folder(repository: Repository, chosen: str | None) -> Path:
    """Where git takes this repository's hooks from; `chosen` is what core.hooksPath says."""
    if chosen:
        return (repository.root or repository.git_dir) / os.path.expanduser(chosen)
    return repository.common_dir / "hooks"


def _told(
    repository: Repository, settings: tuple[Setting, ...], question: Question, remotes: Sequence[tuple[str, str]]
) -> tuple[Finding, ...]:
    endpoint = endpoint_of(question)
    try:
        repo = RepoAddress.parse(endpoint, question.repo_id or _NOBODY, question.repo_type)
    except Misuse:
        return ()  # it is told where the repository is asked for
    place = str(repository.root or repository.git_dir)
    around = Surroundings(repo, place, lacking_programs(settings, repository.git.directory))
    brought = () if repository.tip is None else brought_with(repository, repository.tip)
    hostile = elsewhere(brought, around) if question.repo_id or hub_remotes(remotes, endpoint) else None
    return (*(() if hostile is None else (hostile,)), *traps(settings, brought, around))


def _whose(process: str | None) -> str:
    if not process:
        return ""
    return "hfpush" if is_ours(process) else "git-lfs" if is_git_lfs(process) else "other"


def _hook_of(folder: Path) -> tuple[str, bool]:
    """Whose pre-push hook there is, and whether git leaves it out for want of the right to run it."""
    hook = folder / "pre-push"
    try:
        text = beginning_of(hook, _MOST_HOOK_BYTES)
    except OSError:
        return "", False
    lines = [line for line in text.splitlines() if not line.lstrip().startswith(b"#")]
    whose = "other"
    if any(b"git lfs" in line or b"git-lfs" in line for line in lines):
        whose = "git-lfs"
    elif any(b"hfpush" in line for line in lines):
        whose = "hfpush"
    return whose, not os.access(hook, os.X_OK)
