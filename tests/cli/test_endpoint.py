"""`hfpush endpoint` on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.tcp_door import closed_port
from typer.testing import CliRunner

from hfpush.cli.app import app
from hfpush.cli.endpoint import step_line
from hfpush.endpoints.choice import Step
from hfpush.findings import Finding
from hfpush.localhub import LocalHub

URL, SECRET = "https://artifacts.example/hf", "hf_notARealTokenButShapedLikeOne"


def run(*words: str, given: str | None = None, code: int = 0) -> str:
    done = CliRunner().invoke(app, ["endpoint", *words], input=given)
    assert done.exit_code == code, done.output
    assert SECRET not in done.output
    return done.output


def test_an_endpoint_is_added_used_trusted_and_removed() -> None:
    assert f"added corp: {URL} (relay, without your token)" in run("add", "corp", URL, "--kind", "relay")
    assert "is trusted with your token" in run("trust", "corp")
    assert run("use", "corp") == "in use: corp\n"
    table = run("ls").splitlines()
    assert any(line.split()[:5] == ["*", "corp", URL, "relay", "yes"] for line in table)
    assert table[-1] == "in use: corp, by endpoints.yaml"
    document = json.loads(run("ls", "--json"))
    assert (document["use"], document["named_by"]) == ("corp", "endpoints.yaml")
    assert [one["name"] for one in document["endpoints"]] == ["hf", "hf-mirror", "local", "corp"]
    assert "without your token" in run("trust", "corp", "--no-trust")
    assert run("rm", "corp") == "removed corp\n"
    assert run("ls").splitlines()[-1].startswith("in use: auto")


def test_a_token_is_read_from_stdin_and_is_in_no_list(home: Path) -> None:
    run("add", "corp", URL, "--trust", "--token-stdin", given=f"{SECRET}\n")
    assert "its own (file)" in run("ls")
    assert SECRET not in (home / ".config/hfpush/endpoints.yaml").read_text()
    assert "as hfpush ships it" not in run("rm", "corp")


def test_what_was_changed_of_ours_can_be_taken_back() -> None:
    run("trust", "hf-mirror")
    assert run("rm", "hf-mirror") == "hf-mirror is as hfpush ships it again\n"


@pytest.mark.parametrize(
    ("words", "reference"),
    [
        (("use", "nobody"), "endpoint-unknown"),
        (("trust", "nobody"), "endpoint-unknown"),
        (("add", "hf", URL), "endpoint-exists"),
        (("test", "--for", "supper"), "endpoint-operation"),
        (("test", "--repo", "no id"), "repo-id-invalid"),
    ],
)
def test_what_cannot_be_is_one_finding(words: tuple[str, ...], reference: str) -> None:
    assert reference in run(*words, code=2)


def test_a_test_shows_each_step_and_ends_with_one_where_one_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HFPUSH_ATTEMPTS", "1")
    with LocalHub(root=tmp_path) as hub:
        lines = run("test", hub.url, "--for", "fetch").splitlines()
    assert lines[0].endswith(f"{hub.url} (hub, trusted with your token)")
    assert lines[1].split()[:2] == ["api", "ok"]
    assert lines[1].endswith("straight (this machine itself)")
    assert lines[2] == "  storage    skipped            no repository was named"
    assert lines[3].startswith("the best for a fetch: ")
    dead = f"http://127.0.0.1:{closed_port()}"
    assert "connection-refused" in run("test", dead, "--for", "fetch", code=1)
    assert json.loads(run("test", dead, "--json", code=1))["best"] is None


def test_a_step_is_one_line() -> None:
    assert step_line(Step("lfs", 0.0123, "straight")) == "lfs        ok          12 ms  straight"
    failed = Step("git", 1.5, failure=Finding("stalled", "It stopped."))
    assert step_line(failed) == "git        failed    1500 ms  stalled"
