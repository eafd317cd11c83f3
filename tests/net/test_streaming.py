from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.git_server import Answering, GitServer, running

from hfpush.endpoints import Endpoint
from hfpush.errors import NotFound, Unavailable
from hfpush.localhub import LocalHub
from hfpush.net.call import Call
from hfpush.net.http import Http
from hfpush.net.streaming import BLOCK, Stream, open_stream


def whole(answering: Answering) -> None:
    answering.head("Application/X-Test; charset=utf-8")
    answering.send(b"a" * BLOCK)
    answering.send(b"b")
    answering.done()


def short(answering: Answering) -> None:
    answering.head()
    answering.send(b"abc")


def opened(git: GitServer) -> Iterator[Stream]:
    with (
        running(git),
        Http(Endpoint("test", git.url)) as http,
        open_stream(http, Call("POST", f"{git.url}/x", data=b"")) as stream,
    ):
        yield stream


def test_an_answer_comes_in_pieces_with_its_type() -> None:
    for stream in opened(GitServer(whole)):
        assert stream.content_type == "application/x-test"
        assert stream.url.endswith("/x")
        pieces = list(stream.pieces())
        assert b"".join(pieces) == b"a" * BLOCK + b"b"
        assert max(map(len, pieces)) <= BLOCK


def test_what_came_before_a_cut_is_given_and_the_cut_is_told() -> None:
    for stream in opened(GitServer(short)):
        pieces = stream.pieces()
        assert next(pieces) == b"abc"
        with pytest.raises(Unavailable):
            next(pieces)


def test_a_refusal_is_told_at_once(tmp_path: Path) -> None:
    with LocalHub(root=tmp_path) as hub, Http(Endpoint("test", hub.url), hub.token) as http, pytest.raises(NotFound):
        open_stream(http, Call("GET", f"{hub.url}/acme/none/info/refs?service=git-upload-pack", basic=True))


def packed(answering: Answering) -> None:
    content = gzip.compress(gzip.compress(bytes(1 << 26)))
    answering.send_response(200)
    answering.send_header("Content-Type", "application/x-test")
    answering.send_header("Content-Encoding", "gzip, gzip")
    answering.send_header("Content-Length", str(len(content)))
    answering.end_headers()
    answering.wfile.write(content)


def test_an_answer_that_is_packed_twice_comes_in_pieces_that_are_no_longer() -> None:
    for stream in opened(GitServer(packed)):
        lengths = [len(piece) for piece in stream.pieces()]
        assert sum(lengths) == 1 << 26
        assert max(lengths) <= BLOCK
