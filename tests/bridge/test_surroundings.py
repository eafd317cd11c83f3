from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from hfpush.bridge.surroundings import (
    CA_NAMES,
    Means,
    environment_through,
    git_settings,
    with_git_settings,
)

DOOR = "http://hfpush:secret@127.0.0.1:4711"
PLAIN = Means(DOOR, "127.0.0.1:4711")
TRUSTING = Means(DOOR, "127.0.0.1:4711", "/state/trust/ca.pem")


def test_every_spelling_of_a_proxy_leads_to_the_door() -> None:
    before = {"https_proxy": "socks5://p:1", "ALL_PROXY": "p:2", "no_proxy": "hf.test", "NO_PROXY": "*", "HOME": "/h"}
    env = environment_through(PLAIN, before)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        assert env[name] == env[name.lower()] == DOOR
    assert env["NO_PROXY"] == env["no_proxy"] == "localhost,127.0.0.1,::1"
    assert env["HOME"] == "/h"


def test_without_a_named_ca_no_tool_s_trust_is_touched() -> None:
    env = environment_through(PLAIN, {"PIP_CERT": "/mine.pem"})
    assert not set(CA_NAMES) & set(env)
    assert env["PIP_CERT"] == "/mine.pem"


def test_a_named_ca_is_for_all_tools() -> None:
    env = environment_through(TRUSTING, {"CURL_CA_BUNDLE": "/mine.pem", "PIP_CERT": "/mine.pem"})
    assert {env[name] for name in (*CA_NAMES, "PIP_CERT")} == {"/state/trust/ca.pem"}


def test_a_tool_s_own_variables_are_replaced_where_they_are_and_not_invented() -> None:
    before = {"PIP_PROXY": "p:1", "npm_config_https_proxy": "p:1", "npm_config_noproxy": "hf.test"}
    env = environment_through(PLAIN, before)
    assert env["PIP_PROXY"] == env["npm_config_https_proxy"] == DOOR
    assert env["npm_config_noproxy"] == "localhost,127.0.0.1,::1"
    assert not {"PIP_PROXY", "npm_config_https_proxy", "npm_config_noproxy"} & set(environment_through(PLAIN, {}))


def test_each_setting_that_beats_the_environment_is_overridden() -> None:
    configured = ("http.proxy", "http.https://hf.test.proxy", "remote.origin.proxy", "http.sslcainfo")
    assert git_settings(PLAIN, configured) == (
        ("http.proxy", DOOR),
        ("http.https://hf.test.proxy", DOOR),
        ("remote.origin.proxy", DOOR),
        ("credential.http://127.0.0.1:4711.helper", ""),
    )
    assert ("http.sslcainfo", "/state/trust/ca.pem") in git_settings(TRUSTING, configured)


def test_git_s_settings_come_after_those_that_are_there() -> None:
    before = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "a.b", "GIT_CONFIG_VALUE_0": "c"}
    env = with_git_settings({**before, "GIT_CONFIG_PARAMETERS": "'x.y=z'"}, (("d.e", "f's!"),))
    assert env["GIT_CONFIG_COUNT"] == "2"
    assert (env["GIT_CONFIG_KEY_0"], env["GIT_CONFIG_KEY_1"], env["GIT_CONFIG_VALUE_1"]) == ("a.b", "d.e", "f's!")
    assert env["GIT_CONFIG_PARAMETERS"] == r"'x.y=z' 'd.e=f'\''s'\!''"


def test_a_count_that_git_refuses_stays_git_s_affair() -> None:
    assert with_git_settings({"GIT_CONFIG_COUNT": "x"}, (("a.b", "c"),))["GIT_CONFIG_COUNT"] == "x"


@pytest.mark.needs("git")
@pytest.mark.parametrize("unread", ["GIT_CONFIG_COUNT", "GIT_CONFIG_PARAMETERS"])
def test_git_reads_the_settings_in_both_ways(unread: str, tmp_path: Path) -> None:
    own = {"GIT_CONFIG_PARAMETERS": "'http.https://hf.test.proxy=own'"}
    env = environment_through(PLAIN, {**os.environ, **own}, ["http.https://hf.test.proxy"])
    del env[unread]
    words = ["git", "config", "--get-urlmatch", "http.proxy", "https://hf.test/x"]
    done = subprocess.run(words, cwd=tmp_path, env=env, capture_output=True, text=True, check=True, timeout=30)
    assert done.stdout == f"{DOOR}\n"


def test_no_secret_is_shown() -> None:
    assert "secret" not in repr(PLAIN)
