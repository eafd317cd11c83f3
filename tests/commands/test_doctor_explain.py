"""What a reference means, from the page that lists all of them."""

from __future__ import annotations

import pytest

from hfpush.commands.doctor_explain import explained
from hfpush.errors import Misuse


def test_a_section_is_told_without_its_links() -> None:
    text = explained("TLS-untrusted ")
    assert text.startswith("tls-untrusted\n\n")
    assert "](" not in text
    assert "### " not in text


def test_one_that_is_misspelt_is_told_with_those_that_are_alike() -> None:
    with pytest.raises(Misuse) as caught:
        explained("tls-untrustd")
    assert caught.value.finding.remedy[0] == "hfpush doctor --explain tls-untrusted"
