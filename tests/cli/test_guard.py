"""Each way to end a command has its exit code and its one finding."""

from __future__ import annotations

import json
import signal
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
import typer

from hfpush import errors
from hfpush.cli.guard import command_again
from hfpush.errors import HfpushError
from hfpush.findings import Finding

EndsAs = Callable[..., tuple[int, str, str]]
TOKEN = "hf_" + "s" * 34


def raising(error: BaseException) -> Callable[[], None]:
    def body() -> None:
        raise error

    return body


@pytest.fixture
def logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for temporary files."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


KINDS: list[tuple[type[HfpushError], int]] = [
    (errors.Misuse, 2),
    (errors.Unavailable, 1),
    (errors.LeaseExpired, 1),
    (errors.Refused, 1),
    (errors.NotFound, 1),
    (errors.Damaged, 1),
    (errors.SourceChanged, 1),
    (errors.Busy, 1),
    (errors.LocalTrouble, 1),
]


@pytest.mark.parametrize(("kind", "code"), KINDS, ids=[kind.__name__ for kind, _ in KINDS])
def test_an_error_we_know_is_a_finding_and_its_exit_code(kind: type[HfpushError], code: int, ends_as: EndsAs) -> None:
    error = kind.of("some-reference", "So it is.", seen=("this",), to_try=("that",))
    assert ends_as(raising(error)) == (
        code,
        "",
        "error: some-reference\n  So it is.\n  seen   this\n  try    that\n",
    )
    ended, out, err = ends_as(raising(error), "--json")
    assert (ended, err) == (code, "")
    assert json.loads(out) == {
        "error": {
            "reference": "some-reference",
            "severity": "error",
            "message": "So it is.",
            "evidence": ["this"],
            "remedy": ["that"],
        }
    }


def test_all_that_was_found_is_told_the_one_to_act_on_first(ends_as: EndsAs) -> None:
    error = errors.Refused.of_all([Finding("one", "First."), Finding("two", f"Then {TOKEN}.")])
    code, _, err = ends_as(raising(error))
    assert code == 1
    assert err.index("error: one") < err.index("error: two")
    _, out, _ = ends_as(raising(error), "--json")
    document = json.loads(out)
    assert (document["error"]["reference"], [one["reference"] for one in document["also"]]) == ("one", ["two"])
    assert TOKEN not in err + out


def test_a_document_gives_no_secret_away_either(ends_as: EndsAs) -> None:
    _, out, _ = ends_as(raising(errors.Refused.of("x", f"It was {TOKEN}.", seen=(TOKEN, "\x1b[2J"))), "--json")
    assert json.loads(out)["error"]["message"] == "It was hf_***."
    assert json.loads(out)["error"]["evidence"] == ["hf_***", "\\x1b[2J"]


def test_a_command_that_ends_well_ends_with_0(ends_as: EndsAs) -> None:
    assert ends_as(lambda: None) == (0, "", "")


def test_ctrl_c_is_130_and_one_line(ends_as: EndsAs) -> None:
    assert ends_as(raising(KeyboardInterrupt())) == (
        130,
        "",
        "interrupted; run the same command again; it goes on where it was\n",
    )
    code, out, err = ends_as(raising(KeyboardInterrupt()), "--json")
    assert (code, err, json.loads(out)["error"]["reference"]) == (130, "", "interrupted")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_another_signal_is_128_and_its_number(number: signal.Signals, code: int, ends_as: EndsAs) -> None:
    ended, _, err = ends_as(lambda: signal.raise_signal(number))
    assert (ended, err) == (code, f"ended by {number.name}; run the same command again; it goes on where it was\n")


def test_typers_own_ends_pass_through(ends_as: EndsAs) -> None:
    assert ends_as(raising(typer.Exit(7)))[0] == 7
    code, _, err = ends_as(raising(typer.BadParameter("no such thing")))
    assert code == 2
    assert "no such thing" in err


def test_a_mistake_of_ours_is_3_with_a_log_that_only_we_may_read(
    ends_as: EndsAs, logs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "a-token-of-another-shape")
    error = RuntimeError(f"went wrong with {TOKEN}, a-token-of-another-shape, https://x.example/?signature=abc \x1b[2J")
    code, out, err = ends_as(raising(error))
    assert (code, out) == (3, "")
    assert err.splitlines()[0] == "error: bug"
    (log,) = logs.iterdir()
    assert str(log) in err
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    text = log.read_text()
    assert "Traceback" in text
    assert "RuntimeError: went wrong" in text
    assert "Traceback" not in err
    for secret in (TOKEN, "a-token-of-another-shape", "signature=abc", "\x1b"):
        assert secret not in text + err


def test_a_mistake_of_ours_is_a_document_too(ends_as: EndsAs, logs: Path) -> None:
    code, out, err = ends_as(raising(ValueError("x")), "--json")
    assert (code, err, json.loads(out)["error"]["reference"]) == (3, "", "bug")


def test_where_no_log_can_be_written_the_mistake_is_told_all_the_same(
    ends_as: EndsAs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "nowhere"))
    code, _, err = ends_as(raising(ValueError("so wrong")))
    assert code == 3
    assert "ValueError: so wrong" in err
    assert "report it with the lines above" in err


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["/bin/hfpush", "publish", "my model", "--to", "ada/m"], "hfpush publish 'my model' --to ada/m"),
        (["hfpush", "fetch", "ada/m"], "hfpush fetch ada/m"),
        (["hfpush", "verify", "ada/m", "--repair"], "hfpush verify ada/m --repair"),
        (["hfpush", "fetch", "ada/m", "--endpoint", "http://ada:pass@hub.example"], None),
        (["hfpush", "hook", "run-pre-push"], None),
        (["hfpush"], None),
    ],
)
def test_the_command_that_goes_on_is_shown_where_it_is_the_users_and_holds_no_secret(
    words: list[str], line: str | None
) -> None:
    assert command_again(words) == line


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ["hfpush", "verify", "--repair"],
            "run the same command again; it goes on where it was\n  hfpush verify --repair",
        ),
        (["hfpush", "verify"], "run the same command again\n  hfpush verify"),
    ],
)
def test_a_verify_reads_anew_and_a_repair_goes_on(
    ends_as: EndsAs, monkeypatch: pytest.MonkeyPatch, words: list[str], said: str
) -> None:
    monkeypatch.setattr("sys.argv", words)
    assert ends_as(raising(KeyboardInterrupt()))[2] == f"interrupted; {said}\n"
