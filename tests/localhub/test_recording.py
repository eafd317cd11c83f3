import socket
from urllib.parse import urlsplit

import pytest


def test_a_row_tells_who_asked_for_what_and_how_it_ended(hub, send):
    send("GET", f"{hub.url}/api/whoami-v2?x=secret", token=hub.token, headers={"User-Agent": "tester/1"})
    [row] = hub.seen.rows("whoami")
    assert (row.method, row.path, row.status) == ("GET", "/api/whoami-v2", 200)
    assert (row.user, row.client, row.fault) == ("local", "tester/1", None)
    assert row.bytes_out > 50
    assert 0 <= row.seconds < 10


def test_bodies_are_counted_also_where_nobody_streams_them(hub, send):
    body = b'{"operation": "upload", "objects": []}'
    send("POST", f"{hub.url}/acme/model.git/info/lfs/objects/batch", body, token=hub.token)
    assert hub.seen.bytes_in("batch") == len(body)


@pytest.mark.parametrize(
    ("path", "status"), [("/api/models/acme/nothing", 401), ("/a/b/c", 404), ("/api/repos/create", 404)]
)
def test_refusals_are_rows_too(hub, send, path, status):
    assert send("GET", hub.url + path).status == status
    assert hub.seen.rows()[-1].status == status


def test_no_token_is_kept(hub, send):
    send("GET", f"{hub.url}/api/whoami-v2", token=hub.token)
    send("GET", f"{hub.url}/api/whoami-v2", basic="hf_wrong")
    assert hub.token not in repr(hub.seen.rows())
    assert hub.seen.rows()[-1].user is None


def test_a_request_that_is_no_http_is_answered_without_a_row(hub):
    target = urlsplit(hub.url)
    with socket.create_connection((target.hostname, target.port), timeout=10) as connection:
        connection.sendall(b"nonsense\r\n\r\n")
        assert b" 400 " in connection.recv(1000)
