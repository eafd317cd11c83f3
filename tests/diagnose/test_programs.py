"""Which programs are there: real ones, made ones, and none."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

import pytest

from hfpush.diagnose.programs import contains, made_by_go, read_programs, said_by, with_backends


def program(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


@pytest.mark.needs("git", "git-lfs", "curl")
def test_real_programs_tell_their_versions_and_libraries() -> None:
    there = {one.name: one for one in read_programs(os.environ)}
    for name in ("git", "git-lfs", "curl", "huggingface_hub"):
        assert re.match(r"\d+\.\d+", there[name].version), there[name]
    assert there["git-lfs"].is_go
    assert there["git-lfs"].tls.startswith("go ")
    assert not there["git"].is_go
    assert there["git"].tls in ("gnutls", "openssl", "nss")
    assert there["git"].http.startswith("libcurl")
    assert there["curl"].tls


def test_programs_that_are_not_there_have_no_version(tmp_path: Path) -> None:
    there = {one.name: one for one in read_programs({"PATH": str(tmp_path)})}
    assert [there[name].version for name in ("git", "git-lfs", "curl")] == ["", "", ""]
    assert there["huggingface_hub"].version, "our own"


def test_a_program_that_says_something_else_is_kept_with_its_words(tmp_path: Path) -> None:
    program(tmp_path, "git-lfs", "echo broken")
    there = {one.name: one for one in read_programs({"PATH": f"{tmp_path}:{os.defpath}"})}
    assert (there["git-lfs"].version, there["git-lfs"].said) == ("", "broken")


def test_a_program_that_hangs_is_not_waited_for(tmp_path: Path) -> None:
    path = program(tmp_path, "slow", "exec sleep 60")
    began = time.monotonic()
    assert said_by([str(path)], {"PATH": os.defpath}, 0.2) == ""
    assert time.monotonic() - began < 10


def test_a_program_sees_no_token_and_no_wrapper(tmp_path: Path) -> None:
    path = program(tmp_path, "shows", "env")
    given = {"PATH": os.defpath, "HF_TOKEN": "hf_x", "LD_PRELOAD": "libproxychains.so.4", "HTTPS_PROXY": "http://u:p@a"}
    said = said_by([str(path)], given, 5)
    assert "PATH=" in said
    assert not any(name in said for name in ("HF_TOKEN", "LD_PRELOAD", "HTTPS_PROXY"))


def test_go_is_known_by_what_its_compiler_leaves(tmp_path: Path) -> None:
    (tmp_path / "go").write_bytes(b"\x7fELF" + bytes(100_000) + b"\xff Go buildinf:\x08\x02")
    (tmp_path / "c").write_bytes(b"\x7fELF" + bytes(1000))
    (tmp_path / "empty").touch()
    assert made_by_go(tmp_path / "go")
    assert not made_by_go(tmp_path / "c")
    assert not made_by_go(tmp_path / "empty")
    assert contains(tmp_path / "not there", re.compile(b"x")) is None


@pytest.mark.needs("git")
def test_git_tells_which_tls_libraries_it_has() -> None:
    git = next(one for one in read_programs(os.environ) if one.name == "git")
    assert set(with_backends(git, os.environ).backends) & {"gnutls", "openssl", "nss", "mbedtls"}
