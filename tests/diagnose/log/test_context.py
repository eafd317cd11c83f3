"""What earlier lines say about later ones."""

from __future__ import annotations

import pytest

from hfpush.diagnose.log.context import Context, host_in


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ('Put "https://s3.hf.test:444/b?***": EOF', "s3.hf.test"),
        ("git config lfs.https://***@hf.test/me/m.git/info/lfs.locksverify true", "hf.test"),
        ("https://[fd77::2]/me/m", "[fd77::2]"),
        ("&{%!!(string=https) %!!(string=) %!!(*url.Userinfo=&{***}) %!!(string=hf.test) %!!(string=/me)", "hf.test"),
        ("HTTPSConnectionPool(host='hf.test', port=443)", "hf.test"),
        ("in connection to hf.test:443", "hf.test"),
        ("Unable to connect to proxy", ""),
        ("no address at all", ""),
    ],
)
def test_the_host_that_a_line_names(text: str, host: str) -> None:
    assert host_in(text) == host


@pytest.mark.parametrize(
    ("host", "text", "plane"),
    [
        ("hf.test", "", "hub"),
        ("huggingface.co", "", "hub"),
        ("s3.hf.test", 'Put "https://s3.hf.test/k": EOF', "storage"),
        ("cdn-lfs.hf.co", "", ""),
        ("cdn-lfs.hf.co", "GET https://cdn-lfs.hf.co/x", "storage"),
        ("cas-server.xethub.hf.co", "", "xet"),
        ("mirror.test", "https://mirror.test/m.git/info/lfs/objects/batch", "hub"),
        ("mirror.test", "fatal: unable to access 'https://mirror.test/m/'", "hub"),
        ("other.test", "", ""),
        ("", "Put", ""),
    ],
)
def test_what_a_host_is_for(host: str, text: str, plane: str) -> None:
    assert Context(["HF.test"]).plane_of(host, text) == plane


@pytest.mark.parametrize(
    ("line", "host"),
    [
        ("07:00:00.1 trace git-lfs: HTTP: PUT https://s3.hf.test/k", "s3.hf.test"),
        ("> Host: hf.test", "hf.test"),
        ("* Connected to hf.test (10.77.0.2) port 443 (#0)", "hf.test"),
        ("see https://huggingface.co/docs for more", ""),
    ],
)
def test_a_line_without_a_host_speaks_of_the_last_that_was_spoken_to(line: str, host: str) -> None:
    context = Context([])
    context.note(line, line.lower())
    assert context.host_of("EOF") == host


def test_a_log_that_goes_on_after_its_progress_is_not_stuck() -> None:
    context = Context([])
    assert context.passes("Uploading LFS objects:   0% (0/1), 0 B | 0 B/s")
    assert context.stuck() is not None
    assert not context.passes("$ git status")
    assert context.stuck() is None
