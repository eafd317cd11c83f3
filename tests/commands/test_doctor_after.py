"""A run that the network stopped: it ends with the cause where that is certain, and with its own words otherwise."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.tls_doors import TlsDoor, resets, says

from hfpush.commands.doctor_after import with_cause
from hfpush.endpoints import RepoAddress
from hfpush.errors import HfpushError, Unavailable
from hfpush.findings import Finding
from hfpush.settings import load_settings

SEEN = "GET https://127.0.0.1: it did not work"


def failed(reference: str, seen: str = SEEN) -> HfpushError:
    return Unavailable(Finding(reference, "It did not work.", (seen,), ("check this", "tell its owner")))


def after(url: str, place: Path, failure: HfpushError, **environment: str) -> Finding:
    env = {"HF_ENDPOINT": url, "HFPUSH_STATE_DIR": str(place / "state"), "HF_HOME": str(place / "hf"), **environment}
    settings = load_settings({}, env, user_file=place / "none.yaml")
    repo = RepoAddress.parse(settings.usual_endpoint, "local/model", "model")
    return with_cause(settings, repo, None, "fetch", failure)


def test_the_cause_takes_the_place_of_the_symptom_and_keeps_what_was_seen(tmp_path: Path) -> None:
    with TlsDoor(says(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as door:
        found = after(f"https://127.0.0.1:{door.port}", tmp_path, failed("tls-failed"))
    assert found.reference == "tls-plaintext"
    assert found.evidence[-1] == SEEN
    assert found.remedy[-2:] == ("tell its owner", "then run the same command again; it goes on where it was")


@pytest.mark.parametrize(
    ("reference", "seen"), [("tls-failed", "GET https://other.test: no"), ("redirect-refused", SEEN)]
)
def test_a_cause_of_something_else_leaves_the_runs_own_words(tmp_path: Path, reference: str, seen: str) -> None:
    """Of another host; of a server's answer, where TLS does not come about."""
    with TlsDoor(says(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as door:
        failure = failed(reference, seen)
        assert after(f"https://127.0.0.1:{door.port}", tmp_path, failure) == failure.finding


def test_what_is_not_certain_leaves_the_runs_own_words(tmp_path: Path) -> None:
    with TlsDoor(resets) as door:
        failure = failed("connection-cut")
        assert after(f"https://127.0.0.1:{door.port}", tmp_path, failure) == failure.finding


@pytest.mark.parametrize("reference", ["token-missing", "disk-full", "content-mismatch"])
def test_what_is_no_matter_of_the_network_is_not_looked_at(tmp_path: Path, reference: str) -> None:
    with TlsDoor(resets) as door:
        failure = failed(reference)
        assert after(f"https://127.0.0.1:{door.port}", tmp_path, failure) == failure.finding
        assert door.hellos == []


def test_offline_nobody_is_asked(tmp_path: Path) -> None:
    failure = failed("connection-refused")
    assert after("http://127.0.0.1:9", tmp_path, failure, HF_HUB_OFFLINE="1") == failure.finding
