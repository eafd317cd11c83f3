import base64
import errno
import hashlib
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest

from hfpush.localhub import HubConfig, LocalHub, User, status
from hfpush.localhub.serve import CannotServe, greeting, reason, serve

PROGRAM = """
import sys
from pathlib import Path
from types import SimpleNamespace
from hfpush.localhub import HubConfig
from hfpush.localhub.serve import serve
serve(HubConfig(root=Path(sys.argv[1])), (), announce=lambda line: print(line, flush=True))
print("ended", flush=True)
"""


def run(root):
    """A Hub in a process of its own, and the lines it has announced."""
    process = subprocess.Popen([sys.executable, "-c", PROGRAM, str(root)], stdout=subprocess.PIPE, text=True)
    lines = []
    while not (lines and lines[-1].startswith("  git clone") and "/datasets/" in lines[-1]):
        lines.append(process.stdout.readline().rstrip("\n"))
        assert lines[-1] or process.poll() is None
    return process, lines


def url_of(lines):
    return lines[0].split(", ")[0].removeprefix("Local Hub at ")


def token_of(lines):
    return next(line.split(": ")[1] for line in lines if line.startswith("Token of user local: "))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_a_signal_and_ends_in_order(tmp_path, send, number):
    process, lines = run(tmp_path)
    assert send("GET", f"{url_of(lines)}/api/whoami-v2", token=token_of(lines)).json()["name"] == "local"
    process.send_signal(number)
    rest = process.communicate(timeout=20)[0]
    assert (process.returncode, rest) == (0, "ended\n")


def test_tokens_are_the_same_after_a_kill(tmp_path):
    first, lines = run(tmp_path)
    first.kill()
    first.communicate(timeout=20)
    second, again = run(tmp_path)
    second.terminate()
    second.communicate(timeout=20)
    assert token_of(lines) == token_of(again)


def test_parts_that_were_stored_survive_a_kill_in_the_middle_of_another(tmp_path, send, lfs_of):
    content = os.urandom(70_000_000)
    oid = hashlib.sha256(content).hexdigest()
    process, lines = run(tmp_path)
    LocalHub(root=tmp_path).create("acme/model")
    lfs = lfs_of(SimpleNamespace(url=url_of(lines), token=token_of(lines)))
    upload = lfs.lease(content)["upload"]
    parts = lfs.parts(content, upload)
    etags = [send("PUT", *part).headers["etag"] for part in parts[:2]]
    target = urlsplit(parts[2][0])
    head = f"PUT {target.path}?{target.query} HTTP/1.1\r\nHost: hub\r\nContent-Length: {len(parts[2][1])}\r\n\r\n"
    with socket.create_connection((target.hostname, target.port), timeout=10) as connection:
        connection.sendall(head.encode() + parts[2][1][:10_000_000])
        process.kill()
        process.communicate(timeout=20)
    process, lines = run(tmp_path)
    try:
        lfs = lfs_of(SimpleNamespace(url=url_of(lines), token=token_of(lines)))
        again = lfs.lease(content)["upload"]
        etags += [send("PUT", *part).headers["etag"] for part in lfs.parts(content, again)[2:]]
        assert lfs.complete(again, oid, etags).status == 200
    finally:
        process.terminate()
        process.communicate(timeout=20)


def gits_of(root):
    """Processes of git's that serve a repository below this folder."""

    def serves(place):
        try:
            return f"GIT_PROJECT_ROOT={root}".encode() in (place / "environ").read_bytes()
        except OSError:  # it has ended
            return False

    return [place.name for place in Path("/proc").glob("[0-9]*") if serves(place)]


def test_a_kill_in_the_middle_of_a_push_leaves_no_git_behind(tmp_path):
    process, lines = run(tmp_path)
    LocalHub(root=tmp_path).create("acme/model")
    url = urlsplit(url_of(lines))
    login = base64.b64encode(f"local:{token_of(lines)}".encode()).decode()
    head = (
        f"POST /acme/model.git/git-receive-pack HTTP/1.1\r\nHost: hub\r\nAuthorization: Basic {login}\r\n"
        "Content-Type: application/x-git-receive-pack-request\r\nContent-Length: 2000000\r\n\r\n"
    )
    with socket.create_connection((url.hostname, url.port), timeout=10) as connection:
        connection.sendall(head.encode() + b"0094")
        end = time.monotonic() + 20
        while not gits_of(tmp_path) and time.monotonic() < end:
            time.sleep(0.02)
        assert gits_of(tmp_path)
        process.kill()
        process.communicate(timeout=20)
    end = time.monotonic() + 20
    while gits_of(tmp_path) and time.monotonic() < end:
        time.sleep(0.02)
    assert gits_of(tmp_path) == []


def test_a_taken_port_is_told_in_a_sentence(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CannotServe, match=rf"^Port {port} on 127\.0\.0\.1 is in use by another program"):
            serve(HubConfig(root=tmp_path, port=port), (), announce=print)


def test_a_folder_that_cannot_be_is_told_in_a_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(CannotServe, match="cannot be used"):
        serve(HubConfig(root=tmp_path / "file" / "below"), (), announce=print)


@pytest.mark.parametrize(
    ("number", "words"), [(errno.EACCES, "may not listen"), (errno.EADDRNOTAVAIL, "Cannot listen on 127.0.0.1")]
)
def test_other_reasons_have_sentences_too(number, words):
    assert words in reason(OSError(number, os.strerror(number)), HubConfig(root=Path("unused"), port=80))


def test_the_greeting_says_where_and_how(start):
    with start(status(503, on="batch")) as hub:
        text = "\n".join(greeting(hub))
    assert all(
        word in text for word in (hub.url, hub.storage_url, hub.token, "HF_ENDPOINT=", "git clone", "status(code=503")
    )
    assert urlsplit(hub.url).port


def test_the_greeting_names_the_token_that_may_write_and_else_the_first(start):
    reader, writer = User("ada", "hf_readreadread", "read"), User("bob", "hf_writewrite")
    with start(users=(reader, writer)) as hub:
        assert "Token of user bob: hf_writewrite" in greeting(hub)
    with start(users=(reader,)) as hub:
        assert "Token of user ada: hf_readreadread" in greeting(hub)
