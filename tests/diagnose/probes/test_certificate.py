"""What stands in a certificate."""

from __future__ import annotations

import datetime
import hashlib
import ssl

import trustme
from hypothesis import given
from hypothesis import strategies as st

from hfpush.diagnose.facts.tls import Certificate
from hfpush.diagnose.probes.certificate import read_certificate

AUTHORITY = trustme.CA(organization_name="Ada's Office", organization_unit_name="Inspection")
END = datetime.datetime(2031, 2, 3, 4, 5, 6, tzinfo=datetime.timezone.utc)
ISSUED = AUTHORITY.issue_cert("hub.test", "*.cdn.test", "10.1.2.3", "::1", not_after=END)
DER = ssl.PEM_cert_to_DER_cert(ISSUED.cert_chain_pems[0].bytes().decode())


def test_issuer_names_and_times_are_read() -> None:
    found = read_certificate(DER)
    assert found is not None
    assert found.issuer == "Ada's Office, Inspection"
    assert found.names == ("hub.test", "*.cdn.test", "10.1.2.3", "::1")
    assert found.ends == END.timestamp()
    assert found.begins < found.ends
    assert found.fingerprint == hashlib.sha256(DER).hexdigest()
    assert "Testing cert" in found.subject


def test_a_year_of_two_digits_is_of_the_century_that_the_standard_says() -> None:
    issued = AUTHORITY.issue_cert("x.test", not_before=datetime.datetime(1999, 1, 1), not_after=END)
    found = read_certificate(ssl.PEM_cert_to_DER_cert(issued.cert_chain_pems[0].bytes().decode()))
    assert found is not None
    assert datetime.datetime.fromtimestamp(found.begins, datetime.timezone.utc).year == 1999


@given(st.binary(max_size=200))
def test_what_is_none_is_none(data: bytes) -> None:
    assert read_certificate(data) is None


@given(st.integers(0, len(DER) - 1), st.integers(0, 255))
def test_a_damaged_one_raises_nothing(at: int, byte: int) -> None:
    found = read_certificate(DER[:at] + bytes([byte]) + DER[at + 1 :])
    assert found is None or isinstance(found, Certificate)
