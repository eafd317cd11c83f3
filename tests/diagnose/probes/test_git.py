"""git, asked in its own right: its words and what they amount to, and what it is given."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from hfpush.diagnose.facts.git import GitAsked
from hfpush.diagnose.probes.git import MOST_TRIES, ask_git, judged

ASKED = GitAsked("https://hf.test/a/b", "hf.test:443 straight")
_FATAL = "fatal: unable to access 'https://hf.test/a/b/': "


@pytest.mark.parametrize(
    ("words", "outcome", "reference"),
    [
        (_FATAL + "Recv failure: Connection reset by peer", "failed", "tls-reset"),
        (_FATAL + "Error in the pull function.", "failed", "tls-reset"),
        (_FATAL + "OpenSSL SSL_connect: Connection reset by peer in connection to hf.test:443", "failed", "tls-reset"),
        (_FATAL + "gnutls_handshake() failed: Handshake failed", "failed", "tls-version"),
        (_FATAL + "Could not resolve host: hf.test", "failed", "name-unresolved"),
        (_FATAL + "server certificate verification failed. CAfile: none CRLfile: none", "failed", "tls-untrusted"),
        (_FATAL + "CONNECT tunnel failed, response 407", "failed", "proxy-login"),
        (_FATAL + "The requested URL returned error: 404", "answered", "repo-not-found"),
        (_FATAL + "The requested URL returned error: 403", "answered", "no-permission"),
        (
            "fatal: could not read Username for 'https://hf.test': terminal prompts disabled",
            "answered",
            "token-missing",
        ),
        ("remote: Repository not found\nfatal: repository 'https://hf.test/a/b/' not found", "answered", ""),
        ("fatal: unable to access 'https://other.test/a/': Error in the pull function.", "unknown", ""),
        ("fatal: transport 'ssh' not allowed", "unknown", ""),
        ("", "unknown", ""),
    ],
)
def test_what_git_says_tells_whether_an_answer_came(words: str, outcome: str, reference: str) -> None:
    found = judged(ASKED, 128, words)
    assert (found.outcome, found.reference if reference else "") == (outcome, reference)
    assert found.failed == (outcome == "failed")


def test_a_git_that_ends_well_or_not_at_all_needs_no_words() -> None:
    assert judged(ASKED, 0, "warning: x").outcome == "ok"
    assert (judged(ASKED, None, "").outcome, judged(ASKED, None, "").failed) == ("late", 1)


def test_no_secret_is_in_what_is_kept() -> None:
    said = "fatal: unable to access 'https://me:hf_" + "a" * 34 + "@hf.test/a/b/': Error in the pull function."
    assert "hf_a" not in repr(judged(ASKED, 128, said))
    assert "hf_a" not in repr(ask_git("https://me:hf_" + "a" * 34 + "@127.0.0.1:1/a", "", os.environ, 4.0))


@contextmanager
def answering(*, reset: bool) -> Iterator[tuple[int, list[int]]]:
    """A port that resets each connection at its first bytes, or never says a word; and how many came."""
    came: list[int] = []
    kept: list[socket.socket] = []

    def serve() -> None:
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                came.append(1)
                kept.append(client)
                if reset:
                    client.recv(1)  # the rest is not read: so it is reset
                    client.close()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield listener.getsockname()[1], came
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(5)
            for one in kept:
                one.close()


def test_git_is_asked_again_where_no_answer_came() -> None:
    with answering(reset=True) as (port, came):
        found = ask_git(f"https://127.0.0.1:{port}/a/b", "x", os.environ, 8.0)
    assert found is not None
    assert (found.outcome, found.tries, found.failed, len(came)) == ("failed", MOST_TRIES, MOST_TRIES, MOST_TRIES)
    assert found.reference in ("tls-reset", "tls-closed", "connection-cut")


def test_a_git_that_hangs_is_dead_in_time() -> None:
    began = time.monotonic()
    with answering(reset=False) as (port, _):
        found = ask_git(f"https://127.0.0.1:{port}/a/b", "x", os.environ, 0.5)
    assert found is not None
    assert found.outcome == "late"
    assert time.monotonic() - began < 5


def test_without_git_there_is_no_answer() -> None:
    assert ask_git("https://hf.test/a/b", "x", os.environ, 1.0, program="no-such-git") is None


def test_no_header_of_the_users_goes_along(tmp_path: Path) -> None:
    heads: list[bytes] = []

    def serve(listener: socket.socket) -> None:
        client, _ = listener.accept()
        with client:
            heads.append(client.recv(65536))
            client.sendall(b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,), daemon=True)
        thread.start()
        place = f"http://127.0.0.1:{listener.getsockname()[1]}"
        config = tmp_path / "config"
        config.write_text(
            f'[http]\n extraHeader = "Authorization: one"\n[http "{place}/a"]\n extraHeader = "Authorization: two"\n'
            '[credential]\n helper = "!f() { echo username=me; echo password=three; }; f"\n'
        )
        found = ask_git(f"{place}/a/b", "x", {**os.environ, "GIT_CONFIG_GLOBAL": str(config)}, 4.0)
        thread.join(5)
    assert found is not None
    assert (found.outcome, found.reference) == ("answered", "token-missing")
    assert len(heads) == 1
    assert b"authorization" not in heads[0].lower()


def test_git_has_the_users_environment_without_tokens_traces_and_the_callers_repository(tmp_path: Path) -> None:
    program, seen = tmp_path / "git", tmp_path / "seen"
    program.write_text(f"#!/bin/sh\n{{ pwd; printf '%s\\n' \"$@\"; env; }} >'{seen}'\nexit 0\n")
    program.chmod(0o755)
    kept = {"HTTPS_PROXY": "http://p:1", "GIT_SSL_CAINFO": "/ca.pem", "HOME": "/h", "PATH": os.environ["PATH"]}
    gone = {
        "HF_TOKEN": "t",
        "HUGGING_FACE_HUB_TOKEN": "t",
        "GIT_DIR": "/r",
        "GIT_TRACE_CURL": "1",
        "GIT_CURL_VERBOSE": "1",
    }
    found = ask_git("https://hf.test/a/b", "x", kept | gone | {"GIT_ASKPASS": "ask"}, 4.0, program=str(program))
    assert found is not None
    assert found.outcome == "ok"
    lines = seen.read_text().splitlines()
    assert lines[0] == "/"
    assert {f"{name}={value}" for name, value in kept.items()} <= set(lines)
    assert not {line.partition("=")[0] for line in lines} & set(gone)
    assert {"GIT_TERMINAL_PROMPT=0", "GIT_ASKPASS=", "credential.helper=", "http.followRedirects=false"} <= set(lines)
