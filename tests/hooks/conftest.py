"""A repository for our hooks, the shells that run them, and a program that stands where hfpush is."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from support.hooked import SECONDS, Place


@pytest.fixture(params=["dash", *(pytest.param(name, marks=pytest.mark.slow) for name in ("bash", "busybox"))])
def shell(request: pytest.FixtureRequest) -> str:
    """The first line's words for each shell that is here. A quick run has dash, and more `in_every_shell`."""
    program = shutil.which(request.param)
    if program is None:
        pytest.skip(f"{request.param} is not installed")
    return f"{program} sh" if request.param == "busybox" else program


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """A new repository without a commit. No hfpush is on the PATH, so the hooks are on their own."""
    bin_folders = [
        folder for folder in os.environ["PATH"].split(os.pathsep) if not Path(folder, "hfpush-hook").exists()
    ]
    monkeypatch.setenv("PATH", os.pathsep.join(bin_folders))
    subprocess.run(["git", "init", "-q", "repo"], cwd=tmp_path, check=True, timeout=SECONDS)
    return Place(tmp_path / "repo")


@pytest.fixture
def program(place: Place, tmp_path: Path) -> Path:
    """Stands where hfpush is: its hook program notes how it was called, and ends with what `verdict` holds (0)."""
    notes, verdict = tmp_path / "notes", tmp_path / "verdict"
    for name in ("hfpush", "hfpush-hook"):
        file = tmp_path / name
        file.write_text(f"#!/bin/sh\necho \"$@\" >>'{notes}'\ncat >>'{notes}'\nexit \"$(cat '{verdict}')\"\n")
        file.chmod(0o755)
    verdict.write_text("0")
    place.done("config", "hfpush.program", str(tmp_path / "hfpush"))
    return tmp_path
