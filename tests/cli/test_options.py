"""Flags become settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from hfpush.cli.options import remarking, settings_of
from hfpush.cli.progress import Progressing


def test_flags_come_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    endpoint = settings_of({"endpoint": "hf"}).endpoint
    assert endpoint is not None
    assert endpoint.name == "hf"
    endpoint = settings_of({"endpoint": None}).endpoint
    assert endpoint is not None
    assert endpoint.url == "http://127.0.0.1:9"


def test_the_repositorys_own_file_is_read_where_there_is_a_repository(tmp_path: Path) -> None:
    (tmp_path / ".hfpush.yaml").write_text("to: ada/model\n")
    assert settings_of({}, repo_root=tmp_path).to == "ada/model"
    assert settings_of({}).to is None


def test_a_remark_goes_to_stderr_unless_a_document_was_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    with Progressing("sending", quiet=True) as progress:
        remarking(progress, quiet=True)("unheard")
        remarking(progress, quiet=False)("through hf")
    assert tuple(capsys.readouterr()) == ("", "through hf\n")
