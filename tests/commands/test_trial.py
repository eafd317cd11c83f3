"""The whole story: its numbers hold, and nothing of it is left."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from hfpush.commands.trial import trial


@pytest.mark.slow
@pytest.mark.needs("git")
def test_the_story_ends_with_every_byte_equal_and_nothing_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("HF_TOKEN", "hf_of_the_caller_which_must_not_be_used")
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:1")
    told: list[str] = []
    report = trial(told.append)
    assert report.equal
    assert report.received_bytes >= report.objects_bytes
    assert report.killed_at_bytes >= report.objects_bytes // 2
    assert 0 < report.kept_bytes <= report.killed_at_bytes
    assert report.received_bytes - report.objects_bytes <= report.killed_at_bytes - report.kept_bytes + 1_000_000
    assert [line[0] for line in told if line[0].isdigit()] == list("12345678")
    assert not any("HF_TOKEN" in line for line in told)
    assert list(tmp_path.iterdir()) == []
