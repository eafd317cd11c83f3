"""`--log FILE`: opened before the work, ended with what the run ended with, and never published."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from hfpush.cli.log import logged, secrets_of
from hfpush.errors import LocalTrouble, Misuse, Refused
from hfpush.settings import Settings, load_settings

TOKEN = "secret-of-this-run-0123456789"


@pytest.fixture
def plain() -> Settings:
    return replace(load_settings({}), token=TOKEN)


def test_without_the_option_nothing_is_traced(plain: Settings) -> None:
    with logged(None, plain) as settings:
        assert settings is plain


def test_a_log_begins_with_the_versions_and_ends_with_done(plain: Settings, tmp_path: Path) -> None:
    with logged(tmp_path / "run.log", plain) as settings:
        trace = settings.network.trace
        assert trace is not None
        trace.say(f"I am {TOKEN}.")
    lines = [line[10:] for line in (tmp_path / "run.log").read_text().splitlines()]
    assert lines[0].startswith("hfpush ")
    assert lines[1].startswith("Python 3.")
    assert "OpenSSL" in lines[1]
    assert any(line.startswith("git version ") for line in lines)
    assert lines[-2:] == ["I am ***.", "done"]


def test_a_log_ends_with_the_finding_or_how_else_it_ended(plain: Settings, tmp_path: Path) -> None:
    with pytest.raises(Refused), logged(tmp_path / "run.log", plain):
        raise Refused.of("no-permission", "You may not.", seen=("it said so",))
    with pytest.raises(KeyboardInterrupt), logged(tmp_path / "run.log", plain):
        raise KeyboardInterrupt
    text = (tmp_path / "run.log").read_text()
    assert "ERROR no-permission: You may not.; it said so\n" in text
    assert text.endswith("ended by KeyboardInterrupt: \n")


def test_a_log_that_cannot_be_written_is_told_before_anything_is_done(plain: Settings, tmp_path: Path) -> None:
    with pytest.raises(LocalTrouble) as caught, logged(tmp_path / "nowhere" / "run.log", plain):
        raise AssertionError("the work began")
    assert caught.value.finding.reference == "log-unwritable"


def test_a_log_in_the_folder_that_is_published_whole_is_refused(plain: Settings, tmp_path: Path) -> None:
    with pytest.raises(Misuse) as caught, logged(tmp_path / "a" / "run.log", plain, published=tmp_path):
        raise AssertionError("the work began")
    assert caught.value.finding.reference == "log-published"


def test_a_disk_that_fills_up_is_told_and_the_work_goes_on(plain: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    with logged(Path("/dev/full"), plain):
        pass
    assert "log-incomplete" in capsys.readouterr().err


def test_tokens_and_proxy_passwords_of_the_environment_are_secrets() -> None:
    environment = {
        "HF_TOKEN": "a-token",
        "GIT_PASSWORD": "a-password",
        "https_proxy": "http://ada:p%40ss@proxy.example:3128",
        "ALL_PROXY": "ada:word@proxy.example",
        "HTTP_PROXY": "http://[",
        "NO_PROXY": "localhost",
        "PATH": "/bin",
    }
    assert secrets_of(environment) == ["a-token", "a-password", "p@ss", "word", "http://["]
