"""The trace of a run: what is in it, what never is, and a file that keeps every line."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hfpush.errors import LocalTrouble
from hfpush.findings import Finding
from hfpush.net.news import SENDING, Moving, Noticed, Stalled
from hfpush.net.trace import Trace

TOKEN = "hf_" + "aB3" * 9
SIGNED = "https://s3.example/part/1?X-Amz-Credential=AKIA&X-Amz-Signature=0123456789abcdef"


def written(tell: Callable[[Trace], None], *secrets: str) -> str:
    """What is in the file after that was told."""
    with tempfile.TemporaryFile() as file:
        trace = Trace(os.dup(file.fileno()), secrets=secrets, clock=lambda: 0.0)
        tell(trace)
        trace.close()
        file.seek(0)
        return file.read().decode()


# ------------------------------------------------------------------ what is in it


def test_a_request_and_its_answer_are_two_lines_of_one_connection() -> None:
    def tell(trace: Trace) -> None:
        sent = {
            "Authorization": f"Bearer {TOKEN}",
            "Content-Length": "2000",
            "X-Own": "1",
            "Content-Type": "text/plain",
        }
        trace.asking(3, "PUT", "s3.example", "/part/1?X-Amz-Signature=abc", sent)
        trace.answered(3, 307, {"ETag": '"e"', "Set-Cookie": "a=b", "Location": SIGNED}, seconds=1.25)

    assert written(tell).splitlines() == [
        "    0.000 #3 PUT s3.example/part/1, 2.0 kB, with a token; content-type: text/plain",
        '    0.000 #3 307 after 1.250 s; etag: "e"; location: https://s3.example/part/1',
    ]


def test_the_url_towards_a_proxy_shows_its_path_alone() -> None:
    shown = written(lambda trace: trace.asking(1, "GET", "hub.example", "http://u:p@hub.example/a?b=c", {}))
    assert shown == "    0.000 #1 GET hub.example/a, signed\n"


def test_waits_stalls_and_findings_are_told() -> None:
    finding = Finding("rate-limited", "Slow down.", ("GET x answered 429",))

    def tell(trace: Trace) -> None:
        trace.waits(12, finding)
        trace.news(Stalled("s3.example", SENDING, 12))
        trace.news(Moving("s3.example", 15))
        trace.news(Noticed(finding))
        trace.words("git", "remote: one\r\nremote: two\n\nWriting:  20% (1/5)\rWriting: 100% (5/5), done.\n")

    assert [line[10:] for line in written(tell).splitlines()] == [
        "waits 12 s, then tries again: rate-limited: Slow down.; GET x answered 429",
        "STALL s3.example: sending, nothing acknowledged for 12 s",
        "moves s3.example: moving again after 15 s",
        "ERROR rate-limited: Slow down.; GET x answered 429",
        "git: remote: one",
        "git: remote: two",
        "git: Writing: 100% (5/5), done.",
    ]


def test_each_event_is_one_line_whatever_is_in_it() -> None:
    assert written(lambda trace: trace.say("a\nb\r\nc\x1b[2Jd" + "x" * 5000)).count("\n") == 1


# ------------------------------------------------------------------ what never is

PLACES: list[Callable[[Trace, str], None]] = [
    lambda trace, text: trace.say(text),
    lambda trace, text: trace.words("git", text),
    lambda trace, text: trace.finding(Finding("x", text, (text,), (text,))),
    lambda trace, text: trace.waits(1, Finding("x", text, (text,))),
    lambda trace, text: trace.asking(1, "GET", "h", f"/a?b={quote(text)}", {"Range": text, "X": text}),
    lambda trace, text: trace.answered(1, 400, {"X-Error-Message": text, "Server": text, "Cookie": text}, seconds=0),
    lambda trace, text: trace.answered(1, 302, {"Location": text, "Link": f"<{text}>; rel=next"}, seconds=0),
    lambda trace, text: trace.failed(1, "connecting", OSError(text), seconds=0),
    lambda trace, text: trace.news(Noticed(Finding("x", text, (text,)))),
]
AROUND = st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="Z"), max_size=12).map(
    lambda text: f"{text} "
)
LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
NAMES = st.text(alphabet=LETTERS, min_size=8, max_size=30).map(lambda text: f"Z{text}")  # not what stands around it


@settings(max_examples=60, deadline=None)
@given(before=AROUND, after=AROUND, body=st.text(alphabet=LETTERS, min_size=16, max_size=40))
@pytest.mark.parametrize("place", PLACES)
def test_no_token_survives(place: Callable[[Trace, str], None], before: str, after: str, body: str) -> None:
    assert body not in written(lambda trace: place(trace, f"{before}hf_{body} {after}"))


@settings(max_examples=60, deadline=None)
@given(before=AROUND, password=NAMES, tail=st.text(alphabet=LETTERS + "!$&*+,;=%-._~:", max_size=10))
@pytest.mark.parametrize("place", PLACES)
def test_no_password_in_an_address_survives(
    place: Callable[[Trace, str], None], before: str, password: str, tail: str
) -> None:
    text = f"{before}http://ada:{password}{tail}@proxy.example:3128/a"
    assert password not in written(lambda trace: place(trace, text))


@settings(max_examples=60, deadline=None)
@given(before=AROUND, name=st.sampled_from(["X-Amz-Signature", "sig", "Expires", "token"]), value=NAMES)
@pytest.mark.parametrize("place", PLACES)
def test_no_signed_query_survives(place: Callable[[Trace, str], None], before: str, name: str, value: str) -> None:
    text = f"{before}https://s3.example/part/1?partNumber=1&{name}={value}&uploadId=x"
    assert value not in written(lambda trace: place(trace, text))


@settings(max_examples=60, deadline=None)
@given(
    before=AROUND, secret=st.text(alphabet=st.characters(min_codepoint=33, max_codepoint=126), min_size=8, max_size=30)
)
@pytest.mark.parametrize("place", PLACES)
def test_no_secret_of_this_run_survives_however_a_url_spells_it(
    place: Callable[[Trace, str], None], before: str, secret: str
) -> None:
    shown = written(lambda trace: place(trace, f"{before}{secret} {quote(secret, safe='')} "), secret)
    assert secret not in shown
    assert quote(secret, safe="") not in shown


# ------------------------------------------------------------------ the file


def test_the_file_is_appended_and_nobody_else_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "run.log"
    path.write_text("before\n")
    path.chmod(0o644)
    for text in ("one", "two"):
        trace = Trace.open(path)
        trace.say(text)
        trace.close()
    assert re.fullmatch(r"before\n +0\.\d{3} one\n +0\.\d{3} two\n", path.read_text())
    assert path.stat().st_mode & 0o777 == 0o600


def test_an_unwritable_place_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(LocalTrouble) as caught:
        Trace.open(tmp_path / "nowhere" / "run.log")
    assert caught.value.finding.reference == "log-unwritable"


def test_a_kill_loses_no_line(tmp_path: Path) -> None:
    script = (
        "import os, sys\nfrom pathlib import Path\nfrom hfpush.net.trace import Trace\n"
        "trace = Trace.open(Path(sys.argv[1]))\n"
        "for number in range(100): trace.say(f'line {number}')\n"
        "os.kill(os.getpid(), 9)\n"
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path / "run.log")], check=False)
    assert len((tmp_path / "run.log").read_text().splitlines()) == 100


def test_a_full_disk_ends_the_trace_and_not_the_work() -> None:
    with Path("/dev/full").open("wb") as full:
        trace = Trace(os.dup(full.fileno()))
        trace.say("one")
        trace.say("two")
        assert trace.trouble == "No space left on device"
        trace.close()
