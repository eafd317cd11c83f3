"""What clients say, word for word, and what is made of it."""

from __future__ import annotations

import io
import re
import string
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.said_by_clients import EVERYTHING, GO_URL, POOL, POST, PUT, G

from hfpush.diagnose.facts.log import LogLine
from hfpush.diagnose.log.classify import MOST, SIGNATURES, read_log


def read(text: str | bytes) -> tuple[LogLine, ...]:
    data = text.encode("utf-8", "surrogateescape") if isinstance(text, str) else text
    return read_log(io.BytesIO(data), hub_hosts=["hf.test"])


def references(text: str) -> list[str]:
    return [one.reference for one in read(text)]


@pytest.mark.parametrize(("text", "reference"), EVERYTHING)
def test_what_a_client_says(text: str, reference: str) -> None:
    assert references(text) == [reference]
    assert references(f"Enumerating objects: 3, done.\n{text}\nerror: failed to push some refs to 'x'\n") == [reference]


# ------------------------------------------------------------------ whom a line speaks of


@pytest.mark.parametrize(
    ("text", "client", "plane", "host", "address"),
    [
        (POST + "dial tcp 10.77.0.2:443: i/o timeout", "git-lfs", "hub", "hf.test", "10.77.0.2"),
        (PUT + "dial tcp 10.77.0.3:443: i/o timeout", "git-lfs", "storage", "s3.hf.test", "10.77.0.3"),
        (G + "Could not resolve host: hf.test", "git", "hub", "hf.test", ""),
        (f"LFS: Client error {GO_URL} from HTTP 413", "git-lfs", "storage", "s3.hf.test", ""),
        (G + "Failed to connect to proxy.test port 3128: Connection refused", "git", "proxy", "hf.test", "proxy.test"),
        ("curl: (28) SSL connection timeout", "curl", "", "", ""),
        ("HTTPSConnectionPool" + POOL + "ConnectTimeoutError(", "huggingface_hub", "hub", "hf.test", ""),
        ("remote: Your push was rejected because it contains binary files.", "git", "hub", "", ""),
        ("error sending request for url (https://cas.xethub.hf.co/v1/x)", "hf_xet", "xet", "cas.xethub.hf.co", ""),
        (
            'batch response: Post "https://huggingface.co/info/lfs/objects/batch": net/http: TLS handshake timeout',
            "git-lfs",
            "hub",
            "huggingface.co",
            "",
        ),
        (
            'LFS: Put "https://b.s3-accelerate.amazonaws.com/k?a=b": EOF',
            "git-lfs",
            "storage",
            "b.s3-accelerate.amazonaws.com",
            "",
        ),
    ],
)
def test_who_says_it_and_of_whom(text: str, client: str, plane: str, host: str, address: str) -> None:
    (line,) = read(text)
    assert (line.client, line.plane, line.host, line.address) == (client, plane, host, address)


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        (POST + "x509: certificate is valid for other.example, not hf.test", "other.example"),
        ("error: RPC failed; HTTP 504 curl 22 The requested URL returned error: 504", "504"),
        ("batch response: Fatal error: Service Unavailable", "Service Unavailable"),
        ("fatal: Unsupported SSL backend 'openssl'. Supported SSL backends:", "openssl"),
        (POST + "proxyconnect tcp: dial tcp: lookup socks4a on 127.0.0.1:53: no such host", "socks4a"),
    ],
)
def test_what_else_a_line_gives(text: str, detail: str) -> None:
    (line,) = read(text)
    assert line.detail == detail


# ------------------------------------------------------------------ lines together


def test_a_trouble_is_told_once_with_its_first_line() -> None:
    text = f"one\n{POST}dial tcp 10.77.0.2:443: i/o timeout\n" * 5
    (line,) = read(text)
    assert (line.reference, line.number) == ("connect-timeout", 2)


def test_the_same_trouble_at_two_hosts_is_two() -> None:
    text = f"{POST}dial tcp 10.77.0.2:443: i/o timeout\n{PUT}dial tcp 10.77.0.3:443: i/o timeout\n"
    assert [(line.reference, line.plane) for line in read(text)] == [
        ("connect-timeout", "hub"),
        ("connect-timeout", "storage"),
    ]


def test_the_nested_exceptions_of_python_are_one_trouble() -> None:
    text = "ConnectionRefusedError: [Errno 111] Connection refused\n"
    text += "    raise NewConnectionError(self, f'Failed to establish a new connection: {e}') from e\n"
    text += (
        "urllib3.exceptions.NewConnectionError: HTTPSConnection(host='proxy.test', port=3128): [Errno 111] refused\n"
    )
    text += "urllib3.exceptions.ProxyError: ('Unable to connect to proxy', NewConnectionError(host='proxy.test'))\n"
    text += "requests.exceptions.ProxyError: HTTPSConnectionPool" + POOL + "ProxyError('Unable to connect to proxy'))"
    (line,) = read(text)
    assert (line.reference, line.plane, line.host) == ("proxy-failed", "proxy", "hf.test")


def test_of_two_lines_of_which_one_names_a_host_that_one_is_kept() -> None:
    text = "ConnectionRefusedError: [Errno 111] Connection refused\n\nDuring handling of the above …\n"
    text += "requests.exceptions.ConnectionError: HTTPSConnectionPool" + POOL + "[Errno 111] Connection refused'))"
    (line,) = read(text)
    assert (line.reference, line.host) == ("connection-refused", "hf.test")


@pytest.mark.parametrize(
    "text",
    [
        "Everything up-to-date",
        "error: failed to push some refs to 'https://hf.test/me/m'",
        'Locking support detected on remote "origin". Consider enabling it with:',
        "07:00:00.000000 http.c:684              <= Recv header: X-Error-Message: Invalid username or password.",
        "< HTTP/1.1 401 Unauthorized",
        "> GET /me/m/info/refs?service=git-receive-pack HTTP/1.1",
        '07:00:00.0 trace git-lfs: HTTP: {"message": "Invalid username or password."}',
        "07:00:00.0 run-command.c:655       trace: run_command: 'git-lfs: not found'",
        "* Immediate connect fail for fd77::2: Network is unreachable",
        "07:00:00.0 http.c:725    == Info: connect to fd77::2 port 443 failed: Connection refused",
        "Writing objects: 100% (3/3), 250 bytes | 250.00 KiB/s, done.",
        "Uploading LFS objects: 100% (1/1), 1.2 MB | 1.0 MB/s, done.",
        "",
        "\x00\x01\x02",
    ],
)
def test_what_sounds_bad_and_is_not(text: str) -> None:
    assert read(text) == ()


def test_a_warning_about_locks_is_told_only_where_there_is_nothing_else() -> None:
    locks = 'Remote "origin" does not support the Git LFS locking API. Consider disabling it with:\n'
    assert references(locks) == ["locks-unsupported"]
    assert references(locks + POST + "dial tcp 10.77.0.2:443: i/o timeout") == ["connect-timeout"]


def test_a_lonely_end_of_file_counts_only_where_there_is_nothing_better() -> None:
    assert references("EOF\n" + PUT + "dial tcp 10.77.0.3:443: i/o timeout") == ["connect-timeout"]


def test_a_push_that_arrived_in_the_end_leaves_what_was_before_behind() -> None:
    text = POST + "dial tcp 10.77.0.2:443: i/o timeout\nerror: failed to push some refs to 'x'\n"
    text += "$ git push\nTo https://hf.test/me/m\n   0123abc..4567def  main -> main\n"
    (line,) = read(text)
    assert (line.reference, line.past) == ("connect-timeout", True)
    assert [one.past for one in read(text + G + "Could not resolve host: hf.test")] == [True, False]


def test_a_fetch_in_between_is_no_push_that_arrived() -> None:
    text = " ! [rejected]        main -> main (fetch first)\n$ git fetch\nFrom https://hf.test/me/m\n"
    text += "   0123abc..4567def  main       -> origin/main\n"
    (line,) = read(text)
    assert (line.reference, line.past) == ("remote-moved", False)


def test_a_reset_after_the_handshake_is_a_cut() -> None:
    text = "* Connected to hf.test (10.77.0.2) port 443 (#0)\n* SSL connection using TLSv1.3 / TLS_AES_256_GCM_SHA384\n"
    assert references(text + G + "Recv failure: Connection reset by peer") == ["connection-cut"]


def test_what_curl_remarks_says_more_exactly_why_it_could_not_connect() -> None:
    text = "* connect to 10.77.0.2 port 443 failed: No route to host\n"
    text += G + "Failed to connect to hf.test port 443 after 3053 ms: Couldn't connect to server"
    assert references(text) == ["host-unreachable"]


@pytest.mark.parametrize(
    ("text", "host", "detail"),
    [
        ("Uploading LFS objects:   0% (0/1), 0 B | 0 B/s\r", "", "0 %"),
        (
            "Uploading LFS objects:   0% (0/1), 0 B | 0 B/s\rUploading LFS objects:  45% (0/1), 5 MB | 1 MB/s",
            "",
            "45 %",
        ),
        (
            "07:00:00.1 trace git-lfs: HTTP: POST https://hf.test/me/m.git/info/lfs/objects/batch\n"
            "> POST /me/m.git/info/lfs/objects/batch HTTP/1.1\n> Host: hf.test\n"
            "Uploading LFS objects:   0% (0/1), 0 B | 0 B/s",
            "hf.test",
            "0 %",
        ),
        (
            "Uploading LFS objects:   0% (0/1), 0 B | 0 B/s\n"
            "07:00:00.1 trace git-lfs: HTTP: PUT https://s3.hf.test/b/k\n> PUT /b/k HTTP/1.1\n",
            "s3.hf.test",
            "0 %",
        ),
    ],
)
def test_a_log_that_ends_in_the_middle_of_a_transfer(text: str, host: str, detail: str) -> None:
    (line,) = read(text)
    assert (line.reference, line.host, line.detail) == ("stalled", host, detail)


def test_a_token_in_a_url_is_told_and_not_shown() -> None:
    text = f"  $ git config lfs.https://me:hf_{'s' * 34}@hf.test/me/m.git/info/lfs.locksverify true\n"
    (line,) = read(text)
    assert (line.reference, line.certain) == ("token-in-remote", True)
    assert "hf_s" not in line.text


def test_a_log_of_powershell_is_read() -> None:
    text = f"\ufeff{POST}dial tcp 10.77.0.2:443: i/o timeout\r\n"
    assert [one.reference for one in read(text.encode("utf-16-le"))] == ["connect-timeout"]


def test_an_end_of_file_behind_the_start_of_an_agent_is_the_agents() -> None:
    text = '07:00:00.1 trace git-lfs: xfer: starting up custom transfer process "multipart" for worker 0\nEOF\n'
    assert references(text) == ["lfs-agent-died"]


# ------------------------------------------------------------------ real logs

REAL = Path(__file__).parent / "real"
"""What git, git-lfs and `hf` of huggingface_hub 2.4 (and 0.36: `hf-old-…`) printed at a fault; shortened, redacted."""


@pytest.mark.parametrize(
    ("name", "reference", "plane"),
    [
        ("git-hub-reset", "tls-reset", "hub"),
        ("git-token-refused", "token-refused", "hub"),
        ("git-trace-hub-dropped", "connect-timeout", "hub"),
        ("git-trace-proxy-gone", "proxy-failed", "proxy"),
        ("git-trace-proxy-login", "proxy-login", "proxy"),
        ("git-lfs-agent-missing", "connection-cut", "here"),
        ("git-lfs-trace-agent-missing", "lfs-agent-missing", "here"),
        ("git-lfs-batch-429", "rate-limited", "hub"),
        ("git-lfs-large-packets-vanish", "stalled", "storage"),
        ("git-lfs-log-batch-503", "hub-unavailable", "hub"),
        ("git-lfs-socks4a", "proxy-scheme-unsupported", "proxy"),
        ("git-lfs-storage-413", "request-too-large", "storage"),
        ("git-lfs-storage-429", "git-lfs-panics", "here"),
        ("git-lfs-storage-503", "storage-unavailable", "storage"),
        ("git-lfs-storage-dropped", "connect-timeout", "storage"),
        ("git-lfs-storage-reset", "tls-reset", "storage"),
        ("git-lfs-token-in-url", "connect-timeout", "storage"),
        ("git-lfs-trace-hub-dropped", "connect-timeout", "hub"),
        ("git-lfs-trace-storage-403", "lease-refused", "storage"),
        ("git-lfs-trace-storage-dropped", "connect-timeout", "storage"),
        ("hf-hub-dropped", "connect-timeout", "hub"),
        ("hf-old-commit-504", "commit-timeout", "hub"),
        ("hf-old-no-names", "dns-failing", "hub"),
        ("hf-old-private-authority", "tls-untrusted", "hub"),
        ("hf-old-proxy-gone", "proxy-failed", "proxy"),
        ("hf-proxy-login", "proxy-login", "proxy"),
        ("hf-socks", "socks-support-missing", ""),
        ("hf-storage-403", "lease-refused", "storage"),
    ],
)
def test_a_real_log_tells_of_one_trouble(name: str, reference: str, plane: str) -> None:
    (line,) = read((REAL / f"{name}.log").read_bytes())
    assert (line.reference, line.plane) == (reference, plane)


def test_a_trace_of_a_push_that_arrived_tells_of_nothing() -> None:
    assert read((REAL / "git-trace-arrived.log").read_bytes()) == ()


@pytest.mark.parametrize("path", sorted(REAL.iterdir()), ids=lambda path: path.name)
def test_a_real_log_holds_no_secret(path: Path) -> None:
    text = path.read_text("utf-8")
    assert not re.search(r"hf_[A-Za-z0-9]{16}|Signature=[0-9a-f]|Basic [A-Za-z0-9+/]{8}", text)


# ------------------------------------------------------------------ hostile logs


def test_no_more_is_kept_of_a_log_than_can_be_read() -> None:
    text = "".join(f"curl: (6) Could not resolve host: h{number}.test\n" for number in range(3 * MOST))
    assert len(read(text)) == MOST


SECRETS = ("hf_" + "Z" * 34, "X-Amz-Signature=" + "Z" * 64, '"accessToken":"' + "Z" * 40 + '"', "Bearer " + "Z" * 30)
WORDS = st.sampled_from([one.needle for one in SIGNATURES])
TEXTS = st.text(string.printable.replace("Z", ""), max_size=60)


@given(st.lists(st.one_of(WORDS, TEXTS, st.sampled_from(SECRETS)), max_size=12), st.sampled_from(" \n\r\"'&?/:{=@\x1b"))
@settings(max_examples=400, deadline=None)
def test_no_secret_comes_through_and_nothing_is_raised(pieces: list[str], between: str) -> None:
    for line in read(between.join(pieces)):
        assert not re.search(r"Z{16}", line.text + line.host + line.detail + line.address)
        assert not set(line.text) & set("\x1b\n\r\x07\x00")
        assert len(line.text) < 700


@given(st.binary(max_size=300))
def test_any_bytes_are_read(data: bytes) -> None:
    assert isinstance(read(data), tuple)


@pytest.mark.parametrize(
    "piece",
    ["(", "dial tcp ", "x509: ", "https://", "contain secrets ", "error sending request for url (", "custom transfer "],
)
def test_a_hostile_line_is_read_in_time(piece: str) -> None:
    began = time.process_time()
    read(piece * (2_000_000 // len(piece)) + "\n" + (piece * 200 + "\n") * 40)
    assert time.process_time() - began < 5


def test_every_needle_is_in_small_letters_and_in_what_its_pattern_finds() -> None:
    assert all(one.needle == one.needle.lower() and one.needle for one in SIGNATURES)
