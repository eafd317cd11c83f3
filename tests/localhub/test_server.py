import asyncio
import os
import socket
import threading
import time
from urllib.parse import urlsplit

import pytest

from hfpush.localhub import LocalHub, User, stall, status


def test_a_hub_without_root_leaves_nothing_behind():
    with LocalHub() as hub:
        root = hub.config.root
        hub.create("acme/model")
        assert root.is_dir()
    assert not root.exists()


def test_a_hub_runs_in_an_event_loop_too(tmp_path, send):
    async def run():
        hub = LocalHub(root=tmp_path)
        await hub.start()
        answer = await asyncio.to_thread(send, "GET", f"{hub.url}/api/whoami-v2", token=hub.token)
        await hub.stop()
        await hub.stop()
        return answer.status

    assert asyncio.run(run()) == 200


def test_state_and_tokens_outlive_a_start(start, lfs_of):
    content = os.urandom(200_000)
    with start() as first:
        first.create("acme/model")
        token = first.token
        upload = lfs_of(first).lease(content)["upload"]
    with start() as second:
        assert second.token == token
        lfs = lfs_of(second)
        again = lfs.lease(content)["upload"]
        assert again["href"].partition("uploadId=")[2][:30] == upload["href"].partition("uploadId=")[2][:30]
        assert lfs.upload(content).status == 200
    with start() as third:
        assert "actions" not in lfs_of(third).batch(content).json()["objects"][0]


def test_a_signed_url_outlives_a_start_on_the_same_port(start, lfs_of, send):
    with start() as first:
        first.create("acme/model")
        href = lfs_of(first).lease(b"x" * 10)["upload"]["href"]
        port = urlsplit(first.storage_url).port
    with start(storage_port=port):
        assert send("PUT", href, b"x" * 10).status == 200


def test_a_taken_port_is_an_os_error_and_frees_the_other(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        hub = LocalHub(root=tmp_path, storage_port=taken.getsockname()[1])
        with pytest.raises(OSError, match="in use"):
            hub.__enter__()
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", urlsplit(hub.url).port), timeout=5).close()


def test_it_ends_promptly_with_requests_under_way(start, lfs_of):
    with start(stall(60, on="put")) as hub:
        hub.create("acme/model")
        target = urlsplit(lfs_of(hub).lease(b"0123456789")["upload"]["href"])
        head = f"PUT {target.path}?{target.query} HTTP/1.1\r\nHost: hub\r\nContent-Length: 10\r\n\r\n"
        idle = socket.create_connection((target.hostname, target.port), timeout=10)
        busy = socket.create_connection((target.hostname, target.port), timeout=10)
        busy.sendall(head.encode() + b"01")
        begin = time.monotonic()
    assert time.monotonic() - begin < 15
    idle.close()
    busy.close()
    assert not [thread for thread in threading.enumerate() if thread.name == "localhub"]


def test_users_can_be_given(start, send):
    users = (User("ada", "hf_ada"), User("bob", "hf_bob", "read"))
    with start(users=users) as hub:
        assert (hub.token, hub.read_token) == ("hf_ada", "hf_bob")
        assert send("GET", f"{hub.url}/api/whoami-v2", token="hf_bob").json()["name"] == "bob"


def test_faults_combine_and_change_while_it_runs(start, send):
    with start(status(503, on="whoami", times=2), status(500, on="whoami")) as hub:
        url = f"{hub.url}/api/whoami-v2"
        assert [send("GET", url, token=hub.token).status for _ in range(4)] == [503, 503, 500, 200]
        hub.faults.add(status(502, on="*", times=None))
        assert send("GET", url, token=hub.token).status == 502
        hub.faults.clear()
        assert send("GET", url, token=hub.token).status == 200


def test_git_urls_carry_a_token_only_when_asked(start):
    with start() as hub:
        assert hub.git_url("acme/data", "datasets") == f"{hub.url}/datasets/acme/data"
        assert hub.git_url("acme/m", token="hf_x").startswith("http://user:hf_x@127.0.0.1:")


def test_the_longest_path_that_git_allows_is_a_path_of_the_hub(hub, send):
    path = "/".join(["%C3%A9" * 100] * 20)
    assert send("GET", f"{hub.url}/acme/model/resolve/main/{path}").headers["x-error-code"] == "EntryNotFound"


def test_the_folder_says_what_it_is(start):
    with start() as hub:
        text = (hub.config.root / "README").read_text()
        hub.create("acme/model")
        found = {each.name for each in hub.config.root.iterdir() if each.name != "README"}
    assert all(name in text for name in found)
