import gzip
import hashlib
import http.client
import os
import threading
import urllib.parse
from concurrent.futures import ThreadPoolExecutor

import pytest

from hfpush import localhub
from hfpush.localhub import ignore_range, wrong_length, wrong_range

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


# ------------------------------------------------------------------ answers that are not as they should be


def test_a_byte_of_the_file_is_wrong_in_the_range_that_holds_it(hub, url_of, send):
    url = url_of(LARGE)
    hub.faults.add(localhub.corrupt(on="get", at=700_000))
    assert send("GET", url, headers={"Range": "bytes=0-699999"}).body == LARGE[:700_000]
    wrong = send("GET", url, headers={"Range": "bytes=600000-"}).body
    assert [600_000 + at for at in range(len(wrong)) if wrong[at] != LARGE[600_000 + at]] == [700_000]
    assert send("GET", url).body == LARGE


@pytest.mark.parametrize("content", [SMALL, LARGE])
@pytest.mark.parametrize(("how", "said"), [("told", "bytes 140-149/"), ("untold", "bytes 100-109/")])
def test_another_range_than_was_asked_for(hub, url_of, send, content, how, said):
    url = url_of(content)
    hub.faults.add(wrong_range(40, how=how))
    answer = send("GET", url, headers={"Range": "bytes=100-109"})
    assert (answer.status, answer.body) == (206, content[140:150])
    assert answer.headers["content-range"] == said + str(len(content))
    assert send("GET", url).status == 200, "a whole file has no range"


def test_a_range_that_is_there_is_refused(hub, url_of, send):
    url = url_of(SMALL)
    hub.faults.add(localhub.refuse_range())
    assert send("GET", url).status == 200
    assert [send("GET", url, headers={"Range": "bytes=5-"}).status for _ in range(2)] == [416, 206]


@pytest.mark.parametrize("content", [SMALL, LARGE])
def test_a_length_that_promises_too_much_or_too_little(hub, url_of, send, content):
    url = url_of(content)
    hub.faults.add(wrong_length(more=10))
    with pytest.raises(http.client.IncompleteRead) as cut:
        send("GET", url)
    assert (cut.value.partial, cut.value.expected) == (content, 10)
    hub.faults.add(wrong_length(more=-10))
    answer = send("GET", url)
    assert (answer.headers["content-length"], answer.body) == (str(len(content) - 10), content[:-10])


@pytest.mark.parametrize("how", ["chunked", "close"])
@pytest.mark.parametrize("content", [SMALL, LARGE])
def test_an_answer_without_a_length(hub, url_of, send, content, how):
    url = url_of(content)
    hub.faults.add(localhub.unknown_length(how=how))
    answer = send("GET", url, headers={"Range": "bytes=10-"})
    assert (answer.status, answer.body) == (206, content[10:])
    assert "content-length" not in answer.headers
    assert ("transfer-encoding" in answer.headers) is (how == "chunked")


def test_a_body_that_nobody_asked_to_encode(hub, url_of, send):
    url = url_of(SMALL)
    hub.faults.add(localhub.gzip())
    answer = send("GET", url)
    assert (answer.headers["content-encoding"], gzip.decompress(answer.body)) == ("gzip", SMALL)
    assert answer.headers["content-length"] == str(len(answer.body))


def test_an_object_that_becomes_another_one(hub, url_of, send):
    url = url_of(SMALL)
    hub.faults.add(localhub.swap(after=1))
    first, then = (send("GET", url, headers={"Range": "bytes=5-"}) for _ in range(2))
    assert (first.body, then.body) == (SMALL[5:], bytes(255 - one for one in SMALL[5:]))
    assert first.headers["etag"] != then.headers["etag"]
    assert send("GET", url, headers={"Range": "bytes=5-", "If-Range": first.headers["etag"]}).status == 200


def test_ranges_come_whole_over_many_connections_at_once(url_of):
    url = urllib.parse.urlsplit(url_of(LARGE))
    ready = threading.Barrier(64)

    def some(number):
        connection = http.client.HTTPConnection(url.hostname, url.port, timeout=30)
        connection.connect()
        ready.wait(30)
        found = []
        for at in range(number * 1000, len(LARGE), 500_000):
            connection.request("GET", f"{url.path}?{url.query}", headers={"Range": f"bytes={at}-{at + 299_999}"})
            found.append(connection.getresponse().read() == LARGE[at : at + 300_000])
        connection.close()
        return all(found)

    with ThreadPoolExecutor(64) as pool:
        assert all(pool.map(some, range(64)))
