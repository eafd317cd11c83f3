"""`hfpush hub serve`: it says where it is, does what it is told, and ends at a signal."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hfpush.cli.app import app


@pytest.mark.parametrize(
    ("words", "reference"),
    [
        (["--part-size", "large"], "size-invalid"),
        (["--multipart-threshold", "1 elephant"], "size-invalid"),
        (["--token", "secret-without-a-user"], "hub-token"),
        (["--fault", "rain()"], "hub-fault"),
        (["--url", "https://me:secret@hf.test"], "hub-address"),
        (["--storage-url", "s3.hf.test"], "hub-address"),
    ],
)
def test_a_wrong_word_is_told_and_no_hub_begins(words: list[str], reference: str) -> None:
    done = CliRunner().invoke(app, ["hub", "serve", *words])
    assert (done.exit_code, done.stdout, done.stderr.splitlines()[0]) == (2, "", f"error: {reference}")
    assert "secret" not in done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_says_where_it_is_and_ends_in_order(number: signal.Signals, tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "hfpush",
        "hub",
        "serve",
        "--fault",
        "slow(rate=1000)",
        "--token",
        "ada:hf_for_ada",
    ]
    process = subprocess.Popen(
        command, env={**os.environ, "TMPDIR": str(tmp_path)}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    said: list[str] = []
    assert process.stdout is not None
    reader = threading.Thread(target=lambda: said.extend(iter(process.stdout.readline, "")))
    reader.start()
    end = time.monotonic() + 30
    while "slow(rate=1000)" not in "".join(said) and time.monotonic() < end:
        time.sleep(0.02)
    try:
        found = re.search(r"Local Hub at (http://127\.0\.0\.1:\d+),", "".join(said))
        assert found, said
        assert "Token of user ada: hf_for_ada" in "".join(said)
        with pytest.raises(urllib.error.HTTPError, match=r"40[14]") as refused:
            urllib.request.urlopen(f"{found[1]}/api/models/ada/none", timeout=10)
        refused.value.close()
    finally:
        process.send_signal(number)
        code = process.wait(30)
        reader.join(10)
        assert process.stderr is not None
        err = process.stderr.read()
        process.stdout.close()
        process.stderr.close()
    assert (code, err) == (0, "")
    assert list(tmp_path.iterdir()) == [], "a Hub without --root leaves nothing behind"
