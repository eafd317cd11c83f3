"""`hfpush try`: --keep leaves the Hub running, says how to look at it, and ends at ^C with 0 and an empty disk."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

import pytest


@pytest.mark.slow
@pytest.mark.needs("git")
def test_keep_leaves_the_hub_until_ctrl_c(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "hfpush", "try", "--keep"],
        env={**os.environ, "TMPDIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    said: list[str] = []
    assert process.stdout is not None
    reader = threading.Thread(target=lambda: said.extend(iter(process.stdout.readline, "")))
    reader.start()
    try:
        end = time.monotonic() + 60
        while "export HF_TOKEN=" not in "".join(said) and process.poll() is None and time.monotonic() < end:
            time.sleep(0.05)
        assert any("git clone http://127.0.0.1:" in line for line in said)
        url = re.search(r"in a browser +(http://\S+)", "".join(said))
        assert url, said
        with urllib.request.urlopen(url[1], timeout=10) as page:
            assert page.status == 200
    finally:
        process.send_signal(signal.SIGINT)
        code = process.wait(30)
        reader.join(10)
        assert process.stderr is not None
        err = process.stderr.read()
        process.stdout.close()
        process.stderr.close()
    assert (code, err) == (0, "the Hub has ended\n")
    assert "Every byte of 6 files is equal." in "".join(said)
    assert list(tmp_path.iterdir()) == []
