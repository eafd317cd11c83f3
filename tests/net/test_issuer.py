"""The issuer of a certificate, read from its bytes."""

from __future__ import annotations

import ssl

import pytest
import trustme
from hypothesis import given
from hypothesis import strategies as st

from hfpush.net.issuer import issuer_of

AUTHORITY = trustme.CA(organization_name="Ada's Office", organization_unit_name="Inspection")
DER = ssl.PEM_cert_to_DER_cert(AUTHORITY.issue_cert("hub.test").cert_chain_pems[0].bytes().decode())


def test_the_issuer_is_named() -> None:
    assert issuer_of(DER) == "Ada's Office, Inspection"


@given(st.binary(max_size=200))
def test_what_is_no_certificate_has_none(data: bytes) -> None:
    assert issuer_of(data) is None or isinstance(issuer_of(data), str)


@pytest.mark.parametrize("length", [0, 1, 2, 4, 10, 100])
def test_a_certificate_that_is_cut_has_none(length: int) -> None:
    assert issuer_of(DER[:length]) is None


@given(st.integers(0, len(DER) - 1), st.integers(0, 255))
def test_a_damaged_one_raises_nothing(at: int, byte: int) -> None:
    found = issuer_of(DER[:at] + bytes([byte]) + DER[at + 1 :])
    assert found is None or found
