"""The program hfpush-hook: it judges what is staged, in words and by its exit code, and starts light."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from hfpush.hook import run

pytestmark = pytest.mark.needs("git")
LARGE = 10 * 2**20 + 1


def git(place: Path, *words: str) -> str:
    return subprocess.run(["git", *words], cwd=place, check=True, capture_output=True, timeout=60).stdout.decode()


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    git(tmp_path, "init", "-q", "repo")
    monkeypatch.chdir(tmp_path / "repo")
    return tmp_path / "repo"


def test_nothing_to_say_is_no_word(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (place / "a.txt").write_text("a\n")
    git(place, "add", ".")
    assert run(["pre-commit"], {}) == 0
    assert run(["audit"], {}) == 0
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("word", ["pre-commit", "audit"])
def test_a_large_and_a_binary_file_are_named_and_the_last_word_mends_them(
    place: Path, capsys: pytest.CaptureFixture[str], word: str
) -> None:
    (place / "large.txt").write_bytes(b"x" * LARGE)
    (place / "small.dat").write_bytes(b"a\0b")
    git(place, "add", ".")
    assert run([word], {}) == 1
    words = capsys.readouterr().err
    assert "large.txt: 10.5 MB" in words
    assert "small.dat: binary" in words
    assert words.endswith("hfpush track\n")


def test_it_is_skipped_when_that_is_asked_for(place: Path) -> None:
    (place / "small.dat").write_bytes(b"a\0b")
    git(place, "add", ".")
    assert run(["pre-commit"], {"HFPUSH_SKIP": "1"}) == 0
    assert run(["pre-commit"], {"HFPUSH_SKIP": "0"}) == 1


def test_with_nothing_staged_audit_looks_at_all_files(place: Path) -> None:
    (place / "small.dat").write_bytes(b"a\0b")
    git(place, "add", ".")
    git(place, "commit", "-qm", "binary")
    assert run(["pre-commit"], {}) == 0
    assert run(["audit"], {}) == 1


def test_between_two_commits_audit_looks_at_what_came(place: Path) -> None:
    (place / "small.dat").write_bytes(b"a\0b")
    git(place, "add", ".")
    git(place, "commit", "-qm", "binary")
    (place / "a.txt").write_text("a\n")
    git(place, "add", ".")
    git(place, "commit", "-qm", "text")
    assert run(["audit"], {"PRE_COMMIT_FROM_REF": "HEAD~1", "PRE_COMMIT_TO_REF": "HEAD"}) == 0
    (place / "other.dat").write_bytes(b"a\0c")
    git(place, "add", ".")
    git(place, "commit", "-qm", "more")
    git(place, "rm", "-q", "other.dat")
    git(place, "commit", "-qm", "gone again")
    assert run(["audit"], {"PRE_COMMIT_FROM_REF": "HEAD~2", "PRE_COMMIT_TO_REF": "HEAD"}) == 1
    assert run(["audit"], {"PRE_COMMIT_FROM_REF": "HEAD~1", "PRE_COMMIT_TO_REF": "HEAD"}) == 0


def test_track_fails_when_it_changed_something_and_passes_then(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (place / ".gitattributes").write_text("# mine\n")
    (place / "small.dat").write_bytes(b"a\0b")
    git(place, "add", ".")
    assert run(["pre-commit"], {}) == 1
    assert run(["track"], {}) == 1
    assert ".gitattributes" in capsys.readouterr().err
    git(place, "add", ".gitattributes")
    assert run(["track"], {}) == 0
    assert run(["pre-commit"], {}) == 0
    assert git(place, "cat-file", "blob", ":small.dat").startswith("version https://git-lfs")


@pytest.mark.parametrize("words", [[], ["nothing"], ["audit", "more"]])
def test_another_call_is_misuse(words: list[str]) -> None:
    assert run(words, {}) == 2


def test_it_starts_without_the_command_line_and_without_foreign_libraries() -> None:
    heavy = ("typer", "rich", "requests", "huggingface_hub", "yaml", "aiohttp", "git", "asyncio")
    code = f"import sys, hfpush.hook; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=50, check=False)
    assert done.stdout == "[]\n", done


def test_it_is_a_program_of_its_own(place: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "hfpush.hook", "audit"], cwd=place, env=os.environ, timeout=50, check=False
    )
    assert done.returncode == 0


@pytest.mark.parametrize("word", ["audit", "track"])
def test_a_pointer_whose_line_is_not_staged_stops_the_commit_with_the_command(
    place: Path, capsys: pytest.CaptureFixture[str], word: str
) -> None:
    git(place, "config", "filter.lfs.process", "git-lfs filter-process")
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"1" * 64 + b"\nsize 12345\n"
    (place / "w.bin").write_bytes(pointer)
    git(place, "add", "w.bin")
    (place / ".gitattributes").write_text("*.bin filter=lfs diff=lfs merge=lfs -text\n")
    assert run([word], {}) == 1
    assert capsys.readouterr().err.endswith("git add .gitattributes\n")
    git(place, "add", ".gitattributes")
    assert run([word], {}) == 0
