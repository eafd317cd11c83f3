from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from hfpush.errors import LocalTrouble
from hfpush.repo.process import Git, GitFailed, environment, failure


def test_variables_that_would_redirect_git_are_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GIT_DIR", "GIT_CONFIG_COUNT", "GIT_CONFIG_PARAMETERS", "GIT_INDEX_FILE", "GIT_TRACE", "LD_PRELOAD"):
        monkeypatch.setenv(name, "/elsewhere")
    left = environment()
    assert not {"GIT_DIR", "GIT_CONFIG_COUNT", "GIT_CONFIG_PARAMETERS", "GIT_INDEX_FILE", "GIT_TRACE"} & left.keys()
    assert "LD_PRELOAD" not in left


@pytest.mark.parametrize(
    "name", ["DYLD_INSERT_LIBRARIES", "PROXYCHAINS_CONF_FILE", "https_proxy", "ALL_PROXY", "NO_PROXY", "LD_PRELOAD"]
)
def test_nothing_comes_between_git_and_the_door_that_it_is_given(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "http://user:secret@proxy.test:3128")
    assert name not in environment()


def test_the_users_identity_and_configuration_file_stay() -> None:
    left = environment()
    assert left["GIT_AUTHOR_NAME"] == os.environ["GIT_AUTHOR_NAME"]
    assert left["GIT_CONFIG_GLOBAL"] == os.environ["GIT_CONFIG_GLOBAL"]


def test_nobody_is_asked_and_messages_are_english() -> None:
    assert environment()["GIT_TERMINAL_PROMPT"] == "0"
    assert environment()["GIT_ASKPASS"] == ""
    assert environment({"LC_ALL": "de_DE"})["LC_ALL"] == "de_DE"
    assert environment()["LC_ALL"] == "C"


def test_a_failing_command_tells_gits_words_and_no_token(tmp_path: Path) -> None:
    with pytest.raises(GitFailed) as caught:
        Git(tmp_path).read("ls-remote", "--bogus=hf_abcdefghijklmnop")
    assert caught.value.returncode == 129
    assert caught.value.finding.reference == "git-failed"
    assert "hf_abcdefghijklmnop" not in repr(caught.value.finding)


def test_a_foreign_owner_is_a_finding_of_its_own() -> None:
    trouble = failure("status", 128, b"fatal: detected dubious ownership in repository at '/srv/m'\n")
    assert trouble.finding.reference == "repo-owner"


def test_a_repository_above_the_directory_is_not_found(tmp_path: Path) -> None:
    Git(tmp_path).read("init", "-q")
    (tmp_path / "below").mkdir()
    with pytest.raises(GitFailed):
        Git(tmp_path / "below").read("rev-parse", "--git-dir")


def test_a_missing_program_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(LocalTrouble) as caught:
        Git(tmp_path).read("version")
    assert caught.value.finding.reference == "git-missing"


def test_a_missing_directory_is_told(tmp_path: Path) -> None:
    with pytest.raises(LocalTrouble) as caught, Git(tmp_path / "gone").running("version"):
        pytest.fail("git runs nowhere")
    assert caught.value.finding.reference == "path-gone"


def test_a_stream_that_fails_is_an_error_after_its_output(tmp_path: Path) -> None:
    with pytest.raises(GitFailed), Git(tmp_path).running("rev-list", "HEAD") as process:
        assert process.stdout.read() == b""  # type: ignore[union-attr]


def test_no_program_of_the_repository_runs_while_we_read(tmp_path: Path) -> None:
    git = Git(tmp_path)
    git.read("init", "-q")
    trap = tmp_path / "trap.sh"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/sprung\n")
    trap.chmod(stat.S_IRWXU)
    git.read("config", "core.fsmonitor", str(trap))
    git.read("config", "core.pager", str(trap))
    git.read("ls-files", "--others")
    git.read("status", "--porcelain")
    assert not (tmp_path / "sprung").exists()
