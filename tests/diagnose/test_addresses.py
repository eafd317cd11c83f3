"""Addresses that cannot be right, and those that may be."""

from __future__ import annotations

import pytest

from hfpush.diagnose.addresses import kind_of, means_this_machine


@pytest.mark.parametrize(
    ("address", "host", "kind"),
    [
        ("18.164.174.55", "huggingface.co", "public"),
        ("2600:9000:24eb::1", "huggingface.co", "public"),
        ("10.1.2.3", "hub.lab.example", "private"),
        ("fd77::2", "hub.lab.example", "private"),
        ("169.254.3.4", "hub.lab.example", "private"),
        ("0.0.0.0", "huggingface.co", "sinkhole"),
        ("0.0.0.5", "huggingface.co", "sinkhole"),
        ("::", "huggingface.co", "sinkhole"),
        ("127.0.0.1", "huggingface.co", "sinkhole"),
        ("::ffff:127.0.0.1", "huggingface.co", "sinkhole"),
        ("::1", "huggingface.co", "sinkhole"),
        ("127.0.0.1", "localhost", "private"),
        ("127.0.0.1", "hub.localhost", "private"),
        ("127.0.1.1", "workstation", "private"),
        ("127.0.0.1", "127.0.0.1", "private"),
        ("198.18.0.7", "huggingface.co", "fake"),
        ("198.19.255.255", "huggingface.co", "fake"),
        ("198.20.0.1", "huggingface.co", "public"),
        ("fc00::12", "huggingface.co", "fake"),
        ("224.0.0.1", "huggingface.co", "wrapper"),
        ("fe80::1%eth0", "hub.lab.example", "private"),
        ("no address", "huggingface.co", "public"),
    ],
)
def test_an_address_has_its_kind(address: str, host: str, kind: str) -> None:
    assert kind_of(address, host) == kind


def test_what_a_preloaded_library_makes_up_is_its_own() -> None:
    assert kind_of("127.0.0.2", "huggingface.co", wrapped=True) == "wrapper"
    assert kind_of("18.164.174.55", "huggingface.co", wrapped=True) == "public"


def test_a_name_with_a_dot_is_another_machine() -> None:
    assert means_this_machine("workstation")
    assert not means_this_machine("huggingface.co")
