"""What git starts: quick, nothing on its output but answers, and an end for every kind of trouble."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from support.filter_talk import HELLO, content, lines, packet, question, start, talk

from hfpush.cli.lfs_filter import is_asked, main, run

pytestmark = pytest.mark.needs("git")
DATA = b"content"
POINTER = (
    f"version https://git-lfs.github.com/spec/v1\noid sha256:{hashlib.sha256(DATA).hexdigest()}\nsize {len(DATA)}\n"
).encode()


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    subprocess.run(["git", "init", "-q", str(tmp_path / "repo")], check=True)
    return tmp_path / "repo"


def test_a_conversation_ends_well(repo: Path) -> None:
    code, found, err = talk(repo, question("clean", "a.bin", DATA), question("smudge", "a.bin", POINTER))
    assert (code, found, err) == (0, [("success", POINTER), ("success", DATA)], "")


@pytest.mark.parametrize(
    ("word", "said", "heard"), [("clean", DATA, POINTER), ("smudge", b"no pointer", b"no pointer")]
)
def test_clean_and_smudge_alone(repo: Path, word: str, said: bytes, heard: bytes) -> None:
    with start(repo, (word, "--", "a.bin")) as process:
        assert process.communicate(said, timeout=60) == (heard, b"")
    assert process.returncode == 0


def test_local_files_need_no_library_of_the_network_and_no_command_line(repo: Path) -> None:
    script = (
        "import sys, hfpush.cli.lfs_filter as f; code = f.run('filter-process');"
        "heavy = {'requests', 'huggingface_hub', 'typer', 'rich', 'urllib3', 'yaml', 'git'} & set(sys.modules);"
        "sys.exit(f'loaded: {heavy}' if heavy else code)"
    )
    said = HELLO + question("clean", "a.bin", DATA) + question("smudge", "a.bin", POINTER)
    done = subprocess.run([sys.executable, "-c", script], cwd=repo, input=said, capture_output=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("said", [b"hello\n", HELLO[:30], HELLO + lines("command=clean") + packet(b"x")])
def test_what_is_not_git_ends_with_a_finding(repo: Path, said: bytes) -> None:
    with start(repo) as process:
        _, err = process.communicate(said, timeout=60)
    assert process.returncode == 1
    assert b"error: filter-protocol" in err


def test_outside_a_repository_there_is_a_finding(tmp_path: Path) -> None:
    with start(tmp_path) as process:
        _, err = process.communicate(HELLO + question("clean", "a", b"x"), timeout=60)
    assert process.returncode == 1
    assert b"error: " in err
    assert b"Traceback" not in err


def test_a_git_that_goes_away_is_no_mistake_of_ours(repo: Path) -> None:
    with start(repo) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdout.close()
        process.stdin.write(HELLO + lines("command=clean", "pathname=a") + content(DATA))
        process.stdin.close()
        assert process.stderr is not None
        assert process.stderr.read() == b""
    assert process.returncode == 1


def test_an_interrupt_ends_it_in_silence_and_leaves_nothing(repo: Path) -> None:
    with start(repo) as process:
        assert process.stdin is not None
        process.stdin.write(HELLO + lines("command=clean", "pathname=a"))
        process.stdin.write(packet(bytes(65516)) * 40)
        process.stdin.flush()
        while not list(repo.glob(".git/lfs/tmp/hfpush-*")):
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        assert process.stderr is not None
        assert process.stderr.read() == b""
    assert process.returncode == 130
    assert [file for file in (repo / ".git/lfs").rglob("*") if file.is_file()] == []


def test_a_package_of_the_same_name_in_the_work_tree_is_not_run(repo: Path) -> None:
    (repo / "hfpush").mkdir()
    (repo / "hfpush/__init__.py").write_text("raise SystemExit('the work tree was run')")
    code, found, _ = talk(repo, question("clean", "a.bin", DATA))
    assert (code, found) == (0, [("success", POINTER)])


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        (["lfs", "filter-process"], True),
        (["lfs", "clean", "--", "a"], True),
        (["lfs", "clean", "--help"], False),
        (["lfs", "install"], False),
        (["lfs"], False),
        (["publish", "clean"], False),
    ],
)
def test_only_what_git_starts_is_taken_from_the_command_line(words: list[str], asked: bool) -> None:
    assert is_asked(words) is asked
    assert callable(main)
    assert callable(run)
    assert os.name == "posix"
