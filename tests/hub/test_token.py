from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ASK = "from hfpush.hub.token import saved_token; print(repr(saved_token()))"


def saved(home: Path, **env: str) -> str | None:
    """What a process of its own finds; huggingface_hub reads its places when it is imported."""
    surroundings = {"PATH": os.environ["PATH"], "HOME": str(home), **env}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", ASK], env=surroundings, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    found = done.stdout.strip()
    return None if found == "None" else found.strip("'")


@pytest.fixture
def logged_in(tmp_path: Path) -> Path:
    """A home in which `hf auth login` left a token."""
    folder = tmp_path / ".cache" / "huggingface"
    folder.mkdir(parents=True)
    (folder / "token").write_text("hf_saved\n")
    return tmp_path


def test_without_a_login_there_is_none(tmp_path: Path) -> None:
    assert saved(tmp_path) is None


def test_the_saved_token_is_found(logged_in: Path) -> None:
    assert saved(logged_in) == "hf_saved"


@pytest.mark.parametrize("name", ["HF_TOKEN_PATH", "HF_HOME"])
def test_it_is_looked_for_where_huggingface_hub_was_told_to(logged_in: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "token").write_text("hf_other")
    place = tmp_path / "other"
    assert saved(logged_in, **{name: str(place / "token" if name == "HF_TOKEN_PATH" else place)}) == "hf_other"


def test_a_user_who_does_not_want_the_saved_token_used_has_none(logged_in: Path) -> None:
    assert saved(logged_in, HF_HUB_DISABLE_IMPLICIT_TOKEN="1") is None
    assert saved(logged_in, HF_HUB_DISABLE_IMPLICIT_TOKEN="0") == "hf_saved"


FAILING = """
from hfpush.errors import LocalTrouble
from hfpush.hub.token import saved_token
try:
    saved_token()
except LocalTrouble as error:
    print(error.finding.reference, error.finding.evidence)
"""


@pytest.mark.parametrize(
    ("content", "env", "why"),
    [
        (None, {}, "IsADirectoryError"),
        (b"\xff\xfe\x00", {"PYTHONUTF8": "1"}, "UnicodeDecodeError"),
    ],
)
def test_a_token_that_cannot_be_read_is_one_finding(
    tmp_path: Path, content: bytes | None, env: dict[str, str], why: str
) -> None:
    place = tmp_path / "token"
    place.mkdir() if content is None else place.write_bytes(content)
    env |= {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "HF_TOKEN_PATH": str(place)}
    done = subprocess.run([sys.executable, "-c", FAILING], env=env, capture_output=True, text=True, timeout=60)
    assert done.stdout.startswith("token-unreadable "), done.stderr
    assert why in done.stdout


def test_huggingface_hub_is_not_imported_before_a_token_is_wanted() -> None:
    script = "import sys, hfpush.hub.token; print('huggingface_hub' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert done.stdout == "False\n", done.stderr
