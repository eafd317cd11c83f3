"""Questions to name servers and their answers, also answers that are none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.name_server import answer

from hfpush.diagnose.dns_message import Reply, parse_reply, question

ASKED = question("hf.test", 77)


@pytest.mark.parametrize(
    ("names", "reply"),
    [
        ({"hf.test": ["10.0.0.1", "fd77::1", "10.0.0.2"]}, Reply("NOERROR", ("10.0.0.1", "10.0.0.2"))),
        ({"hf.test": []}, Reply("NOERROR")),
        ({}, Reply("NXDOMAIN")),
        ({"hf.test": "SERVFAIL"}, Reply("SERVFAIL")),
        ({"*": "REFUSED"}, Reply("REFUSED")),
    ],
)
def test_what_a_server_says_is_understood(names: dict[str, list[str] | str], reply: Reply) -> None:
    said = answer(names, ASKED)
    assert said is not None
    assert parse_reply(said, ASKED) == reply


def test_an_answer_to_another_question_is_none() -> None:
    other_number, other_name = answer({}, question("hf.test", 78)), answer({}, question("s3.test", 77))
    assert other_number is not None
    assert other_name is not None
    assert parse_reply(other_number, ASKED) is None
    assert parse_reply(other_name, ASKED) is None
    assert parse_reply(ASKED, ASKED) is None, "a question is no answer"


def test_a_refusal_without_the_question_counts() -> None:
    assert parse_reply(ASKED[:2] + b"\x80\x05" + bytes(8), ASKED) == Reply("REFUSED")


@pytest.mark.parametrize("host", ["", "a..b", "x" * 64 + ".test"])
def test_what_is_no_name_cannot_be_asked_for(host: str) -> None:
    with pytest.raises(ValueError):  # UnicodeError is one
        question(host, 1)


@given(st.binary(max_size=300))
def test_garbage_is_read_to_its_end(tail: bytes) -> None:
    head = ASKED[:2] + b"\x81\x80\x00\x01\x00\x09" + bytes(4) + ASKED[12:]
    said = parse_reply(head + tail, ASKED)
    assert said is not None
    assert said.code == "NOERROR"
    parse_reply(ASKED[:2] + tail, ASKED)
