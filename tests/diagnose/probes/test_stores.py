"""The certificates that a client would check with."""

from __future__ import annotations

from pathlib import Path

import pytest
import trustme

from hfpush.diagnose.facts.machine import Client
from hfpush.diagnose.facts.ways import Way
from hfpush.diagnose.probes.stores import Unusable, store_of


@pytest.fixture
def ca(tmp_path: Path) -> Path:
    file = tmp_path / "ca.pem"
    trustme.CA().cert_pem.write_to_path(str(file))
    return file


def way(client: Client, *trust: Path | str, store: str = "") -> Way:
    return Way(client, "hub", "hub.test", 443, store=store, trust=tuple(map(str, trust)))


@pytest.mark.parametrize("client", ["git", "git-lfs", "huggingface_hub", "curl"])
def test_what_is_named_replaces_the_roots(client: Client, ca: Path) -> None:
    store = store_of(way(client, ca))
    assert store.loaded == (str(ca),)
    assert store.context.cert_store_stats()["x509_ca"] == 1


def test_what_nobody_named_may_be_missing(ca: Path) -> None:
    assert store_of(way("curl", "/no/such/roots.pem", ca, store="system")).loaded == (str(ca),)
    assert store_of(way("curl", ca, "/no/such/folder", store="CURL_CA_BUNDLE")).loaded == (str(ca),)


@pytest.mark.parametrize("client", ["git", "git-lfs", "hfpush"])
def test_of_a_folder_some_read_every_file(client: Client, ca: Path) -> None:
    (ca.parent / "notes.txt").write_text("no certificate")
    assert store_of(way(client, ca.parent)).context.cert_store_stats()["x509_ca"] >= 1


@pytest.mark.parametrize("client", ["git", "curl", "huggingface_hub", "hfpush"])
def test_a_file_that_is_not_there_ends_most(client: Client, tmp_path: Path) -> None:
    with pytest.raises(Unusable, match="no-such-file"):
        store_of(way(client, tmp_path / "no-such-file"))


def test_go_takes_what_else_there_is(ca: Path) -> None:
    store = store_of(way("git-lfs", ca.parent / "no", ca.parent, store="SSL_CERT_FILE"))
    assert store.loaded == (str(ca.parent),)


def test_a_folder_of_openssls_is_looked_up_by_its_hashes(ca: Path) -> None:
    (ca.parent / "0123abcd.0").symlink_to(ca)
    assert store_of(way("git", ca.parent)).context.cert_store_stats()["x509_ca"] == 0


def test_a_file_without_a_certificate_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "empty.pem").write_text("nothing")
    with pytest.raises(Unusable):
        store_of(way("curl", tmp_path / "empty.pem"))
