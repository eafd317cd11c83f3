"""What a publish remembers of uploads, and for how long."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from support.command_line import CommandLine, make_repo

from hfpush.localhub import LocalHub, lost_answer


@pytest.mark.needs("git")
def test_the_journal_of_an_object_that_the_hub_turns_out_to_have_goes_too(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "repo", {"a.bin": os.urandom(200_000)})
    silent = lost_answer("verify", times=None)
    with LocalHub(silent, root=tmp_path / "hub", part_size=2**16, multipart_threshold=2**16) as hub:
        line = CommandLine(tmp_path, hub)
        assert line.publish(repo, HFPUSH_ATTEMPTS="1").reference == "connection-cut"
        journals = tmp_path / "hfpush-state/uploads"
        assert len([*journals.glob("*.jsonl")]) == 1  # the object is whole at the Hub, which never said that it agrees
        hub.faults.clear()
        said = line.publish(repo)
        assert said.code == 0
        assert said.document["bytes_sent"] == 0
        assert [*journals.glob("*.jsonl")] == []
