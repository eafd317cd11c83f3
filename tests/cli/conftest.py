"""A guarded command to try, and a terminal of any width that is no terminal."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Callable

import pytest
import typer
from rich.console import Console
from typer.testing import CliRunner

from hfpush.cli.guard import guarded


@pytest.fixture
def ends_as() -> Callable[..., tuple[int, str, str]]:
    """Runs a guarded command whose body is given: its exit code, stdout and stderr."""

    def run(body: Callable[[], None], *arguments: str) -> tuple[int, str, str]:
        app = typer.Typer()

        @app.command()
        @guarded
        def command(as_json: bool = typer.Option(False, "--json")) -> None:
            body()

        result = CliRunner().invoke(app, list(arguments))
        return result.exit_code, result.stdout, result.stderr

    return run


@pytest.fixture
def terminal() -> Callable[[int], Console]:
    """Makes a console that believes to be a terminal of so many columns; its `file` holds what was drawn."""

    def make(width: int) -> Console:
        return Console(file=io.StringIO(), force_terminal=True, width=width, height=20, color_system=None, markup=False)

    return make


@pytest.fixture
def shell() -> Callable[..., subprocess.CompletedProcess[bytes]]:
    """Runs a line of sh in which `$hfpush` is the command line; what it prints is kept."""

    def run(line: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            ["sh", "-c", line],
            env={**os.environ, "hfpush": f"{sys.executable} -m hfpush", **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=60,
            check=False,
        )

    return run
