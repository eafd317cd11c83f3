"""`hfpush publish`: what its words become, and what it says before it does anything."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hfpush.cli.app import app
from hfpush.localhub import LocalHub


def ends_with(*words: str) -> tuple[int, str]:
    """Exit code and reference of what must be a document with an error."""
    done = CliRunner().invoke(app, ["publish", *words, "--json"])
    return done.exit_code, json.loads(done.stdout)["error"]["reference"]


def test_the_path_comes_first_then_where_to(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert ends_with(str(tmp_path / "nothing")) == (2, "path-missing")
    assert ends_with(str(tmp_path / "file")) == (2, "path-is-file")
    assert ends_with(str(tmp_path)) == (2, "publish-where")
    assert ends_with(str(tmp_path), "--to", "not an id") == (2, "repo-id-invalid")
    assert ends_with(str(tmp_path), "--to", "ada/model", "--type", "film") == (2, "repo-type-unknown")
    assert ends_with(str(tmp_path), "--to", "ada/model", "--jobs", "0") == (2, "jobs-invalid")
    assert ends_with(str(tmp_path), "--to", "ada/model", "--endpoint", "moon") == (2, "endpoint-unknown")


def test_words_are_settings_and_the_repositorys_file_fills_the_gaps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "README.md").write_text("# Hello\n")
    (folder / ".hfpush.yaml").write_text("to: local/data\ntype: dataset\nprivate: true\n")
    monkeypatch.setenv("HFPUSH_STATE_DIR", str(tmp_path / "state"))
    with LocalHub(root=tmp_path / "hub") as hub:
        monkeypatch.setenv("HF_TOKEN", hub.token)
        given = ["publish", str(folder), "--endpoint", hub.url, "--json"]
        plan = json.loads(CliRunner().invoke(app, [*given, "--dry-run"]).stdout)["plan"]
        assert (plan["repo"], plan["creates_repo"], plan["branch"]) == ("datasets/local/data", True, "main")
        plan = json.loads(CliRunner().invoke(app, [*given, "--dry-run", "--type", "model", "--to", "local/m"]).stdout)
        assert plan["plan"]["repo"] == "local/m"
        done = CliRunner().invoke(app, given)
        assert done.exit_code == 0, done.output
        assert json.loads(done.stdout)["pushed"]
        again = CliRunner().invoke(app, given[:-1])
        assert again.stdout == f"nothing to do: {hub.url}/datasets/local/data has it all (0 large files checked)\n"
        assert "it has this commit already" in again.stderr
