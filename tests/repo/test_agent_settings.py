"""The agent's settings: written, told apart from others', put back; and what sh does when the program is gone."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from hfpush.repo import agent_settings
from hfpush.repo.agent_settings import Registered, our_values
from hfpush.repo.process import Git

pytestmark = pytest.mark.needs("git")
REPAIR = "hfpush lfs enable-largefiles '/srv/my model'"
BEGIN = b'{"event":"init","operation":"upload","remote":"origin"}\n'


def start(program: str, path: str, *command: str) -> subprocess.CompletedProcess[bytes]:
    """Start the agent as git-lfs does: through sh, the program quoted, the arguments as they are."""
    values = our_values([program, *command], REPAIR)
    line = f"'{values['path']}' {values['args']}"
    return subprocess.run(
        ["/bin/sh", "-c", line], input=BEGIN, env={"PATH": path}, capture_output=True, timeout=30, check=False
    )


def program_at(place: Path, script: str) -> str:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(f"#!/bin/sh\n{script}\n")
    place.chmod(0o755)
    return str(place)


def test_the_registered_program_is_started_and_nothing_else(tmp_path: Path) -> None:
    program = program_at(tmp_path / "my venv/hfpush", 'echo "one $*"')
    program_at(tmp_path / "bin/hfpush", "echo another")
    done = start(program, str(tmp_path / "bin"))
    assert (done.returncode, done.stdout) == (0, b"one lfs agent\n")
    assert start(program, "", "-I", "-m", "hfpush").stdout == b"one -I -m hfpush lfs agent\n"


@pytest.mark.parametrize("script", ["kill -9 $$", "exit 1", "exit 137"])
def test_one_that_fails_or_is_killed_is_not_started_again(script: str, tmp_path: Path) -> None:
    program = program_at(tmp_path / "venv/hfpush", script)
    program_at(tmp_path / "bin/hfpush", "echo another")
    assert start(program, str(tmp_path / "bin")).stdout == b""


@pytest.mark.parametrize("how", ["gone", "its python is gone", "it may not be run"])
def test_where_it_is_gone_the_one_on_path_is_taken(how: str, tmp_path: Path) -> None:
    place = tmp_path / "venv/hfpush"
    if how != "gone":
        program_at(place, "")
        place.write_text("#!/nowhere/python3\n")
    if how == "it may not be run":
        place.chmod(0o644)
    program_at(tmp_path / "bin/hfpush", 'echo "another $*"')
    assert start(str(place), str(tmp_path / "bin")).stdout == b"another lfs agent\n"


def test_where_there_is_none_at_all_git_lfs_is_told_how_to_repair_it(tmp_path: Path) -> None:
    done = start("/gone/hfpush", str(tmp_path))
    said = json.loads(done.stdout)
    assert said["error"]["message"].endswith(f"then run: {REPAIR}")
    assert "/gone/hfpush" in said["error"]["message"]


@pytest.mark.parametrize(
    ("path", "args", "ours", "theirs"),
    [
        ("/opt/venv/bin/hfpush", "lfs agent", True, False),
        ("/opt/venv/bin/hfpush", our_values(["/opt/venv/bin/hfpush"], REPAIR)["args"], True, False),
        ("/usr/bin/python3", our_values(["/usr/bin/python3", "-I", "-m", "hfpush"], REPAIR)["args"], True, False),
        ("hf", "lfs-multipart-upload", False, True),
        ("huggingface-cli", "lfs-multipart-upload", False, True),
        ("other", "lfs agents", False, False),
        ("other", "", False, False),
    ],
)
def test_agents_are_told_apart(path: str, args: str, ours: bool, theirs: bool) -> None:
    registered = Registered(path, args, "")
    assert (registered.ours, registered.theirs) == (ours, theirs)


@pytest.fixture
def git(tmp_path: Path) -> Git:
    place = tmp_path / "repo"
    subprocess.run(["git", "init", "-q", str(place)], check=True, timeout=30)
    return Git(place)


def test_what_is_put_is_in_force_and_what_stood_there_comes_back(git: Git) -> None:
    file = git.directory / ".git/config"
    assert agent_settings.in_force(git) is None
    before = {"path": "hf", "args": "lfs-multipart-upload", "concurrent": "false"}
    for key, value in before.items():
        git.read("config", f"lfs.customtransfer.multipart.{key}", value)
    old = file.read_text()
    for program in ("/opt/a b/hfpush", "/opt/c/hfpush"):
        wanted = our_values([program], REPAIR)
        agent_settings.put(git, file, wanted)
        assert agent_settings.values(git, file) == wanted
        now = agent_settings.in_force(git)
        assert now is not None
        assert (now.path, now.ours) == (program, True)
        assert now.file.endswith("config")
    assert agent_settings.put_back(git, file)
    assert agent_settings.values(git, file) == before
    assert "hfpush" not in file.read_text()
    assert sorted(file.read_text().split()) == sorted(old.split())
    assert not agent_settings.put_back(git, file)


def test_an_agent_that_came_after_ours_is_left_alone(git: Git) -> None:
    file = git.directory / ".git/config"
    agent_settings.put(git, file, our_values(["/opt/hfpush"], REPAIR))
    git.read("config", "lfs.customtransfer.multipart.path", "other")
    git.read("config", "lfs.customtransfer.multipart.args", "x")
    assert not agent_settings.put_back(git, file)
    assert agent_settings.values(git, file)["path"] == "other"
