from __future__ import annotations

from pathlib import Path

import pytest

from hfpush.repo.scratch import scratch


def test_it_is_empty_and_gone_afterwards(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GIT_DIR", str(tmp_path))  # of a hook that runs us
    with scratch() as git:
        place = git.directory
        assert git.line("rev-parse", "--absolute-git-dir") == str(place / ".git")
        assert git.line("ls-files", "--others") == ""
    assert not place.exists()
