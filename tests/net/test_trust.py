"""CA files: all that are named count together with the usual roots, and one that is none is told with its place."""

from __future__ import annotations

import os
import re
import ssl
import stat
from contextlib import suppress
from pathlib import Path

import pytest
import trustme
from requests.certs import where  # type: ignore[attr-defined]  # of certifi

from hfpush.endpoints import Endpoint
from hfpush.errors import Misuse
from hfpush.net.git_settings import GitNetwork, GitSetting
from hfpush.net.trust import NamedCa, bundle, context, merged, named_cas

ONE, OTHER = trustme.CA(), trustme.CA()
LEAF = ONE.issue_cert("hub.test")


def pem(authority: trustme.CA) -> bytes:
    return authority.cert_pem.bytes()


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "one.pem").write_bytes(b"# our office\n" + pem(ONE))
    (tmp_path / "other.pem").write_bytes(pem(OTHER).replace(b"\n", b"\r\n"))
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "a.crt").write_bytes(pem(OTHER))
    (tmp_path / "folder" / "README").write_bytes(b"nothing\n")
    (tmp_path / "empty.pem").write_bytes(b"")
    (tmp_path / "key.pem").write_bytes(pem(ONE) + LEAF.private_key_pem.bytes())
    (tmp_path / "der.pem").write_bytes(ssl.PEM_cert_to_DER_cert(pem(ONE).decode()))
    (tmp_path / "text.pem").write_bytes(b"BEGIN CERTIFICATE")
    (tmp_path / "damaged.pem").write_bytes(b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n")
    return tmp_path


def shown(path: Path) -> set[bytes]:
    found = re.findall(rb"-----BEGIN CERTIFICATE-----\n[^-]+-----END CERTIFICATE-----", path.read_bytes())
    return {b"".join(one.split()) for one in found}


def flat(data: bytes) -> bytes:
    return b"".join(data.split())


def test_everything_that_is_named_counts_together_with_the_usual_roots(files: Path) -> None:
    named = [NamedCa(str(files / "one.pem"), "A"), NamedCa(str(files / "folder"), "B")]
    made = bundle(named, files / "state")
    assert {flat(pem(ONE)), flat(pem(OTHER))} <= shown(made)
    assert len(shown(made)) >= shown(Path(where())).__len__() + 2
    assert stat.S_IMODE(made.stat().st_mode) == 0o644
    ssl.create_default_context(cafile=str(made))
    assert [path.name for path in (files / "state").iterdir()] == [made.name]


def test_the_same_certificates_make_the_same_file_which_is_not_written_again(files: Path) -> None:
    one = bundle([NamedCa(str(files / "other.pem"), "A")], files / "state")
    before = one.stat()
    again = bundle([NamedCa(str(files / "folder"), "B")], files / "state")
    assert (again, again.stat().st_mtime_ns, again.stat().st_ino) == (one, before.st_mtime_ns, before.st_ino)
    one.write_bytes(b"damaged")
    assert flat(pem(OTHER)) in shown(bundle([NamedCa(str(files / "other.pem"), "A")], files / "state"))


def test_a_folder_that_is_not_there_or_empty_adds_nothing(files: Path) -> None:
    (files / "empty").mkdir()
    named = named_cas({"SSL_CERT_DIR": f"{files / 'none'}{os.pathsep}{files / 'empty'}"})
    assert bundle(named, files / "state") == bundle((), files / "state")


def test_where_nothing_is_named_there_is_no_file(files: Path) -> None:
    assert merged((), files / "state") is None
    assert not (files / "state").exists()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("none.pem", "No such file"),
        ("empty.pem", "no BEGIN CERTIFICATE"),
        ("text.pem", "no BEGIN CERTIFICATE"),
        ("der.pem", "DER"),
        ("key.pem", "private key"),
        ("damaged.pem", ""),
    ],
)
def test_a_file_that_is_none_is_told_with_its_variable(files: Path, name: str, words: str) -> None:
    with pytest.raises(Misuse) as caught:
        bundle(named_cas({"SSL_CERT_FILE": str(files / name)}), files / "state")
    finding = caught.value.finding
    assert finding.reference == "ca-file-unusable"
    assert "SSL_CERT_FILE" in finding.message
    assert f"SSL_CERT_FILE: {files / name}" in finding.evidence
    assert "unset SSL_CERT_FILE" in finding.remedy
    assert words in "".join(finding.evidence) + finding.message


def test_who_names_what(files: Path) -> None:
    git = GitNetwork((GitSetting("sslcainfo", "/git.pem", None, "/f", 4), GitSetting("sslcainfo", "/a.pem")))
    named = named_cas(
        {
            "REQUESTS_CA_BUNDLE": "/a.pem",
            "CURL_CA_BUNDLE": "/b.pem",
            "SSL_CERT_FILE": "",
            "GIT_SSL_CAINFO": "/a.pem",
            "SSL_CERT_DIR": f"/c{os.pathsep}/d",
        },
        endpoint=Endpoint("mine", "https://hub.test", ca_bundle="/e.pem"),
        configured="/g.pem",
        git=git,
    )
    assert [(ca.path, ca.by) for ca in named] == [
        ("/a.pem", "REQUESTS_CA_BUNDLE"),
        ("/b.pem", "CURL_CA_BUNDLE"),
        ("/c", "SSL_CERT_DIR"),
        ("/d", "SSL_CERT_DIR"),
        ("/e.pem", "ca_bundle of the endpoint mine"),
        ("/g.pem", "ca_bundle of hfpush's settings"),
        ("/git.pem", "http.sslCAInfo (/f, line 4)"),
    ]
    assert named_cas({}) == ()


def handshake(trusting: ssl.SSLContext, certificate: trustme.LeafCert) -> None:
    """A whole handshake in memory, without a wire."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(server)
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    client_side = trusting.wrap_bio(to_client, to_server, server_hostname="hub.test")
    server_side = server.wrap_bio(to_server, to_client, server_side=True)
    for _ in range(4):
        for side in (client_side, server_side):
            with suppress(ssl.SSLWantReadError):
                side.do_handshake()


def test_connections_trust_what_is_in_the_bundle_and_nothing_else(files: Path) -> None:
    trusting = context(str(files / "one.pem"))
    handshake(trusting, LEAF)
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(trusting, OTHER.issue_cert("hub.test"))
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(trusting, ONE.issue_cert("other.test"))
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(context(None), LEAF)
    assert context(str(files / "one.pem")) is trusting


def test_a_certificate_that_is_no_cas_is_trusted_where_it_is_named(files: Path) -> None:
    (files / "leaf.pem").write_bytes(LEAF.cert_chain_pems[0].bytes())
    handshake(context(str(files / "leaf.pem")), LEAF)


def test_without_a_bundle_the_environment_counts(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CURL_CA_BUNDLE", str(files / "one.pem"))
    handshake(context(None), LEAF)
    monkeypatch.setenv("CURL_CA_BUNDLE", str(files / "none.pem"))
    with pytest.raises(Misuse) as caught:
        context(None)
    assert "CURL_CA_BUNDLE" in caught.value.finding.message


def test_a_bundle_that_changed_is_read_again(files: Path) -> None:
    place = files / "one.pem"
    first = context(str(place))
    place.write_bytes(pem(OTHER))
    os.utime(place, ns=(1, 1))
    assert context(str(place)) is not first
