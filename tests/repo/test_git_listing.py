"""git's settings with the file and the line of each."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from hfpush.repo.git_listing import listing


@pytest.fixture
def repository(tmp_path: Path, home: Path) -> Path:
    with (home / ".gitconfig").open("a") as config:
        config.write("[http]\n\tproxy = http://a:1\n\tsslVerify\n")
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    with (tmp_path / ".git/config").open("a") as config:
        config.write("[lfs]\n\tconcurrenttransfers = 1\n")
    return tmp_path


def test_all_settings_are_read_each_with_its_place(repository: Path, home: Path) -> None:
    found = {one.key: one for one in listing(repository)}
    proxy = found["http.proxy"]
    assert (proxy.value, proxy.file, proxy.scope) == ("http://a:1", str(home / ".gitconfig"), "global")
    assert (home / ".gitconfig").read_text().splitlines()[proxy.line - 1].strip() == "proxy = http://a:1"
    assert (found["http.sslverify"].value, found["http.sslverify"].line) == ("true", proxy.line + 1)
    own = found["lfs.concurrenttransfers"]
    assert (own.scope, own.file) == ("local", str(repository / ".git/config"))


def test_a_pattern_leaves_the_others_out(repository: Path) -> None:
    assert {one.key for one in listing(repository, r"^http\.proxy$")} == {"http.proxy"}
    assert listing(repository, r"^nothing$") == ()


def test_what_git_s_command_line_gives_is_read(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CONFIG_PARAMETERS", "'http.proxy=http://b:2'")
    last = [one for one in listing(repository) if one.key == "http.proxy"][-1]
    assert (last.value, last.file, last.line) == ("http://b:2", "git's command line", 0)


def test_no_value_is_in_its_repr(repository: Path) -> None:
    assert "http://a:1" not in repr(listing(repository))
