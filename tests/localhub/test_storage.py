import hashlib
import http.client
import os
import socket
import subprocess
import threading
import time
import xml.etree.ElementTree as ET
from urllib.parse import urlsplit

import pytest

from hfpush.localhub import (
    LocalHub,
    corrupt,
    disk_full,
    drop_after,
    forget_object,
    late_check,
    lost_answer,
    no_etag,
    short_lease,
    stall,
    wrong_etag,
)

SMALL = b"a small object"
LARGE = os.urandom(65_536 * 3 + 100)


def oid_of(content):
    return hashlib.sha256(content).hexdigest()


def code_of(answer):
    assert answer.headers["content-type"] == "application/xml"
    return ET.fromstring(answer.body).findtext("Code")


def raw(url, request):
    """The first bytes that come back for bytes sent as they are; empty if the connection ends."""
    target = urlsplit(url)
    with socket.create_connection((target.hostname, target.port), timeout=10) as connection:
        connection.sendall(request)
        return connection.recv(65_536)


@pytest.fixture
def faulty(start, lfs_of):
    """A running Hub with faults, and the git-lfs side of its one repository."""
    running = []

    def make(*faults, **config):
        hub = start(*faults, **config)
        hub.__enter__()
        running.append(hub)
        hub.create("acme/model")
        return hub, lfs_of(hub)

    yield make
    for hub in running:
        hub.__exit__(None, None, None)


def test_a_whole_object_is_stored_by_one_put(hub, lfs, send):
    url = lfs.lease(SMALL)["upload"]["href"]
    answer = send("PUT", url, SMALL)
    assert answer.status == 200
    assert answer.headers["etag"].startswith('"')
    assert hub.objects.path(oid_of(SMALL)).read_bytes() == SMALL
    row = hub.seen.rows("put")[0]
    assert (row.oid, row.part, row.bytes_in, row.status) == (oid_of(SMALL), None, len(SMALL), 200)
    assert "?" not in row.path


def test_the_same_put_may_be_done_again(hub, lfs, send):
    url = lfs.lease(SMALL)["upload"]["href"]
    assert [send("PUT", url, SMALL).status for _ in range(2)] == [200, 200]


def test_other_bytes_of_the_same_length_are_refused(hub, lfs, send):
    answer = send("PUT", lfs.lease(SMALL)["upload"]["href"], SMALL.upper())
    assert (answer.status, code_of(answer)) == (400, "XAmzContentSHA256Mismatch")
    assert hub.objects.size(oid_of(SMALL)) is None
    assert list(hub.objects.incoming.iterdir()) == []


def test_another_length_is_refused(lfs, send):
    answer = send("PUT", lfs.lease(SMALL)["upload"]["href"], SMALL + b"!")
    assert (answer.status, code_of(answer)) == (400, "IncompleteBody")


def test_parts_are_stored_with_an_etag_each_and_out_of_order(hub, lfs, send):
    upload = lfs.lease(LARGE)["upload"]
    parts = lfs.parts(LARGE, upload)
    etags = {url: send("PUT", url, piece).headers["etag"] for url, piece in reversed(parts)}
    answer = lfs.complete(upload, oid_of(LARGE), [etags[url] for url, _ in parts])
    assert answer.status == 200
    assert hub.objects.path(oid_of(LARGE)).read_bytes() == LARGE
    assert sorted(row.part for row in hub.seen.rows("put")) == [1, 2, 3, 4]
    assert hub.seen.bytes_in("put") == len(LARGE)


def test_the_last_part_put_of_a_number_wins(hub, lfs, send):
    upload = lfs.lease(LARGE)["upload"]
    parts = lfs.parts(LARGE, upload)
    first = send("PUT", parts[0][0], b"x" * 65_536).headers["etag"]
    etags = [send("PUT", url, piece).headers["etag"] for url, piece in parts]
    assert first != etags[0]
    assert lfs.complete(upload, oid_of(LARGE), [first, *etags[1:]]).status == 400
    assert lfs.complete(upload, oid_of(LARGE), etags).status == 200


def test_a_part_of_another_length_is_refused(lfs, send):
    url, piece = lfs.parts(LARGE, lfs.lease(LARGE)["upload"])[0]
    answer = send("PUT", url, piece[:-1])
    assert (answer.status, code_of(answer)) == (400, "IncompleteBody")


def test_a_body_without_length_is_refused(lfs):
    url = lfs.lease(SMALL)["upload"]["href"]
    path = url.partition("://")[2].partition("/")[2]
    head = f"PUT /{path} HTTP/1.1\r\nHost: hub\r\n"
    assert b" 411 " in raw(url, f"{head}\r\n".encode())
    assert b" 501 " in raw(url, f"{head}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n".encode())


def test_a_tampered_url_is_refused(lfs, send):
    url = lfs.lease(SMALL)["upload"]["href"]
    answer = send("PUT", url.replace("size=", "size=1"), SMALL)
    assert (answer.status, code_of(answer)) == (403, "SignatureDoesNotMatch")


def test_an_expired_url_is_refused_with_its_times(start, lfs_of, send):
    now = [1_700_000_000.0]
    with start(short_lease(seconds=2), clock=lambda: now[0]) as hub:
        hub.create("acme/model")
        upload = lfs_of(hub).lease(SMALL)["upload"]
        assert upload["expires_in"] == 2
        now[0] += 3
        answer = send("PUT", upload["href"], SMALL)
    assert (answer.status, code_of(answer)) == (403, "AccessDenied")
    document = ET.fromstring(answer.body)
    assert document.findtext("Message") == "Request has expired"
    assert document.findtext("ServerTime") == "2023-11-14T22:13:23Z"


def test_an_object_is_fetched_whole_or_in_ranges(hub, lfs, send):
    lfs.upload(LARGE)
    href = lfs.batch(LARGE, operation="download").json()["objects"][0]["actions"]["download"]["href"]
    whole = send("GET", href)
    assert (whole.status, whole.body) == (200, LARGE)
    part = send("GET", href, headers={"Range": "bytes=100-199"})
    assert (part.status, part.body) == (206, LARGE[100:200])
    assert part.headers["content-range"] == f"bytes 100-199/{len(LARGE)}"
    assert send("GET", href, headers={"Range": f"bytes={len(LARGE)}-"}).status == 416
    assert hub.seen.bytes_out("get") >= len(LARGE) + 100


def test_a_url_for_put_fetches_nothing_and_a_lost_object_is_no_such_key(hub, lfs, send):
    put = lfs.lease(SMALL)["upload"]["href"]
    assert send("GET", put).status == 403
    send("PUT", put, SMALL)
    get = lfs.batch(SMALL, operation="download").json()["objects"][0]["actions"]["download"]["href"]
    hub.objects.remove(oid_of(SMALL))
    answer = send("GET", get)
    assert (answer.status, code_of(answer)) == (404, "NoSuchKey")


def test_a_cut_part_does_not_count_and_exactly_its_bytes_are_seen(faulty, send):
    hub, lfs = faulty(drop_after(bytes=1000, part=2))
    upload = lfs.lease(LARGE)["upload"]
    parts = lfs.parts(LARGE, upload)
    etags = [send("PUT", *parts[0]).headers["etag"]]
    with pytest.raises((ConnectionError, http.client.RemoteDisconnected)):
        send("PUT", *parts[1])
    row = hub.seen.rows("put")[1]
    assert (row.part, row.bytes_in, row.fault, row.status) == (2, 1000, "drop_after", 0)
    etags += [send("PUT", *part).headers["etag"] for part in parts[1:]]
    assert lfs.complete(upload, oid_of(LARGE), etags).status == 200
    assert hub.seen.bytes_in("put") == len(LARGE) + 1000


def test_a_client_that_goes_away_leaves_nothing_behind(hub, lfs):
    url = lfs.lease(SMALL)["upload"]["href"]
    target = urlsplit(url)
    head = f"PUT {target.path}?{target.query} HTTP/1.1\r\nHost: hub\r\nContent-Length: {len(SMALL)}\r\n\r\n"
    with socket.create_connection((target.hostname, target.port), timeout=10) as connection:
        connection.sendall(head.encode() + SMALL[:5])
        wait_for(lambda: list(hub.objects.incoming.iterdir()))
    wait_for(lambda: hub.seen.count("put") == 1)
    assert list(hub.objects.incoming.iterdir()) == []
    assert hub.objects.size(oid_of(SMALL)) is None


def test_a_newer_put_of_a_part_makes_the_running_one_give_up(hub, lfs, send):
    upload = lfs.lease(LARGE)["upload"]
    url, piece = lfs.parts(LARGE, upload)[0]
    target = urlsplit(url)
    head = f"PUT {target.path}?{target.query} HTTP/1.1\r\nHost: hub\r\nContent-Length: {len(piece)}\r\n\r\n"
    with socket.create_connection((target.hostname, target.port), timeout=10) as older:
        older.sendall(head.encode() + b"x" * 100)
        folder = hub.config.root / "uploads"
        wait_for(lambda: any(file.read_bytes()[:1] == b"x" for file in folder.glob("*/data")))
        newer = send("PUT", url, piece)
        older.sendall(b"x" * 65_436)
        assert b" 409 " in older.recv(1000)
    assert newer.status == 200
    rest = [send("PUT", *part).headers["etag"] for part in lfs.parts(LARGE, upload)[1:]]
    assert lfs.complete(upload, oid_of(LARGE), [newer.headers["etag"], *rest]).status == 200


def test_a_corrupted_put_is_noticed(faulty, send):
    hub, lfs = faulty(corrupt())
    assert send("PUT", lfs.lease(SMALL)["upload"]["href"], SMALL).status == 400
    assert send("PUT", lfs.lease(SMALL)["upload"]["href"], SMALL).status == 200
    assert hub.seen.rows("put")[0].fault == "corrupt"


def test_a_corrupted_part_is_noticed_at_completion(faulty, send):
    _, lfs = faulty(corrupt(part=2))
    assert lfs.upload(LARGE).status == 400
    assert lfs.upload(LARGE).status == 200


def test_etags_can_be_missing_or_wrong(faulty, send):
    _, lfs = faulty(no_etag(part=1), wrong_etag(part=2))
    upload = lfs.lease(LARGE)["upload"]
    etags = [send("PUT", *part).headers.get("etag") for part in lfs.parts(LARGE, upload)]
    assert etags[0] is None
    assert "not well-formed" in lfs.complete(upload, oid_of(LARGE), etags).json()["error"]
    etags[0] = send("PUT", *lfs.parts(LARGE, upload)[0]).headers["etag"]
    assert "entity tag may not match" in lfs.complete(upload, oid_of(LARGE), etags).json()["error"]


@pytest.mark.parametrize("content", [SMALL, LARGE])
def test_the_time_of_a_signed_url_may_run_out_while_its_body_comes(content, faulty, send):
    hub, lfs = faulty(short_lease(1, times=1), stall(1.2, bytes=5), late_check(times=2))
    lease = lfs.lease(content)["upload"]
    url, body = lfs.parts(content, lease)[0] if content is LARGE else (lease["href"], content)
    assert code_of(send("PUT", url, body)) == "AccessDenied"
    assert not hub.objects.path(oid_of(content)).exists()
    assert lfs.upload(content).status == 200
    assert "late_check" in hub.seen.rows("put")[0].fault


def test_a_full_disk_and_a_lost_answer_and_a_forgotten_object(faulty, send):
    hub, lfs = faulty(disk_full(), lost_answer(on="put"), forget_object())
    url = lfs.lease(SMALL)["upload"]["href"]
    assert send("PUT", url, SMALL).status == 507
    with pytest.raises((ConnectionError, http.client.RemoteDisconnected)):
        send("PUT", url, SMALL)
    assert not hub.objects.has(hub.repos.get(next(hub.repos.list()).key).record.uid, oid_of(SMALL))
    assert send("PUT", url, SMALL).status == 200
    assert "actions" not in lfs.batch(SMALL).json()["objects"][0]


def test_uploads_at_once_do_not_disturb_each_other(hub, lfs):
    contents = [os.urandom(200_000 + n) for n in range(6)]
    threads = [threading.Thread(target=lfs.upload, args=(content,)) for content in contents]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert all(hub.objects.path(oid_of(content)).read_bytes() == content for content in contents)


def wait_for(condition):
    """Until the Hub, which runs in another thread, has come so far; twenty seconds are the limit."""
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may mount a small disk")
def test_a_full_disk_of_the_hub_is_told_as_one(tmp_path, lfs_of, send):
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(disk)], check=False).returncode:
        pytest.skip("a small disk cannot be mounted here")
    try:
        with LocalHub(root=disk / "hub") as hub:
            hub.create("acme/model")
            content = os.urandom(4_000_000)
            answer = send("PUT", lfs_of(hub).lease(content)["upload"]["href"], content)
            assert answer.status == 507
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)
