"""The one entry: what git starts for a file goes a short way, everything else to the command line."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    ("words", "loaded"), [(["lfs", "filter-process"], False), (["--version"], True), (["lfs", "--help"], True)]
)
def test_the_command_line_is_loaded_only_where_it_is_needed(words: list[str], loaded: bool) -> None:
    script = (
        "import atexit, os, sys\n"
        "ended = os._exit\n"
        "def told(): os.write(2, b'typer: %r' % ('typer' in sys.modules))\n"
        "def end(code): told(), ended(code)\n"
        "os._exit = end\n"
        "atexit.register(told)\n"
        "from hfpush.cli import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *words], input="", capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0
    assert f"typer: {loaded}" in done.stderr
