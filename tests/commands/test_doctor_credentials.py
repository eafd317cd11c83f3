"""Which login each tool has: read without asking anybody at a terminal, and never shown."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hfpush.commands.doctor_credentials import read_credentials
from hfpush.commands.endpoint import NewEndpoint, add_endpoint
from hfpush.endpoints import Endpoint
from hfpush.endpoints.known import HF, HF_MIRROR
from hfpush.settings import Settings, load_settings

TOKEN = "hf_theUsersTokenForTheHubItself"


def settings(**environment: str) -> Settings:
    return load_settings({}, {**os.environ, **environment})


def helper(text: str, scope: str = "") -> None:
    """Configure a credential helper of the user's, one line of shell."""
    key = f"credential.{scope}.helper" if scope else "credential.helper"
    subprocess.run(["git", "config", "--global", "--add", key, text], check=True)


ANSWERS = f"!f() {{ echo username=me; echo password={TOKEN}; }}; f"


def test_a_token_of_the_environment_is_named_by_its_variable() -> None:
    known = {"HF_TOKEN": TOKEN}
    found = read_credentials(settings(**known), HF, {**os.environ, **known})
    assert (found.token, found.account.source, found.account.looks_like) == (TOKEN, "HF_TOKEN", "token")
    assert TOKEN not in repr(found)


def test_a_saved_token_is_named_by_the_command_that_saved_it(tmp_path: Path) -> None:
    (tmp_path / "token").write_text(TOKEN)
    env = {**os.environ, "HF_TOKEN_PATH": str(tmp_path / "token"), "PYTHONDONTWRITEBYTECODE": "1"}
    code = (
        "from hfpush.commands.doctor_credentials import read_credentials as r\n"
        "from hfpush.settings import load_settings\n"
        "from hfpush.endpoints.known import HF\n"
        "import os\n"
        "found = r(load_settings({}, os.environ), HF, seconds=20)\n"
        "print(found.account.source, found.token is not None)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[0] == "hf auth login True"


def test_the_token_kept_for_an_endpoint_is_named_so() -> None:
    add_endpoint(settings(), NewEndpoint("corp", "https://corp.example", trusted=True, token=TOKEN))
    known = settings()
    found = read_credentials(known, known.book.named("corp"), seconds=10)
    assert (found.token, found.account.source) == (TOKEN, "the token kept for the endpoint corp")


def test_an_endpoint_without_trust_gets_none_but_it_is_said_that_there_is_one() -> None:
    known = {"HF_TOKEN": TOKEN}
    found = read_credentials(settings(**known), HF_MIRROR, {**os.environ, **known})
    assert (found.token, found.account.source) == (None, "HF_TOKEN")


def test_gits_helpers_are_asked_and_what_they_answer_is_not_shown() -> None:
    helper(ANSWERS)
    found = read_credentials(settings(), HF, seconds=10)
    assert found.git_login == ("me", TOKEN)
    assert (found.account.git_has, found.account.git_looks_like) == (True, "token")
    assert TOKEN not in repr(found)


def test_a_helper_for_another_host_does_not_answer() -> None:
    helper(ANSWERS, "https://other.example")
    found = read_credentials(settings(), HF, seconds=10)
    assert (found.account.git_has, found.git_login, len(found.account.helpers)) == (False, None, 1)


def test_without_helpers_git_is_asked_nothing() -> None:
    found = read_credentials(settings(), HF, seconds=10)
    assert (found.account.helpers, found.account.git_has) == ((), False)


def test_a_helper_that_hangs_is_given_up_and_does_not_go_on(tmp_path: Path) -> None:
    mark = tmp_path / "alive"
    helper(f"!f() {{ sleep 3; touch {mark}; }}; f")
    began = time.monotonic()
    found = read_credentials(settings(), HF, seconds=1.0)
    assert time.monotonic() - began < 2.5
    assert found.account.git_has is False
    left = subprocess.run(["pgrep", "-f", str(mark)], capture_output=True, text=True, check=False).stdout
    assert left.strip() == ""


def test_helpers_of_a_repository_are_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path / "repo")], check=True)
    mark = tmp_path / "ran"
    git = ["git", "-C", str(tmp_path / "repo"), "config"]
    subprocess.run([*git, "credential.helper", f"!touch {mark}; true"], check=True)
    monkeypatch.chdir(tmp_path / "repo")
    around = {**os.environ, "GIT_DIR": str(tmp_path / "repo/.git")}
    found = read_credentials(settings(), Endpoint("here", "https://hf.test"), around, seconds=10)
    assert not mark.exists()
    assert found.account.helpers == ()


def test_a_machine_without_git_has_no_helpers() -> None:
    found = read_credentials(settings(), HF, {**os.environ, "PATH": "/nowhere"}, seconds=10)
    assert found.account.git_has is False
