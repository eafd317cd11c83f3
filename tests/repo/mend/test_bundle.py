"""The old history as a file."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.mendable import offending

from hfpush.errors import LocalTrouble, Misuse
from hfpush.repo.mend.bundle import write_bundle
from hfpush.repo.repository import Repository


def test_the_bundle_has_the_refs_and_all_behind_them(tmp_path: Path) -> None:
    repo = offending(tmp_path / "repo")
    write_bundle(Repository.open(repo.path), tmp_path / "b", ["refs/heads/side", "refs/tags/v2"])
    heads = {line.split(" ")[1] for line in repo.git("bundle", "list-heads", str(tmp_path / "b")).splitlines()}
    assert heads == {"refs/heads/side", "refs/tags/v2"}
    assert "complete history" in repo.git("bundle", "verify", str(tmp_path / "b"))


def test_nothing_is_overwritten_and_no_half_bundle_stays(tmp_path: Path) -> None:
    repo = offending(tmp_path / "repo")
    (tmp_path / "mine").write_text("mine")
    with pytest.raises(Misuse) as error:
        write_bundle(Repository.open(repo.path), tmp_path / "mine", ["refs/heads/main"])
    assert error.value.finding.reference == "fix-bundle-exists"
    with pytest.raises(LocalTrouble):
        write_bundle(Repository.open(repo.path), tmp_path / "no/folder", ["refs/heads/main"])
