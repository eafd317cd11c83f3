"""`hfpush fetch`: what its words become, and its report in two lines."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hfpush.cli.app import app
from hfpush.localhub import LocalHub


def test_stdout_has_the_folder_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "hf_models_of_mine"
    with LocalHub(root=tmp_path / "hub") as hub:
        hub.create("local/model")
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        done = CliRunner().invoke(app, ["fetch", "local/model", "--local-dir", str(folder)])
        assert done.exit_code == 0, done.output
        assert done.stdout == f"{folder}\n"
        assert "each verified" in done.stderr
        done = CliRunner().invoke(app, ["fetch", "local/model", "--local-dir", str(folder), "--json"])
        assert json.loads(done.stdout)["folder"] == str(folder)
        assert done.stderr == ""


@pytest.mark.parametrize(
    ("words", "reference"),
    [
        (["not an id"], "repo-id-invalid"),
        (["ada/model", "--type", "film"], "repo-type-unknown"),
        (["ada/model", "--jobs", "0"], "jobs-invalid"),
        (["ada/model", "--cache-dir", "a", "--local-dir", "b"], "two-places"),
        (["ada/model", "--revision", "../x", "--endpoint", "http://127.0.0.1:1"], "revision-invalid"),
    ],
)
def test_a_wrong_word_is_told_before_anything_is_done(words: list[str], reference: str) -> None:
    done = CliRunner().invoke(app, ["fetch", *words, "--json"])
    assert (done.exit_code, json.loads(done.stdout)["error"]["reference"]) == (2, reference)
