"""The configuration that a publish goes by, looked at before anything is asked or sent."""

from __future__ import annotations

from dataclasses import replace

from hfpush.commands.publish_report import PublishRequest
from hfpush.errors import Refused
from hfpush.findings import Finding
from hfpush.repo.config_traps import brought_by_folder, brought_with, lacking_programs, settings_of
from hfpush.repo.repository import Repository
from hfpush.repo.trap_rules import Surroundings, allowed, elsewhere, traps


def check_config(request: PublishRequest, repository: Repository | None) -> tuple[Finding, ...]:
    """What is to be said of git's configuration in `repository` (None: a plain folder is published), and of the
    .lfsconfig that goes along.

    Raises Refused (`lfs-elsewhere`) where that leads to another host, unless the user has agreed.
    """
    around = Surroundings(request.repo, str(request.path))
    others: tuple[Finding, ...] = ()
    if repository is None:
        brought = brought_by_folder(request.path)
    else:
        settings = settings_of(repository)
        brought = brought_with(repository, repository.head)
        around = replace(around, lacking=lacking_programs(settings, repository.git.directory))
        others = traps(settings, brought, around)
    hostile = elsewhere(brought, around)
    if hostile is None:
        return others
    if not request.allow_lfsconfig:
        raise Refused(hostile)
    return (allowed(hostile), *others)
