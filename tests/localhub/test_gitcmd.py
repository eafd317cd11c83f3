"""git runs with a clean environment, bounded in time."""

import subprocess

import pytest

from hfpush.localhub.gitcmd import GitFailed, environment, git, git_text


def test_git_reads_no_configuration_of_the_user(tmp_path, monkeypatch):
    (tmp_path / "gitconfig").write_text("[user]\n\tname = Somebody\n[alias]\n\tst = status\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    git(tmp_path / "r.git", "init", "-q", "--bare")
    assert (tmp_path / "r.git" / "HEAD").exists()
    assert "user.name" not in git_text(tmp_path / "r.git", "config", "--list")


def test_extra_variables_are_passed_on():
    assert environment({"GIT_INDEX_FILE": "x"})["GIT_INDEX_FILE"] == "x"


def test_a_failure_tells_the_subcommand_and_gits_words(tmp_path):
    with pytest.raises(GitFailed, match="cat-file failed with 128: fatal: not a git repository") as failed:
        git(tmp_path, "cat-file", "-t", "HEAD")
    assert failed.value.returncode == 128


def test_a_git_that_hangs_is_killed(tmp_path):
    git(tmp_path / "r.git", "init", "-q", "--bare")
    with pytest.raises(subprocess.TimeoutExpired):
        git(tmp_path / "r.git", "-c", "alias.hang=!sleep 30", "hang", timeout=0.2)
