"""git's hooks of a repository: put in, taken out, looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hfpush.errors import HfpushError
from hfpush.findings import Finding
from hfpush.repo.hooks.install import Change, Hook, look, put_in, take_out
from hfpush.repo.hooks.scripts import HOOK_NAMES, HookName
from hfpush.repo.repository import Repository


@dataclass(frozen=True)
class HookStatus:
    """How each hook stands; `trouble` where it cannot be told."""

    hooks: tuple[Hook, ...]
    trouble: tuple[Finding, ...] = ()


def install_hooks(path: Path, names: Sequence[HookName], program: Path | None) -> tuple[Change, ...]:
    """Install these hooks in the repository around `path`. Again: nothing changes. Raises Refused with what to do
    instead where a hook of someone else stands against it; then none is installed."""
    return put_in(Repository.around(path), names, program)


def uninstall_hooks(path: Path, names: Sequence[HookName]) -> tuple[Change, ...]:
    """Take our part out of these hooks of the repository around `path`; what else is in them stays."""
    return take_out(Repository.around(path), names)


def hook_status(path: Path) -> HookStatus:
    """How the hooks of the repository around `path` stand. Changes nothing."""
    repository = Repository.around(path)
    looked = [_looked(repository, name) for name in HOOK_NAMES]
    trouble = [found for found in looked if isinstance(found, Finding)]
    hooks = tuple(found for found in looked if isinstance(found, Hook))
    return HookStatus(hooks, tuple(dict.fromkeys(trouble)))


def _looked(repository: Repository, name: HookName) -> Hook | Finding:
    try:
        return look(repository, name)
    except HfpushError as error:
        return error.finding
