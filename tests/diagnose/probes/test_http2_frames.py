"""The bytes of HTTP/2: what other implementations read and write."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfpush.diagnose.probes.http2_frames import PREFACE, Frames, answer_to, frame, request


def test_a_request_is_the_preface_the_settings_and_one_headers_frame() -> None:
    sent = request("hf.test", "/api/whoami-v2", "hfpush")
    assert sent.startswith(PREFACE)
    settings, headers = list(Frames().feed(sent[len(PREFACE) :]))
    assert (settings.kind, settings.stream, settings.payload) == (4, 0, b"")
    assert (headers.kind, headers.flags, headers.stream) == (1, 5, 1)
    # RFC 7541, C.2.2 and C.3.1: literals without indexing, and indexed fields
    assert headers.payload.startswith(b"\x82\x87\x01\x07hf.test\x04\x0e/api/whoami-v2")


def test_long_names_are_written_with_continued_lengths() -> None:
    sent = request("h" * 300, "/", "hfpush")
    headers = list(Frames().feed(sent[len(PREFACE) :]))[1]
    assert b"\x01\x7f\xad\x01" + b"h" * 300 in headers.payload  # 127 + 45 + 1 * 128 = 300


@given(st.lists(st.binary(max_size=40), max_size=6), st.integers(1, 9))
def test_frames_come_out_whole_however_they_are_cut(payloads: list[bytes], size: int) -> None:
    whole = b"".join(frame(0, 0, number + 1, payload) for number, payload in enumerate(payloads))
    frames = Frames()
    found = [one for at in range(0, len(whole), size) for one in frames.feed(whole[at : at + size])]
    assert [one.payload for one in found] == payloads
    assert [one.stream for one in found] == [number + 1 for number in range(len(payloads))]


@given(st.binary(max_size=400))
def test_any_bytes_are_frames_or_a_value_error(data: bytes) -> None:
    try:
        for one in Frames().feed(data):
            assert one.error is None or one.error >= 0
    except ValueError:
        pass


@pytest.mark.parametrize(
    ("raw", "error", "ends"),
    [
        (frame(3, 0, 1, (2).to_bytes(4, "big")), 2, False),
        (frame(7, 0, 0, bytes(4) + (13).to_bytes(4, "big")), 13, False),
        (frame(3, 0, 1, b""), None, False),
        (frame(0, 1, 1, b"x"), None, True),
        (frame(1, 5, 1, b"\x88"), None, True),
        (frame(4, 1, 0), None, False),
    ],
)
def test_a_frame_says_whether_it_is_an_error_and_whether_it_is_the_last(
    raw: bytes, error: int | None, ends: bool
) -> None:
    (one,) = Frames().feed(raw)
    assert (one.error, one.ends) == (error, ends)


@pytest.mark.parametrize(
    ("raw", "answer"),
    [
        (frame(4, 0, 0), frame(4, 1, 0)),
        (frame(4, 1, 0), b""),
        (frame(6, 0, 0, b"01234567"), frame(6, 1, 0, b"01234567")),
        (frame(0, 0, 1, b"abc"), frame(8, 0, 0, b"\0\0\0\3") + frame(8, 0, 1, b"\0\0\0\3")),
        (frame(1, 4, 1, b"\x88"), b""),
    ],
)
def test_the_other_side_gets_what_it_waits_for(raw: bytes, answer: bytes) -> None:
    (one,) = Frames().feed(raw)
    assert answer_to(one) == answer
