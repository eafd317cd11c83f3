"""How a command line becomes settings, and where the token comes from."""

from __future__ import annotations

from pathlib import Path

import pytest

from hfpush.cli.options import settings_of


def test_flags_come_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:1")
    assert settings_of({"endpoint": None})[0].endpoint.url == "http://127.0.0.1:1"
    assert settings_of({"endpoint": "http://127.0.0.1:2"})[0].endpoint.url == "http://127.0.0.1:2"


def test_the_repositorys_own_file_is_read_where_there_is_a_repository(tmp_path: Path) -> None:
    (tmp_path / ".hfpush.yaml").write_text("to: ada/model\n")
    assert settings_of({}, repo_root=tmp_path)[0].to == "ada/model"
    assert settings_of({})[0].to is None


def test_a_token_of_the_environment_comes_before_a_saved_one(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_from_environment")
    settings, token = settings_of({})
    assert token == "hf_from_environment"
    assert "hf_from_environment" not in repr(settings)
