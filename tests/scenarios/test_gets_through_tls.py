"""Handshakes that are reset and certificates that nobody knows: stock `git push` fails, `hfpush publish` arrives.

docs/gets-through.md has the words of each.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from support.hellos import is_of_gnutls
from support.pushes import Pushes, last_words
from support.stage import Stage

pytestmark = pytest.mark.needs("git-lfs", "ip", "nft")


def test_every_second_handshake_is_reset(stage: Stage, tmp_path: Path) -> None:
    hub = stage.hub()
    pushes = Pushes(stage, hub, tmp_path)
    for name in ("hf.test", "s3.hf.test"):
        stage.at(name).reset_handshakes("10")
    stock = pushes.stock()
    assert stock.code == 128, stock
    assert "Connection reset by peer" in last_words(stock) or "Error in the pull function" in last_words(stock)
    said = pushes.publish()
    assert said.code == 0, said
    assert pushes.arrived()
    assert stage.at("hf.test").resets >= 2
    assert stage.at("s3.hf.test").resets >= 1
    for name in ("hf.test", "s3.hf.test"):
        stage.at(name).reset_handshakes("0")
    assert pushes.cloned() == pushes.large


@pytest.mark.slow
def test_handshakes_of_gits_own_tls_library_are_reset(stage: Stage, tmp_path: Path) -> None:
    hub = stage.hub()
    pushes = Pushes(stage, hub, tmp_path)
    stage.at("hf.test").reset_hellos(is_of_gnutls)
    stock = pushes.stock()
    if stock.code == 0:
        pytest.skip("git here has another TLS library than GnuTLS")
    assert "Connection reset by peer" in last_words(stock) or "Error in the pull function" in last_words(stock)
    seen = stage.at("hf.test").resets
    said = pushes.publish()
    assert said.code == 0, said
    assert pushes.arrived()
    assert stage.at("hf.test").resets == seen


@pytest.mark.parametrize(
    ("case", "words"),
    [
        ("private_storage", "x509: certificate signed by unknown authority"),
        pytest.param("private", "server certificate verification failed", marks=pytest.mark.slow),
    ],
)
def test_a_private_authority_that_only_hfpush_is_told_of(case: str, words: str, stage: Stage, tmp_path: Path) -> None:
    hub = stage.hub(**{case: True})
    pushes = Pushes(stage, hub, tmp_path)
    stock = pushes.stock()
    assert stock.code not in (0, None), stock
    assert words in last_words(stock)
    untold = pushes.publish(HFPUSH_ATTEMPTS="2")
    assert (untold.code, untold.reference) == (1, "tls-untrusted"), untold
    ca = tmp_path / "private.pem"
    stage.private.cert_pem.write_to_path(str(ca))
    (pushes.settings / "config.yaml").write_text(f"ca_bundle: {ca}\n")
    said = pushes.publish()
    assert said.code == 0, said
    assert pushes.arrived()
