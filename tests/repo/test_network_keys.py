from __future__ import annotations

import os
from pathlib import Path

import pytest
from support.command_line import git

from hfpush.bridge.surroundings import CONFIGURED
from hfpush.repo.network_keys import configured_keys

pytestmark = pytest.mark.needs("git")


def test_the_keys_of_every_place_are_found_once(tmp_path: Path, home: Path) -> None:
    git(tmp_path, "init", "-q")
    git(tmp_path, "config", "--global", "http.proxy", "a")
    git(tmp_path, "config", "http.proxy", "b")
    git(tmp_path, "config", "http.https://Hf.Test/A b.Proxy", "")
    git(tmp_path, "config", "remote.my.origin.proxy", "d")
    git(tmp_path, "config", "http.sslCAInfo", "e")
    git(tmp_path, "config", "http.proxyAuthMethod", "basic")
    git(tmp_path, "config", "core.gitProxy", "f")
    given = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "http.http://x.sslCAInfo", "GIT_CONFIG_VALUE_0": "y"}
    (tmp_path / "below").mkdir()
    found = configured_keys(CONFIGURED, {**os.environ, **given}, tmp_path / "below")
    assert sorted(found) == [
        "http.http://x.sslcainfo",
        "http.https://Hf.Test/A b.proxy",
        "http.proxy",
        "http.sslcainfo",
        "remote.my.origin.proxy",
    ]


def test_none_are_found_where_there_are_none_or_git_cannot_say(tmp_path: Path, home: Path) -> None:
    assert configured_keys(CONFIGURED, os.environ, tmp_path) == ()
    assert configured_keys(CONFIGURED, {"PATH": str(tmp_path)}, tmp_path) == ()
    (home / ".gitconfig").write_text("[http\n")
    assert configured_keys(CONFIGURED, os.environ, tmp_path) == ()
