import hashlib
import json
import socket
import time
import urllib.parse
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfpush.localhub import (
    bad_json,
    corrupt,
    delay,
    disk_full,
    drop_after,
    html,
    lost_answer,
    no_answer,
    redirect_loop,
    slow,
    stall,
    status,
    throttle,
    truncate,
)
from hfpush.localhub.gitcommit import Change, commit
from hfpush.localhub.gittree import resolve_revision
from hfpush.localhub.shaping import Shape, changed

CONTENT = bytes(range(256)) * 1000
OID = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def faulty(start, lfs_of, send):
    """A Hub that has an object, then faults; gives back the Hub and the object's signed URL."""
    entered = []

    def make(*faults):
        hub = start()
        hub.__enter__()
        entered.append(hub)
        hub.create("acme/model")
        lfs = lfs_of(hub)
        lfs.upload(CONTENT)
        [entry] = lfs.batch(CONTENT, operation="download").json()["objects"]
        hub.seen.clear()
        hub.faults.add(*faults)
        return hub, entry["actions"]["download"]["href"]

    yield make
    for hub in entered:
        hub.__exit__(None, None, None)


def whoami(hub):
    return f"{hub.url}/api/whoami-v2"


def test_a_status_speaks_as_its_door_does(faulty, send):
    hub, url = faulty(
        status(503, on="get"),
        status(503, on="batch"),
        status(500, on="whoami", message="Oh no"),
        status(503, on="git-refs"),
    )
    assert b"<Code>SlowDown</Code>" in send("GET", url).body
    batch = send("POST", f"{hub.url}/acme/model.git/info/lfs/objects/batch", {}, token=hub.token)
    assert json.loads(batch.body) == {"message": "Service Unavailable"}
    mine = send("GET", whoami(hub), token=hub.token)
    assert (mine.status, mine.json(), mine.headers["x-error-message"]) == (500, {"error": "Oh no"}, "Oh no")
    assert send("GET", f"{hub.url}/acme/model/info/refs?service=git-upload-pack").body == b"Service Unavailable\n"
    assert {row.fault for row in hub.seen.rows()} == {"status"}


def test_a_rate_limit_says_when_to_come_back(faulty, send):
    hub, _ = faulty(status(429, on="whoami", retry_after=7, ratelimit='"api";r=0;t=7'))
    answer = send("GET", whoami(hub), token=hub.token)
    assert (answer.status, answer.headers["retry-after"]) == (429, "7")
    assert answer.headers["ratelimit"] == '"api";r=0;t=7'
    assert send("GET", whoami(hub), token=hub.token).status == 200


def test_a_refused_body_was_read_first(faulty, send):
    hub, _ = faulty(status(503, on="batch"))
    send("POST", f"{hub.url}/acme/model.git/info/lfs/objects/batch", b"x" * 500_000, token=hub.token)
    assert hub.seen.bytes_in("batch") == 500_000


def test_html_nonsense_and_redirects_can_come_instead_of_an_answer(faulty, send):
    hub, _ = faulty(html(on="whoami"), html(on="whoami", status=502), bad_json(on="whoami"), redirect_loop(on="whoami"))
    answers = [send("GET", whoami(hub), token=hub.token) for _ in range(4)]
    assert [answer.status for answer in answers] == [200, 502, 200, 302]
    assert answers[0].headers["content-type"].startswith("text/html")
    assert answers[2].headers["content-type"].startswith("application/json")
    with pytest.raises(ValueError, match=r"."):
        answers[2].json()
    assert answers[3].headers["location"] == whoami(hub)


def test_an_answer_can_be_lost_after_everything_was_done(faulty, send):
    hub, _ = faulty(lost_answer(on="create"))
    create = f"{hub.url}/api/repos/create"
    with pytest.raises(ConnectionError):
        send("POST", create, {"name": "new", "organization": "acme"}, token=hub.token)
    assert send("POST", create, {"name": "new", "organization": "acme"}, token=hub.token).status == 409


def test_a_download_can_be_cut_cut_short_or_changed(faulty, send):
    hub, url = faulty(drop_after(bytes=100_000, on="get"))
    with pytest.raises((ConnectionError, OSError)):
        send("GET", url)
    assert hub.seen.rows("get")[-1].bytes_out == 100_000
    hub.faults.add(truncate(bytes=50_000))
    with pytest.raises(Exception, match="IncompleteRead"):
        send("GET", url)
    assert hub.seen.rows("get")[-1].bytes_out == 50_000
    hub.faults.add(corrupt(on="get"))
    body = send("GET", url).body
    assert sum(a != b for a, b in zip(body, CONTENT, strict=True)) == 1
    assert send("GET", url).body == CONTENT


def test_delay_stall_and_slow_take_their_time(faulty, send):
    hub, url = faulty(delay(0.2, times=1), stall(0.2, bytes=1000, on="get"), slow(rate=2_000_000, on="get", times=1))
    begin = time.monotonic()
    assert send("GET", url).body == CONTENT
    assert time.monotonic() - begin >= 0.3
    assert hub.seen.rows("get")[0].fault == "delay,slow,stall"


def test_a_resolve_that_turns_out_to_be_object_bytes_is_hit_once_by_each_fault(start, lfs_of, send):
    with start() as hub:
        repo = hub.create("acme/model")
        lfs_of(hub).upload(CONTENT)
        pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{OID}\nsize {len(CONTENT)}\n"
        head = resolve_revision(repo.path, "main")
        change = Change("a.bin", pointer.encode())
        commit(repo.path, [change], message="add", author="ada", when=0.0, parent=head)
        url = f"{hub.url}/acme/model/resolve/main/a.bin"
        hub.faults.add(delay(0.01), status(503, on="get"))
        assert [send("GET", url).status, send("GET", url).body] == [503, CONTENT]
        assert [row.fault for row in hub.seen.rows("get")] == ["delay,status", "delay"]


def test_a_full_disk_is_507_everywhere(faulty, send):
    hub, url = faulty(disk_full(on="*", times=2))
    assert b"InsufficientStorage" in send("GET", url).body
    assert send("GET", whoami(hub), token=hub.token).status == 507


@given(
    st.builds(
        Shape,
        rate=st.none() | st.just(1e6),
        stall_at=st.none() | st.integers(0, 100_000),
        cut_at=st.none() | st.integers(0, 100_000),
        end_at=st.none() | st.integers(0, 100_000),
    ),
    st.integers(0, 100_000),
)
def test_no_step_jumps_over_a_mark(shape, at):
    step = shape.step(at)
    assert step is None or step > 0
    for mark in (shape.stall_at, shape.cut_at, shape.end_at):
        if mark is not None and mark > at:
            assert step is not None
            assert at + step <= mark


@given(st.integers(0, 300), st.lists(st.integers(1, 50), max_size=10))
def test_exactly_the_chosen_byte_is_changed_however_the_body_is_cut(where, lengths):
    content = bytes(sum(lengths))
    shape, out, at = Shape(corrupt_at=where), b"", 0
    for length in lengths:
        out += changed(shape, at, content[at : at + length])
        at += length
    assert [index for index, byte in enumerate(out) if byte] == ([where] if where < len(content) else [])


def test_a_request_too_many_is_told_to_come_later(faulty, send):
    hub, url = faulty(throttle(per_second=2, retry_after=7))
    answers = [send("GET", url) for _ in range(4)]
    assert [one.status for one in answers] == [200, 200, 429, 429]
    assert answers[-1].headers["retry-after"] == "7"
    assert hub.seen.rows("get")[-1].fault == "throttle"
    assert send("GET", whoami(hub), token=hub.token).status == 200, "it is about one operation"


def test_only_so_many_are_answered_at_the_same_time(faulty, send):
    _, url = faulty(throttle(at_once=1), slow(rate=len(CONTENT) / 0.5, on="get"))
    with ThreadPoolExecutor(4) as pool:
        statuses = [one.status for one in pool.map(lambda _: send("GET", url), range(4))]
    assert sorted(statuses) == [200, 429, 429, 429]


def test_no_answer_comes(faulty, send):
    hub, url = faulty(no_answer("get", times=1, how="reset"), no_answer("whoami"))
    with pytest.raises(ConnectionResetError):
        send("GET", url)
    assert send("GET", url).body == CONTENT
    door = urllib.parse.urlsplit(hub.url)
    with socket.create_connection((door.hostname, door.port), 10) as line:
        line.sendall(b"GET /api/whoami-v2 HTTP/1.1\r\nHost: hub\r\n\r\n")
        line.settimeout(0.3)
        with pytest.raises(TimeoutError):
            line.recv(1)
