"""The environment is read once for an origin, and the answer is the one that requests itself would give."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import requests

from hfpush.net.session import Session

URLS = [
    "http://hub.example/a",
    "https://hub.example/a",
    "https://hub.example:8443/a",
    "https://other.example/a",
    "http://127.0.0.1:1/a",
    "http://[::1]:1/a",
]


@pytest.fixture(autouse=True)
def surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Proxies, exceptions from them and a file of certificates, all in the environment."""
    monkeypatch.setenv("http_proxy", "http://plain.example:1")
    monkeypatch.setenv("https_proxy", "http://tls.example:2")
    monkeypatch.setenv("no_proxy", "127.0.0.1,other.example")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "ca.pem"))


def settings_of(session: requests.Session, url: str, **more: Any) -> dict[str, Any]:
    given: dict[str, Any] = {"proxies": {}, "stream": True, "verify": None, "cert": None} | more
    return dict(session.merge_environment_settings(url, **given))


@pytest.mark.parametrize("url", URLS)
@pytest.mark.parametrize("more", [{}, {"stream": False}, {"verify": "own.pem"}, {"verify": False}])
def test_the_settings_are_those_of_requests_the_first_time_and_the_next(url: str, more: dict[str, Any]) -> None:
    with Session() as ours, requests.Session() as theirs:
        for other in (*URLS, url, url):  # whatever was asked before
            assert settings_of(ours, other, **more) == settings_of(theirs, other, **more)


def test_settings_of_one_kind_are_not_taken_for_another() -> None:
    with Session() as session:
        assert settings_of(session, URLS[1], verify="own.pem")["verify"] == "own.pem"
        assert settings_of(session, URLS[1])["verify"] == os.environ["REQUESTS_CA_BUNDLE"]
        assert settings_of(session, URLS[1], stream=False)["stream"] is False
        assert settings_of(session, URLS[1], stream=True)["stream"] is True


def test_an_origin_is_looked_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with Session() as session:
        before = settings_of(session, "https://hub.example/a")
        monkeypatch.setenv("https_proxy", "http://new.example:3")
        assert settings_of(session, "https://hub.example/b") == before
        assert settings_of(session, "https://third.example/b")["proxies"]["https"] == "http://new.example:3"


def test_what_a_caller_does_to_the_settings_does_not_stay() -> None:
    with Session() as session:
        settings_of(session, URLS[1])["verify"] = False
        assert settings_of(session, URLS[1])["verify"] == os.environ["REQUESTS_CA_BUNDLE"]
