"""A local Hub from words: users, faults, and a folder or port that cannot be used."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from hfpush.commands.hub import HubRequest, serve_hub
from hfpush.errors import LocalTrouble, Misuse


def nobody(line: str) -> None:
    raise AssertionError(f"no Hub should have begun, and one said {line!r}")


@pytest.mark.parametrize("text", ["", "ada", "ada:", ":hf_x", "ada:hf_secret:owner", "ada:hf_secret:read:more"])
def test_a_token_that_cannot_be_read_is_not_repeated(text: str, tmp_path: Path) -> None:
    with pytest.raises(Misuse) as caught:
        serve_hub(HubRequest(root=tmp_path, tokens=("bob:hf_ok:write", text)), announce=nobody)
    assert caught.value.finding.reference == "hub-token"
    assert "hf_secret" not in str(caught.value.finding)


@pytest.mark.parametrize("text", ["", "rain()", "drop_after(", "drop_after(bytes='many')", "status(99, on='put')"])
def test_a_fault_that_cannot_be_read_says_why(text: str, tmp_path: Path) -> None:
    with pytest.raises(Misuse) as caught:
        serve_hub(HubRequest(root=tmp_path, faults=("slow(rate=1)", text)), announce=nobody)
    assert caught.value.finding.reference == "hub-fault"
    assert caught.value.finding.evidence


@pytest.mark.parametrize(
    "text", ["hf.test", "https://", "https://hf.test/hub", "ftp://hf.test", "https://[", "https://h?x"]
)
def test_what_others_call_it_is_an_origin(text: str, tmp_path: Path) -> None:
    for request in (HubRequest(root=tmp_path, url=text), HubRequest(root=tmp_path, storage_url=text)):
        with pytest.raises(Misuse) as caught:
            serve_hub(request, announce=nobody)
        assert caught.value.finding.reference == "hub-address"


def test_a_port_in_use_is_told(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(LocalTrouble) as caught:
        serve_hub(HubRequest(root=tmp_path / "hub", port=taken.getsockname()[1]), announce=nobody)
    assert caught.value.finding.reference == "hub-cannot-serve"
    assert "in use" in caught.value.finding.message


def test_a_root_that_is_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LocalTrouble) as caught:
        serve_hub(HubRequest(root=tmp_path / "file"), announce=nobody)
    assert caught.value.finding.reference == "hub-cannot-serve"


def test_a_request_does_not_show_its_tokens() -> None:
    assert "hf_secret" not in repr(HubRequest(tokens=("ada:hf_secret",)))
