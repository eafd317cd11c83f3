"""What doctor reads of this machine."""

from __future__ import annotations

import os
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from hfpush.commands.doctor_machine import read_machine
from hfpush.diagnose.facts.machine import Program
from hfpush.diagnose.route import lines, ways
from hfpush.endpoints.known import HF
from hfpush.settings import load_settings

KNOWN = (Program("git", version="2.39.5"), Program("git-lfs", version="3.3.0", is_go=True))


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    place = tmp_path / "repo"
    subprocess.run(["git", "init", "-q", str(place)], check=True)
    return place


def test_settings_of_user_and_repository_are_read_with_their_places(repository: Path, home: Path) -> None:
    with (home / ".gitconfig").open("a") as config:
        config.write("[http]\n\tproxy = http://ada:secret@a:1\n\textraHeader = Authorization: Basic c2VjcmV0\n")
    with (repository / ".git/config").open("a") as config:
        config.write('[http "https://hf.test"]\n\tproxy = b:2\n[remote "o"]\n\turl = https://x/y\n\tproxy = c:3\n')
    machine, around = read_machine(repository / "below", load_settings({}), HF, programs=KNOWN)
    shown = {line.key: line for line in machine.settings}
    assert shown["http.proxy"].value == "http://***@a:1"
    assert shown["http.proxy"].where == str(home / ".gitconfig")
    assert shown["http.extraheader"].value == "***"
    assert [(one.name, one.scope, one.value) for one in around.settings if one.name == "proxy"] == [
        ("proxy", None, "http://ada:secret@a:1"),
        ("proxy", "https://hf.test", "b:2"),
        ("proxy", "https://x/y", "c:3"),
    ]
    assert "secret" not in repr((machine, around))


def test_a_folder_that_is_no_repository_has_the_user_s_settings(tmp_path: Path, home: Path) -> None:
    with (home / ".gitconfig").open("a") as config:
        config.write("[http]\n\tproxy = a:1\n")
    for place in (None, tmp_path, tmp_path / "not/there"):
        _, around = read_machine(place, load_settings({}), HF, programs=KNOWN)
        assert [one.value for one in around.settings] == ["a:1"]


def test_without_git_there_are_no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    machine, around = read_machine(None, load_settings({}), HF)
    assert around.settings == ()
    assert machine.program("git").version == ""
    assert {way.client for way in ways(around, {"hub": "https://hf.test"})} >= {"hfpush", "huggingface_hub"}


def test_variables_are_shown_without_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {
        "HTTPS_PROXY": "http://ada:secret@p:1",
        "no_proxy": "a,b",
        "SSL_CERT_FILE": "/ca.pem",
        "HF_TOKEN": "hf_secretsecretsecretsecret",
        "HFPUSH_TOKEN": "secret",
        "HF_ENDPOINT": "https://hf.test",
        "SOMETHING": "secret",
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    machine, _ = read_machine(None, load_settings({}), HF, programs=KNOWN)
    shown = {one.name: one.value for one in machine.variables}
    assert shown["HTTPS_PROXY"] == "http://***@p:1"
    assert (shown["no_proxy"], shown["SSL_CERT_FILE"], shown["HF_ENDPOINT"]) == ("a,b", "/ca.pem", "https://hf.test")
    assert not {"HF_TOKEN", "HFPUSH_TOKEN", "SOMETHING"} & set(shown)
    assert "secret" not in repr(machine)


def test_curlrc_is_read(home: Path) -> None:
    (home / ".curlrc").write_text('# mine\nproxy = "http://a:1"\n-k\nuser-agent = x\n--noproxy hf.test\n')
    _, around = read_machine(None, load_settings({}), HF, programs=KNOWN)
    assert around.curlrc == (("proxy", "http://a:1"), ("k", ""), ("noproxy", "hf.test"))


def test_certificates_that_are_not_there_are_known(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "ca.pem").write_text("-----BEGIN CERTIFICATE-----\n")
    with (home / ".gitconfig").open("a") as config:
        config.write(f"[http]\n\tsslCAInfo = ~/ca.pem\n\tsslCAPath = {home}\n")
    monkeypatch.setenv("GIT_SSL_CAINFO", str(tmp_path / "gone"))
    _, around = read_machine(None, load_settings({}), HF, programs=KNOWN)
    assert around.absent == {str(tmp_path / "gone"), "~/ca.pem"}


@pytest.mark.needs("git")
def test_git_is_asked_for_its_tls_libraries_where_one_is_set(home: Path) -> None:
    machine, _ = read_machine(None, load_settings({}), HF)
    assert machine.program("git").backends == ()
    with (home / ".gitconfig").open("a") as config:
        config.write("[http]\n\tsslBackend = openssl\n")
    machine, _ = read_machine(None, load_settings({}), HF)
    assert machine.program("git").backends


def test_the_wrapper_that_is_loaded_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tmp_path / "chains.conf"
    config.write_text("[ProxyList]\nsocks5 10.0.0.1 1080\n")
    _, without = read_machine(None, load_settings({}), HF, programs=KNOWN)
    monkeypatch.setitem(os.environ, "LD_PRELOAD", "libproxychains.so.4")
    monkeypatch.setenv("PROXYCHAINS_CONF_FILE", str(config))
    machine, around = read_machine(None, load_settings({}), HF, programs=KNOWN)
    assert machine.wrapper is not None
    assert machine.wrapper.proxies == ("socks5h://10.0.0.1:1080",)
    assert around.wrapper == machine.wrapper
    assert without.wrapper is None or not without.wrapper.preload


def test_an_endpoint_s_own_proxy_has_its_password_for_those_who_dial(home: Path) -> None:
    endpoint = replace(HF, proxy="http://ada:secret@p:1")
    _, around = read_machine(None, load_settings({}), endpoint, programs=KNOWN)
    found = ways(around, {"hub": HF.url})
    own = next(way for way in found if way.client == "hfpush")
    assert own.via == "http://p:1"
    assert lines(around, found)[own.line].route.proxy == "http://ada:secret@p:1"
