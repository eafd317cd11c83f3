"""Servers that refuse, tire, forget or go away: stock `git push` fails, `hfpush publish` arrives or says what is wrong.

Where an object would go in parts, the stock side has huggingface_hub's own agent for them. docs/gets-through.md has
the words of each.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from support.command_line import git
from support.pushes import Pushes, last_words
from support.slowly import mostly_slow
from support.stage import NAMES, Stage

from hfpush.localhub import Fault, late_check, redirect_loop, short_lease, slow, status

pytestmark = pytest.mark.needs("git-lfs", "ip", "nft")

PATIENCE: list[tuple[str, Callable[[], list[Fault]], str]] = [
    ("503 twice at the batch", lambda: [status(503, on="batch", times=2)], "Fatal error: Service Unavailable"),
    ("429 at the batch, with Retry-After", lambda: [status(429, on="batch", times=12, retry_after=1)], "LFS: Error"),
    ("429 at the batch, without", lambda: [status(429, on="batch", times=3)], "exceeded the rate limit"),
    ("429 at the storage, with Retry-After", lambda: [status(429, on="put", times=12, retry_after=1)], "LFS: Error"),
    ("429 at the storage, without", lambda: [status(429, on="put", times=3)], "panic: runtime error"),
]


@pytest.mark.parametrize(
    ("case", "faults", "words"), mostly_slow(PATIENCE, quick={"503 twice at the batch", "429 at the storage, without"})
)
def test_a_server_that_asks_for_patience(
    case: str, faults: Callable[[], list[Fault]], words: str, stage: Stage, tmp_path: Path
) -> None:
    hub = stage.hub(*faults())
    pushes = Pushes(stage, hub, tmp_path)
    stock = pushes.stock()
    assert stock.code not in (0, None), stock
    assert words in stock.text
    hub.faults.clear()
    hub.faults.add(*faults())
    said = pushes.publish()
    assert said.code == 0, said
    assert pushes.arrived()
    assert pushes.cloned() == pushes.large


def test_redirects_without_end_at_the_batch(stage: Stage, tmp_path: Path) -> None:
    hub = stage.hub(redirect_loop(on="batch"))
    pushes = Pushes(stage, hub, tmp_path)
    stock = pushes.stock(seconds=2)
    assert stock.code is None, stock
    assert hub.seen.count("batch") > 100, "one push, and it would go on"
    assert hub.seen.count("put") == 0
    said = pushes.publish()
    assert (said.code, said.reference) == (1, "redirect-refused"), said


def with_agent_of_hf(pushes: Pushes) -> None:
    """Let git-lfs send parts as `hf lfs-enable-largefiles` does, with one process of its agent."""
    program = str(Path(sys.executable).parent / "hf")
    for key, value in (("path", program), ("args", "lfs-multipart-upload"), ("concurrent", "false")):
        git(pushes.repo, "config", f"lfs.customtransfer.multipart.{key}", value)


@pytest.mark.slow
def test_a_signed_url_expires_while_its_part_is_sent(stage: Stage, tmp_path: Path) -> None:
    faults = (short_lease(7.5, times=1), slow(rate=11_000, part=2, times=1), late_check(part=2))
    hub = stage.hub(*faults)
    pushes = Pushes(stage, hub, tmp_path)
    with_agent_of_hf(pushes)
    stock = pushes.stock(HF_ENDPOINT=hub.url)
    assert stock.code not in (0, None), stock
    assert re.search(r"^EOF", last_words(stock), re.MULTILINE)
    assert [(row.part, row.status) for row in hub.seen.rows("put")] == [(1, 200), (2, 403)]
    hub.faults.clear()
    hub.faults.add(*faults)
    hub.seen.clear()
    said = pushes.publish()
    assert said.code == 0, said
    assert pushes.arrived()
    assert [row.status for row in hub.seen.rows("put") if row.part == 2] == [403, 200]
    assert hub.seen.count("batch") > 2, "a new lease was asked for"


@pytest.mark.parametrize("seconds", [2.0, pytest.param(20.0, marks=pytest.mark.rare)])
def test_a_storage_that_goes_away_at_half_of_the_bytes(seconds: float, stage: Stage, tmp_path: Path) -> None:
    hub = stage.hub()
    pushes = Pushes(stage, hub, tmp_path)
    with_agent_of_hf(pushes)
    stage.at("s3.hf.test").away(at=600_000, seconds=seconds)
    stock = pushes.stock(HF_ENDPOINT=hub.url)
    assert stock.code not in (0, None), stock
    assert re.search(r"^EOF", last_words(stock), re.MULTILINE)
    stage.at("s3.hf.test").back()
    hub.seen.clear()
    stage.at("s3.hf.test").away(at=600_000, seconds=seconds)
    said = pushes.publish("--jobs", "2")
    assert said.code == 0, said
    assert pushes.arrived()
    assert said.seconds > seconds
    assert hub.seen.bytes_in("put") <= 1_200_000 + 2 * 100_000, "only the parts in flight went twice"


NGINX = """\
daemon off; master_process off; user root root; pid {place}/nginx.pid; error_log {place}/nginx.log;
events {{}}
http {{
  access_log off; client_max_body_size 0; proxy_request_buffering on; proxy_http_version 1.1;
  client_body_temp_path {place}/body; proxy_temp_path {place}/proxy; fastcgi_temp_path {place}/f;
  uwsgi_temp_path {place}/u; scgi_temp_path {place}/s;
  server {{
    listen {address}:443 ssl; ssl_certificate {place}/chain.pem; ssl_certificate_key {place}/key.pem;
    location / {{ proxy_pass http://{upstream}:80; proxy_set_header Host $host; }}
  }}
}}
"""


@pytest.mark.needs("nginx")
@pytest.mark.rare
def test_a_mirror_that_takes_a_whole_body_and_answers_after_half_a_minute(stage: Stage, tmp_path: Path) -> None:
    hub = stage.hub(slow(rate=35_000), storage_front=False, part_size=1_200_000)
    stage.front("mirror.test", hub.doors[1], port=80)
    place = tmp_path / "nginx"
    place.mkdir()
    certificate = stage.public.issue_cert("s3.hf.test")
    certificate.private_key_pem.write_to_path(str(place / "key.pem"))
    (place / "chain.pem").write_bytes(b"".join(one.bytes() for one in certificate.cert_chain_pems))
    (place / "conf").write_text(NGINX.format(place=place, address=NAMES["s3.hf.test"], upstream=NAMES["mirror.test"]))
    stage.start("nginx", "-e", str(place / "nginx.log"), "-c", str(place / "conf"))
    stage.wait_for("s3.hf.test")
    pushes = Pushes(stage, hub, tmp_path, haste=False)
    git(pushes.repo, "config", "lfs.transfer.maxretries", "1")
    with ThreadPoolExecutor() as both:
        stock_ends = both.submit(pushes.stock, seconds=100)
        said = pushes.publish()
        stock = stock_ends.result()
    assert stock.code not in (0, None), stock
    assert re.search(r"LFS: Put .*read tcp .*i/o timeout", last_words(stock))
    assert said.code == 0, said
    assert pushes.arrived()
