import hashlib
import os

import pytest

from hfpush.localhub import ignore_range

SMALL, LARGE = os.urandom(1000), os.urandom(1_500_000)


@pytest.fixture
def url_of(hub, lfs):
    """The signed URL of a stored object."""

    def make(content):
        lfs.upload(content)
        [entry] = lfs.batch(content, operation="download").json()["objects"]
        return entry["actions"]["download"]["href"]

    return make


@pytest.mark.parametrize("content", [SMALL, LARGE])
@pytest.mark.parametrize(
    ("header", "span"),
    [("bytes=0-", (0, None)), ("bytes=10-19", (10, 20)), ("bytes=-7", (-7, None)), ("bytes=999-", (999, None))],
)
def test_one_range_is_sent_as_206(url_of, send, content, header, span):
    answer = send("GET", url_of(content), headers={"Range": header})
    assert answer.status == 206
    assert answer.body == content[slice(*span)]
    start, _, total = answer.headers["content-range"].partition(" ")[2].partition("/")
    assert total == str(len(content))
    assert start == "-".join(map(str, (span[0] % len(content), (span[1] or len(content)) - 1)))


@pytest.mark.parametrize("content", [SMALL, LARGE])
def test_a_whole_file_has_length_etag_and_no_range(url_of, send, content):
    answer = send("GET", url_of(content))
    assert (answer.status, answer.body) == (200, content)
    assert answer.headers["content-length"] == str(len(content))
    assert answer.headers["etag"] == f'"{hashlib.sha256(content).hexdigest()}"'
    assert answer.headers["accept-ranges"] == "bytes"
    assert "content-range" not in answer.headers


def test_what_lies_behind_the_end_is_416_with_the_size(url_of, send):
    answer = send("GET", url_of(SMALL), headers={"Range": "bytes=1000-"})
    assert (answer.status, answer.headers["content-range"]) == (416, "bytes */1000")
    assert b"InvalidRange" in answer.body


def test_if_range_with_another_etag_gets_the_whole_file(url_of, send):
    url = url_of(SMALL)
    etag = send("GET", url).headers["etag"]
    assert send("GET", url, headers={"Range": "bytes=0-1", "If-Range": etag}).status == 206
    assert send("GET", url, headers={"Range": "bytes=0-1", "If-Range": '"other"'}).status == 200


def test_head_sends_headers_only(hub, url_of, send):
    answer = send("HEAD", url_of(LARGE))
    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers["content-length"] == str(len(LARGE))
    assert hub.seen.rows("get")[-1].bytes_out == 0


def test_bytes_out_are_those_that_were_sent(hub, url_of, send):
    send("GET", url_of(LARGE), headers={"Range": "bytes=1000000-"})
    assert hub.seen.bytes_out("get") == 500_000


def test_a_range_can_be_ignored(hub, url_of, send):
    url = url_of(LARGE)
    hub.faults.add(ignore_range())
    answer = send("GET", url, headers={"Range": "bytes=5-"})
    assert (answer.status, answer.body) == (200, LARGE)


def test_an_empty_file_is_sent(hub, lfs, send):
    oid = hub.objects.add_bytes(b"")
    hub.objects.grant(next(hub.repos.list()).record.uid, oid)
    [entry] = lfs.batch(b"", operation="download").json()["objects"]
    answer = send("GET", entry["actions"]["download"]["href"])
    assert (answer.status, answer.body) == (200, b"")
