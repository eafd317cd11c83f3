import errno
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from hfpush.localhub import HubConfig, status
from hfpush.localhub.serve import CannotServe, greeting, reason, serve

PROGRAM = """
import sys
from pathlib import Path
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


def token_of(lines):
    return next(line.split(": ")[1] for line in lines if line.startswith("Token of user local: "))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_a_signal_and_ends_in_order(tmp_path, send, number):
    process, lines = run(tmp_path)
    url = lines[0].split(", ")[0].removeprefix("Local Hub at ")
    assert send("GET", f"{url}/api/whoami-v2", token=token_of(lines)).json()["name"] == "local"
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
