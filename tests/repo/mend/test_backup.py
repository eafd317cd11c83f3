"""Old histories that are kept: seen, counted, let go."""

from __future__ import annotations

from pathlib import Path

from support.mendable import Watch, empty, offending

from hfpush.commands.fix import fix
from hfpush.commands.fix_report import FixRequest
from hfpush.repo.mend.backup import backups, forget
from hfpush.repo.repository import Repository


def test_backups_are_seen_as_long_as_they_are_kept(tmp_path: Path) -> None:
    repo = offending(tmp_path / "repo")
    assert backups(Repository.open(repo.path)) == ()
    fix(FixRequest(repo.path), Watch())
    repository = Repository.open(repo.path)
    assert [one.refs for one in backups(repository)] == [4]
    gone = forget(repository)
    assert (gone.refs, gone.entries > 0, gone.freed > 0) == (4, True, True)
    assert backups(repository) == ()


def test_reflog_entries_that_other_refs_hold_stay(tmp_path: Path) -> None:
    repo = offending(tmp_path / "repo")
    first = repo.git("rev-parse", "main~3")
    fix(FixRequest(repo.path), Watch())
    forget(Repository.open(repo.path))
    entries = repo.git("reflog", "--format=%H", "main").splitlines()
    assert entries == [repo.git("rev-parse", "main"), first]


def test_where_nothing_is_kept_nothing_goes(tmp_path: Path) -> None:
    repo = empty(tmp_path / "repo")
    assert forget(Repository.around(repo.path)).refs == 0
    repo.commit()
    entries = repo.git("reflog")
    assert forget(Repository.around(repo.path)).entries == 0
    assert repo.git("reflog") == entries
