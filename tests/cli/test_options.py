"""Flags become settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from hfpush.cli.options import settings_of, where


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


@pytest.mark.parametrize(
    ("given", "flag"), [(None, None), ([], None), (["hf"], "hf"), (["hf", "hf-mirror"], ("hf", "hf-mirror"))]
)
def test_one_endpoint_is_a_name_and_several_are_a_list(given: list[str] | None, flag: object) -> None:
    assert where(given) == flag
