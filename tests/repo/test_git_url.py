from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from hfpush.repo.git_url import url_settings
from hfpush.repo.process import environment

DOOR = "http://127.0.0.1:40001/0a1b/me/model"


def asked(tmp_path: Path, *words: str) -> str:
    settings = [part for one in url_settings(DOOR) for part in ("-c", one)]
    done = subprocess.run(
        ["git", *settings, *words], capture_output=True, cwd=tmp_path, env=environment(), timeout=30, check=True
    )
    return done.stdout.decode().rstrip("\n")


@pytest.mark.parametrize("place", ["http", "http.http://127.0.0.1:40001", "http.http://*:40001/0a1b"])
@pytest.mark.parametrize("name", ["proxy", "cookieFile", "sslCAInfo", "extraHeader"])
def test_no_setting_of_the_user_reaches_the_door(tmp_path: Path, place: str, name: str) -> None:
    subprocess.run(["git", "config", "--global", f"{place}.{name}", "http://127.0.0.1:9/"], check=True, timeout=30)
    assert asked(tmp_path, "config", "--get-urlmatch", f"http.{name}", f"{DOOR}/info/refs") == ""


def test_hooks_keep_the_users_settings_for_other_places(tmp_path: Path) -> None:
    subprocess.run(["git", "config", "--global", "http.proxy", "http://proxy.test:3128"], check=True, timeout=30)
    assert asked(tmp_path, "config", "--get-urlmatch", "http.proxy", "https://hf.test/") == "http://proxy.test:3128"


def test_the_address_is_not_rewritten(tmp_path: Path) -> None:
    for kind in ("insteadOf", "pushInsteadOf"):
        name = f"url.http://127.0.0.1:9/.{kind}"
        subprocess.run(["git", "config", "--global", name, "http://127.0.0.1:40001/"], check=True, timeout=30)
    assert asked(tmp_path, "ls-remote", "--get-url", DOOR) == DOOR


def test_other_places_are_only_kept_from_rewriting() -> None:
    assert {one.partition(".")[0] for one in url_settings("file:///srv/m.git")} == {"url"}
    assert url_settings("http://127.0.0.1:1/a=b") == ()
