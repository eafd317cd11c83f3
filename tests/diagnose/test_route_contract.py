"""What route.py says, held against git, git-lfs, curl, httpx, requests and hf_xet themselves: each is started in the
surroundings of each case, in a network of its own, and doors see which way it goes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from support import roads
from support.stage import Stage, why_not

A, B, SOCKS = "proxy.test:3128", "http://other.test:3129", "proxy.test:1080"
HUB = "https://hf.test/me/m"
ALL = ("git", "git-lfs", "curl", "huggingface_hub", "requests")


@dataclass(frozen=True)
class Case:
    """Surroundings. `quick` ones are tried in a quick run as well, `xet` ones with hf_xet, which is slow to start."""

    environment: dict[str, str]
    config: str = ""
    url: str = HUB
    quick: bool = False
    xet: bool = False

    @property
    def asks(self) -> bool:
        """Whether the proxies want a login."""
        return any("p@s" in value or "p%40s" in value for value in self.environment.values())

    @property
    def name(self) -> str:
        words = [f"{name}={value}" for name, value in self.environment.items()]
        return " ".join([*words, *self.config.split(), *([] if self.url == HUB else [self.url])])


def no(text: str, *, url: str = HUB, quick: bool = False, xet: bool = False, **more: str) -> Case:
    return Case({"HTTPS_PROXY": f"http://{A}", "NO_PROXY": text, **more}, url=url, quick=quick, xet=xet)


CASES = (
    Case({}, quick=True, xet=True),
    Case({"HTTPS_PROXY": f"http://{A}"}, quick=True, xet=True),
    Case({"https_proxy": f"http://{A}"}),
    Case({"HTTPS_PROXY": f"http://{A}", "https_proxy": B}, quick=True, xet=True),
    Case({"HTTPS_PROXY": f"http://{A}", "https_proxy": ""}, xet=True),
    Case({"HTTPS_PROXY": "", "https_proxy": f"http://{A}"}, xet=True),
    Case({"http_proxy": f"http://{A}"}, quick=True, xet=True),
    Case({"HTTP_PROXY": f"http://{A}"}),
    Case({"HTTP_PROXY": f"http://{A}", "ALL_PROXY": B}, xet=True),
    Case({"HTTP_PROXY": f"http://{A}", "ALL_PROXY": B, "REQUEST_METHOD": "GET"}, xet=True),
    Case({"ALL_PROXY": f"http://{A}"}, quick=True, xet=True),
    Case({"all_proxy": f"http://{A}", "ALL_PROXY": B}),
    Case({"HTTPS_PROXY": f"http://{A}", "ALL_PROXY": f"socks5h://{SOCKS}"}),
    Case({"ALL_PROXY": f"socks5h://{SOCKS}"}),
    *(
        Case({"HTTPS_PROXY": f"{scheme}://{SOCKS}"}, quick=scheme == "socks5", xet=True)
        for scheme in ("socks5", "socks5h", "socks4", "socks4a", "socks")
    ),
    Case({"HTTPS_PROXY": f"socks5h://u:p@{SOCKS}"}),
    Case({"HTTPS_PROXY": f"SOCKS5H://{SOCKS}"}),
    Case({"HTTPS_PROXY": A}, xet=True),
    Case({"HTTPS_PROXY": f"u:p@{A}"}, xet=True),
    Case({"HTTPS_PROXY": f"ftp://{A}"}, xet=True),
    Case({"HTTPS_PROXY": "http://proxy.test"}),
    Case({"HTTPS_PROXY": f"http://{A}/"}, xet=True),
    Case({"HTTPS_PROXY": f"https://{A}"}),
    Case({"HTTPS_PROXY": f"http://u:p%40s@{A}"}, xet=True),
    Case({"HTTPS_PROXY": f"http://u:p@s@{A}"}, quick=True, xet=True),
    Case({}, f"[http]\n\tproxy = http://{A}", quick=True),
    Case({"HTTPS_PROXY": B}, f"[http]\n\tproxy = http://{A}"),
    Case({}, f"[http]\n\tproxy = socks5://{SOCKS}"),
    Case({}, f"[http]\n\tproxy = {A}"),
    Case({}, f'[http "https://hf.test"]\n\tproxy = http://{A}'),
    Case({}, f'[http "https://hf.test"]\n\tproxy = http://{A}', "https://s3.hf.test/x", quick=True),
    Case({}, f'[http "https://*.hf.test"]\n\tproxy = http://{A}', "https://s3.hf.test/x"),
    Case({}, f'[http "https://hf.test/me"]\n\tproxy = http://{A}'),
    Case({}, f'[http "https://hf.test/you"]\n\tproxy = http://{A}'),
    Case({}, f'[http "http://hf.test"]\n\tproxy = http://{A}'),
    Case({"HTTPS_PROXY": f"http://{A}"}, "[http]\n\tproxy =", quick=True),
    Case({}, f'[http]\n\tproxy = http://{A}\n[http "https://hf.test"]\n\tproxy ='),
    Case({"HTTPS_PROXY": B}, f'[http]\n\tproxy = http://{A}\n[http "https://hf.test"]\n\tproxy ='),
    Case({}, f"[https]\n\tproxy = http://{A}"),
    Case({"NO_PROXY": "hf.test"}, f"[http]\n\tproxy = http://{A}"),
    Case({"HTTPS_PROXY": f"http://{A}"}, url="https://localhost/me/m"),
    Case({"HTTPS_PROXY": f"http://{A}"}, url="https://127.0.0.1/me/m"),
    no("hf.test", quick=True, xet=True),
    no("HF.TEST", xet=True),
    no(" hf.test , x"),
    no(".test"),
    no("test"),
    no(".hf.test", quick=True, xet=True),
    no(".hf.test", url="https://s3.hf.test/x"),
    no("hf.test", url="https://s3.hf.test/x", xet=True),
    no("*.test", quick=True, xet=True),
    no("*.hf.test"),
    no("hf.test:443", quick=True, xet=True),
    no("hf.test:443", url="https://hf.test:443/me/m"),
    no("hf.test:444"),
    no("10.77.0.0/24", xet=True),
    no("10.77.0.100"),
    no("10.77.0.0/24", url="https://10.77.0.100/me/m", xet=True),
    no("10.77.0.100", url="https://10.77.0.100/me/m", xet=True),
    no("10.77.0.100:443", url="https://10.77.0.100/me/m"),
    no("0.100", url="https://10.77.0.100/me/m"),
    no("*", xet=True),
    no("x,*", xet=True),
    no("*", url="https://10.77.0.100/me/m", xet=True),
    no("hf.test."),
    no("f.test"),
    no("x hf.test"),
    no("https://hf.test"),
    no(".hf.test:443"),
    no("hf.*"),
    no("hf.test", no_proxy="x", quick=True, xet=True),
    no("x", no_proxy="hf.test"),
    no("hf.test", no_proxy=""),
    no("", no_proxy="hf.test", xet=True),
)


@dataclass
class Ground:
    """A machine whose names all lead to itself, and a repository on it."""

    stage: Stage
    place: Path
    environment: dict[str, str] = field(default_factory=dict)

    def answers(self, cases: list[dict[str, Any]]) -> list[dict[str, Any]]:
        (self.place / "cases.json").write_text(json.dumps(cases))
        command = f"exec {sys.executable} {roads.__file__} <{self.place}/cases.json"
        done = self.stage.run(["sh", "-c", command], cwd=self.place / "repo", environment=self.environment, seconds=200)
        assert done.code == 0, done
        found: list[dict[str, Any]] = done.document
        return found


@pytest.fixture
def ground(tmp_path: Path) -> Iterator[Ground]:
    reason = why_not()
    if reason is not None:
        pytest.skip(reason)
    (tmp_path / "repo").mkdir()
    subprocess.run(["git", "init", "-q", "repo"], cwd=tmp_path, check=True)
    own = {"GIT_CONFIG_GLOBAL": str(tmp_path / "gitconfig"), "PATH": f"{Path(sys.executable).parent}:{os.defpath}"}
    with Stage(tmp_path) as stage:
        stage.call(dict.fromkeys(("hf.test", "s3.hf.test", "proxy.test", "other.test"), roads.ADDRESS))
        yield Ground(stage, tmp_path, {**os.environ, **own})


def clients(*, xet: bool) -> list[str]:
    found = [name for name in ALL if name in ("huggingface_hub", "requests") or shutil.which(name)]
    return [*found, "hf_xet"] if xet else found


def expected(said: dict[str, Any]) -> tuple[str, str] | None:
    """Door and target, None for one that ends in an error."""
    if said["error"]:
        return None
    if not said["via"]:
        return "straight", ""
    host = said["host"] if said["names"] == "proxy" else roads.ADDRESS
    scheme = urlsplit(said["via"]).scheme
    target = "" if scheme == "https" else f"{host}:{said['port']}"
    return str(urlsplit(said["via"]).port), target


def wrong_ones(cases: list[Case], answers: list[dict[str, Any]]) -> list[str]:
    found = []
    for case, answer in zip(cases, answers, strict=True):
        for client, one in answer.items():
            met = [(door, target) for door, target, _ in one["met"] if target != ":443"][:1]
            said = expected(one["said"])
            if met and met[0][0] == "1080" and not met[0][1] and said is not None:
                said = said[0], ""  # HTTP at the door for SOCKS
            if met != ([] if said is None else [said]):
                found.append(f"{case.name}: {client} met {met}, route.py says {said}; {one['talk'].strip()[-160:]}")
            if case.asks and met:
                login = next((login for _, _, login in one["met"] if login), "")
                if (login == "u:p@s") is one["said"]["misread"]:
                    found.append(f"{case.name}: {client} gave the login {login}, misread is {one['said']['misread']}")
    return found


def held(ground: Ground, cases: list[Case], *, xet: bool) -> list[str]:
    asked = [
        {
            "environment": one.environment,
            "config": one.config,
            "url": one.url,
            "asks": one.asks,
            "clients": clients(xet=xet and one.xet),
        }
        for one in cases
    ]
    return wrong_ones(cases, ground.answers(asked))


@pytest.mark.needs("git", "git-lfs", "curl")
def test_clients_go_where_route_says(ground: Ground) -> None:
    assert held(ground, [case for case in CASES if case.quick], xet=False) == []


@pytest.mark.slow
@pytest.mark.needs("git", "git-lfs", "curl")
def test_clients_go_where_route_says_in_every_case(ground: Ground) -> None:
    assert held(ground, list(CASES), xet=True) == []


# ---------------------------------------------------------------- certificates

CA, FOLDER, OTHER = "{ca}", "{folder}", "{other}"
TRUST: tuple[tuple[dict[str, str], str], ...] = (
    ({}, ""),
    ({"SSL_CERT_FILE": CA}, ""),
    ({"SSL_CERT_DIR": FOLDER}, ""),
    ({"SSL_CERT_FILE": OTHER, "SSL_CERT_DIR": FOLDER}, ""),
    ({"SSL_CERT_FILE": "/not/there"}, ""),
    ({"GIT_SSL_CAINFO": CA}, ""),
    ({"GIT_SSL_CAINFO": ""}, "[http]\n\tsslCAInfo = {ca}"),
    ({"GIT_SSL_CAINFO": OTHER}, "[http]\n\tsslCAInfo = {ca}"),
    ({"GIT_SSL_CAPATH": FOLDER}, ""),
    ({"GIT_SSL_CAINFO": "/not/there"}, ""),
    ({"GIT_SSL_CAPATH": "/not/there"}, ""),
    ({"CURL_CA_BUNDLE": "/not/there"}, ""),
    ({}, "[http]\n\tsslCAInfo = /not/there"),
    ({}, "[http]\n\tsslCAPath = /not/there"),
    ({"GIT_SSL_CAINFO": "/not/there"}, "[http]\n\tsslVerify = false"),
    ({}, "[http]\n\tsslCAInfo = {ca}"),
    ({}, "[http]\n\tsslCAInfo = ~/ca.pem"),
    ({}, "[http]\n\tsslCAPath = {folder}"),
    ({}, '[http "https://hf.test"]\n\tsslCAInfo = {ca}'),
    ({}, '[http "https://s3.hf.test"]\n\tsslCAInfo = {ca}'),
    ({}, '[http "https://hf.test/me"]\n\tsslCAInfo = {ca}'),
    ({"SSL_CERT_FILE": CA}, "[http]\n\tsslCAInfo = {other}"),
    ({}, "[http]\n\tsslVerify = false"),
    ({}, "[http]\n\tsslVerify = 0"),
    ({}, '[http "https://hf.test"]\n\tsslVerify = false'),
    ({}, '[http "https://hf.test"]\n\tsslVerify = no'),
    ({}, '[http]\n\tsslVerify = false\n[http "https://hf.test"]\n\tsslVerify = true'),
    ({"GIT_SSL_NO_VERIFY": "1"}, ""),
    ({"GIT_SSL_NO_VERIFY": "false"}, ""),
    ({"GIT_SSL_NO_VERIFY": ""}, ""),
    ({"CURL_CA_BUNDLE": CA}, ""),
    ({"CURL_CA_BUNDLE": OTHER, "SSL_CERT_FILE": CA}, ""),
    ({"REQUESTS_CA_BUNDLE": CA}, ""),
    ({"REQUESTS_CA_BUNDLE": OTHER, "CURL_CA_BUNDLE": CA}, ""),
    ({}, "[http]\n\tsslCAInfo = {ca}\n\tsslBackend = gnutls"),
    ({}, "[http]\n\tsslCAInfo = {ca}\n\tsslBackend = openssl"),
    ({}, "[http]\n\tsslCAInfo = {ca}\n\tsslBackend = schannel"),
)


def believed(ground: Ground, cases: list[tuple[dict[str, str], str]], *, public: bool) -> list[str]:
    """Who believes another certificate than route.py says: one of a CA that the system has, or of a private one."""
    stage, place = ground.stage, ground.place
    authority = stage.public if public else stage.private
    names = {"ca": place / "ca.pem", "other": place / "other.pem", "folder": place / "folder"}
    names["ca"].write_bytes(stage.private.cert_pem.bytes())
    names["other"].write_bytes(stage.public.cert_pem.bytes())
    names["folder"].mkdir(exist_ok=True)
    (names["folder"] / "ca.pem").write_bytes(stage.private.cert_pem.bytes())
    subprocess.run(["openssl", "rehash", str(names["folder"])], check=True, capture_output=True)
    (Path(os.environ["HOME"]) / "ca.pem").write_bytes(stage.private.cert_pem.bytes())
    (place / "server.pem").write_bytes(authority.issue_cert("hf.test").private_key_and_cert_chain_pem.bytes())
    texts = {name: str(path) for name, path in names.items()}
    asked = [
        {
            "environment": {name: value.format(**texts) for name, value in environment.items()},
            "config": config.format(**texts),
            "url": HUB,
            "clients": clients(xet=False),
            "tls": str(place / "server.pem"),
            "ca": authority.cert_pem.bytes().decode().strip(),
        }
        for environment, config in cases
    ]
    found = []
    for (environment, config), answer in zip(cases, ground.answers(asked), strict=True):
        for client, one in answer.items():
            met = any(door == "believed" for door, _, _ in one["met"])
            if met is not one["said"]["believes"]:
                who = f"{environment} {config.split()}: {client}"
                found.append(f"{who} believed: {met}; {one['said']}; {one['talk'].strip()[-160:]}")
    return found


@pytest.mark.rare
@pytest.mark.needs("git", "git-lfs", "curl", "openssl")
@pytest.mark.parametrize("public", [True, False], ids=["public", "private"])
def test_clients_believe_what_route_says(ground: Ground, public: bool) -> None:
    assert believed(ground, list(TRUST), public=public) == []
