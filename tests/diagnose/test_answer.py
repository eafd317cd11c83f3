"""HTTP answers off a socket, whole and in pieces."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfpush.diagnose.answer import NotHttp, parse_answer

XML = b"<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>"
WITH_LENGTH = b"HTTP/1.1 403 Forbidden\r\nContent-Length: %d\r\nDATE: now\r\n\r\n" % len(XML) + XML
CHUNKED = b"HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n" % len(XML) + XML + b"\r\n0\r\n\r\n"
INTERIM = b"HTTP/1.1 100 Continue\r\n\r\n"


@pytest.mark.parametrize("data", [WITH_LENGTH, CHUNKED, INTERIM + CHUNKED])
def test_the_words_of_s3_are_read(data: bytes) -> None:
    answer = parse_answer(data)
    assert answer is not None
    assert (answer.status, answer.whole, answer.keeps) == (403, True, True)
    assert answer.words == {"Code": "AccessDenied", "Message": "Request has expired"}


@pytest.mark.parametrize("data", [WITH_LENGTH, CHUNKED, INTERIM + WITH_LENGTH])
def test_an_answer_is_whole_with_its_last_byte_and_not_before(data: bytes) -> None:
    for end in range(len(data)):
        answer = parse_answer(data[:end])
        assert answer is None or not answer.whole, end
    ended = parse_answer(data[:-1], ended=True)
    assert ended is not None
    assert ended.whole
    assert not ended.keeps


@pytest.mark.parametrize(
    ("data", "keeps"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", True),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", False),
        (b"HTTP/1.1 204 No Content\r\n\r\n", True),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: Close\r\n\r\n", False),
    ],
)
def test_a_connection_is_used_again_where_the_server_keeps_it(data: bytes, keeps: bool) -> None:
    answer = parse_answer(data)
    assert answer is not None
    assert answer.whole
    assert answer.keeps is keeps


@pytest.mark.parametrize("data", [b"SSH-2.0-OpenSSH\r\n\r\n", b"HTTP/1.1 abc\r\n\r\n", b"\x15\x03\x01\x00\x02\x02\x28"])
def test_what_is_no_http_is_told(data: bytes) -> None:
    with pytest.raises(NotHttp):
        parse_answer(data)


def test_interim_answers_without_end_are_no_answer() -> None:
    with pytest.raises(NotHttp):
        parse_answer(INTERIM * 1000)


@given(st.binary(max_size=300))
def test_no_bytes_make_it_fail_otherwise(data: bytes) -> None:
    for content in (data, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + data):
        try:
            answer = parse_answer(content, ended=True)
        except NotHttp:
            continue
        assert answer is None or answer.whole
