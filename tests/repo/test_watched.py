from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from hfpush.errors import LocalTrouble, Unavailable
from hfpush.repo.watched import watch


def shell(script: str, tmp_path: Path, *, patience_seconds: float = 30, **more: object) -> object:
    env = {"PATH": os.environ["PATH"]}
    command = ["sh", "-c", script]
    return watch(command, directory=tmp_path, env=env, patience_seconds=patience_seconds, **more)  # type: ignore[arg-type]


def runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_both_streams_and_the_exit_code_come_back(tmp_path: Path) -> None:
    ended = shell("echo out; echo err >&2; exit 3", tmp_path)
    assert (ended.returncode, ended.stdout, ended.stderr) == (3, "out\n", "err\n")  # type: ignore[attr-defined]


def test_progress_is_told_line_by_line_and_redacted(tmp_path: Path) -> None:
    told: list[str] = []
    shell(r"printf 'a 1%%\ra 2%%\r\nhttp://u:hf_abcdefgh@h/x\nlast' >&2", tmp_path, said=told.append)
    assert told == ["a 1%", "a 2%", "http://***@h/x", "last"]


def test_silence_is_bounded_and_the_helpers_die_too(tmp_path: Path) -> None:
    begun = time.monotonic()
    with pytest.raises(Unavailable) as caught:
        shell("echo begun >&2; sleep 60 & echo $! > child; wait", tmp_path, patience_seconds=0.5)
    assert time.monotonic() - begun < 20
    assert caught.value.finding.reference == "git-stalled"
    assert caught.value.finding.evidence == ("begun",)
    child = int((tmp_path / "child").read_text())
    bound = time.monotonic() + 20
    while runs(child):
        assert time.monotonic() < bound
        time.sleep(0.05)


def test_life_elsewhere_counts_too(tmp_path: Path) -> None:
    begun = time.monotonic()
    with pytest.raises(Unavailable):
        shell("sleep 60", tmp_path, patience_seconds=0.5, alive=lambda: begun + 1.5)
    assert 1.9 < time.monotonic() - begun < 20


def test_a_program_left_behind_does_not_hold_us(tmp_path: Path) -> None:
    begun = time.monotonic()
    ended = shell("sleep 60 & echo done", tmp_path, patience_seconds=50)
    assert ended.stdout == "done\n"  # type: ignore[attr-defined]
    assert time.monotonic() - begun < 20


def test_a_flood_is_cut_and_its_end_kept(tmp_path: Path) -> None:
    ended = shell("yes 0123456789 | head -c 3000000 >&2; echo end >&2", tmp_path)
    assert len(ended.stderr) == 2**20  # type: ignore[attr-defined]
    assert ended.stderr.endswith("end\n")  # type: ignore[attr-defined]


def test_a_missing_program_is_told(tmp_path: Path) -> None:
    with pytest.raises(LocalTrouble):
        watch(["no-such-program-here"], directory=tmp_path, env={"PATH": ""}, patience_seconds=1)
