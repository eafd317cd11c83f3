"""Stalls in words, as a table."""

from __future__ import annotations

import pytest

from hfpush.findings import Finding
from hfpush.net import news
from hfpush.net.news import Moving, News, Noticed, Stalled

HOST = "s3.example"
WORDS: list[tuple[News, str]] = [
    (
        Stalled(HOST, news.SENDING, 12.3, 1, "storage host", 16_000_000, 4_000_000),
        "storage host s3.example: sending, nothing acknowledged for 12 s; 4.0 MB of 16.0 MB of this part are there",
    ),
    (
        Stalled(HOST, news.SENDING, 12.3, 3, "storage host", 16_000_000, 4_000_000),
        "3 connections to storage host s3.example: sending, nothing acknowledged for 12 s",
    ),
    (
        Stalled(HOST, news.ANSWER, 40, 1, "storage host", 16_000_000, 16_000_000),
        "storage host s3.example: waiting for the answer for 40 s; all 16.0 MB are there",
    ),
    (Stalled(HOST, news.ANSWER, 40), "s3.example: waiting for the answer for 40 s"),
    (Stalled(HOST, news.RECEIVING, 10), "s3.example: receiving, nothing came for 10 s"),
    (Stalled(HOST, news.HANDSHAKE, 10), "s3.example: TLS handshake for 10 s"),
    (Stalled(HOST, news.RESOLVING, 10), "s3.example: resolving the name for 10 s"),
    (Stalled(HOST, news.tunnel("proxy:1080"), 10), "s3.example: through proxy proxy:1080: CONNECT for 10 s"),
    (Moving(HOST, 31.2, "storage host"), "storage host s3.example: moving again after 31 s"),
    (Noticed(Finding("x", "So it is.")), "So it is."),
]


@pytest.mark.parametrize(("item", "text"), WORDS)
def test_what_is_told_names_host_layer_and_seconds(item: News, text: str) -> None:
    assert item.text == text
