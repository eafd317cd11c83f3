"""Doctor gives a token to the endpoint that the user trusts, and to nobody that this one names or sends to."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.command_line import git, make_repo
from support.told_server import ToldServer, hub_of

pytestmark = pytest.mark.needs("git")
TOKEN = "hf_theUsersOwnTokenOfTheHubItself"
OTHERS = ("another-token-kept-for-it", "the-helpers-password", "header-secret", "rewritten-secret")


def with_secret(server: ToldServer) -> list[str]:
    """The requests that came with anything that opens a door."""
    return [
        request
        for request, headers in server.heard
        if {"authorization", "cookie", "x-secret"} & {name.lower() for name in headers}
        or any(secret in f"{request} {headers}" for secret in (TOKEN, *OTHERS))
    ]


@pytest.fixture
def stranger() -> Iterator[ToldServer]:
    with ToldServer(lambda path, body: (401, {"WWW-Authenticate": "Basic realm=x"}, b"")).running() as server:
        yield server


def run(*words: str, **more: str) -> Any:
    done = subprocess.run(
        [sys.executable, "-m", "hfpush", "doctor", "--json", *words],
        env={**os.environ, "HF_TOKEN": TOKEN, **more},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert b"Traceback" not in done.stderr
    for secret in (TOKEN, *OTHERS):
        assert secret.encode() not in done.stdout + done.stderr
    return json.loads(done.stdout)


def kept(name: str, url: str, *flags: str) -> None:
    add = ["endpoint", "add", name, url, "--kind", "hub", "--token-stdin", *flags]
    command = [sys.executable, "-m", "hfpush", *add]
    subprocess.run(command, input=f"{OTHERS[0]}\n".encode(), check=True, capture_output=True)
    if "--trust" not in flags:
        words = [sys.executable, "-m", "hfpush", "endpoint", "trust", name, "--no-trust"]
        subprocess.run(words, check=True, capture_output=True)


def test_an_endpoint_without_trust_hears_no_secret_from_anything_of_the_users(
    stranger: ToldServer, tmp_path: Path
) -> None:
    kept("astray", stranger.url)
    repo = make_repo(tmp_path / "repo", {"a.bin": b"x" * 2000})
    git(repo, "remote", "add", "origin", f"{stranger.url}/ada/model")
    helper = f"!f() {{ echo username=me; echo password={OTHERS[1]}; }}; f"
    git(repo, "config", "--global", f"credential.{stranger.url}.helper", helper)
    git(repo, "config", "--global", "http.extraHeader", f"X-Secret: {OTHERS[2]}")
    git(repo, "config", "--global", f"http.{stranger.url}/.extraHeader", f"X-Secret: {OTHERS[2]}")
    rewritten = stranger.url.replace("://", f"://me:{OTHERS[3]}@")
    git(repo, "config", "--global", f"url.{rewritten}/.insteadOf", f"{stranger.url}/")
    report = run(str(repo), "--endpoint", "astray")
    assert report["facts"]["question"]["trusted"] is False
    assert len(stranger.heard) > 3
    assert with_secret(stranger) == []


@pytest.mark.parametrize("status", [302, pytest.param(308, marks=pytest.mark.rare)])
def test_where_a_trusted_endpoint_redirects_to_no_token_goes(status: int, stranger: ToldServer) -> None:
    with ToldServer(lambda path, body: (status, {"Location": f"{stranger.url}{path}"}, b"")).running() as hub:
        kept("room", hub.url, "--trust")
        run("--endpoint", "room", "--repo", "ada/model")
        assert with_secret(hub), "the endpoint itself has it"
    assert stranger.heard
    assert with_secret(stranger) == []


@pytest.mark.slow
def test_a_portal_that_answers_for_the_hub_by_redirects_without_end_gets_no_more_than_six_requests_a_question(
    stranger: ToldServer,
) -> None:
    stranger.answer = lambda path, body: (302, {"Location": f"{stranger.url}/{len(stranger.heard)}"}, b"")
    with ToldServer(lambda path, body: (302, {"Location": f"{stranger.url}/login"}, b"")).running() as hub:
        kept("room", hub.url, "--trust")
        report = run("--endpoint", "room", "--repo", "ada/model")
        assert len(stranger.heard) <= 6 * len(hub.heard)
    assert report["well"] is False
    assert with_secret(stranger) == []


@pytest.mark.slow
def test_the_storage_the_check_the_end_and_xet_of_a_hub_hear_no_token(stranger: ToldServer) -> None:
    stranger.answer = lambda path, body: (200, {}, b"")
    with ToldServer(hub_of(lambda: stranger.url)).running() as hub:
        kept("room", hub.url, "--trust")
        run("--endpoint", "room", "--repo", "ada/model")
        assert with_secret(hub), "the endpoint itself has it"
    assert {"PUT /put", "POST /verify"} <= {request for request, _ in stranger.heard}
    assert with_secret(stranger) == []
