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
        (["ada/model", "--limit", "0"], "limit-invalid"),
        (["ada/model/config.json"], "repo-id-invalid"),
        (["https://hub.example/ada/model"], "repo-url-elsewhere"),
        (["hf://datasets/ada/data", "--type", "model"], "repo-twofold"),
        (["ada/model@v1", "--revision", "v2"], "repo-twofold"),
        (["ada/model", "--cache-dir", "a", "--local-dir", "b"], "two-places"),
        (["ada/model", "--revision", "../x", "--endpoint", "http://127.0.0.1:1"], "revision-invalid"),
    ],
)
def test_a_wrong_word_is_told_before_anything_is_done(words: list[str], reference: str) -> None:
    done = CliRunner().invoke(app, ["fetch", *words, "--json"])
    assert (done.exit_code, json.loads(done.stdout)["error"]["reference"]) == (2, reference)


@pytest.mark.needs("git")
@pytest.mark.parametrize("form", ["hf://local/model@main/.gitattributes", "{hub}/local/model/blob/main/.gitattributes"])
def test_an_address_names_the_repository_the_revision_and_the_file(
    form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with LocalHub(root=tmp_path / "hub") as hub:
        hub.create("local/model")
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        done = CliRunner().invoke(app, ["fetch", form.format(hub=hub.url), "--local-dir", str(tmp_path / "to")])
        assert (done.exit_code, done.stdout) == (0, f"{tmp_path / 'to' / '.gitattributes'}\n"), done.output


@pytest.mark.needs("git")
def test_the_page_of_an_endpoint_with_a_name_is_fetched_from_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with LocalHub(root=tmp_path / "hub") as hub:
        hub.create("local/data", "datasets")
        monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
        added = CliRunner().invoke(app, ["endpoint", "add", "room", hub.url])
        assert added.exit_code == 0, added.output
        page = f"{hub.url}/datasets/local/data"
        done = CliRunner().invoke(app, ["fetch", page, "--local-dir", str(tmp_path / "to")])
        assert done.exit_code == 0, done.output
        assert (tmp_path / "to" / ".gitattributes").is_file()


@pytest.mark.needs("git")
def test_a_dry_run_tells_the_plan_and_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "to"
    with LocalHub(root=tmp_path / "hub") as hub:
        hub.create("local/model")
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        words = ["fetch", "local/model", "--local-dir", str(folder), "--dry-run"]
        done = CliRunner().invoke(app, words)
        assert (done.exit_code, done.stderr) == (0, ""), done.output
        assert done.stdout.splitlines()[-2:] == [f"into {folder}", "dry run: nothing was fetched, and nothing changed"]
        (planned,) = json.loads(CliRunner().invoke(app, [*words, "--json"]).stdout)["plan"]
        assert (planned["path"], planned["action"]) == (".gitattributes", "fetch")
        assert not folder.exists()
        (folder / ".gitattributes").mkdir(parents=True)
        done = CliRunner().invoke(app, words)
        assert done.exit_code == 1
        assert "  refuse " in done.stdout
        assert "error: files-refused" in done.stderr
        assert list(folder.rglob("*")) == [folder / ".gitattributes"]


@pytest.mark.needs("git")
def test_patterns_narrow_down_what_comes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with LocalHub(root=tmp_path / "hub") as hub:
        hub.create("local/model")
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        words = ["fetch", "local/model", "--local-dir", str(tmp_path / "to"), "--json"]
        for more in (["--include", "*.bin"], ["--exclude", ".git*"]):
            done = CliRunner().invoke(app, [*words, *more])
            error = json.loads(done.stdout)["error"]
            assert (done.exit_code, error["reference"]) == (1, "nothing-selected")
