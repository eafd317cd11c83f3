"""The hooks that we ship."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from hfpush.repo.hooks.scripts import HOOK_NAMES, HookName, script


@pytest.mark.parametrize("name", HOOK_NAMES)
def test_each_is_a_text_for_sh_with_our_marks(name: HookName) -> None:
    text = script(name)
    assert text.startswith(b"#!/bin/sh\n# >>> hfpush " + name.encode() + b" >>>\n")
    assert text.count(b"# >>> hfpush ") == text.count(b"# <<< hfpush ")
    assert text.isascii()


@pytest.mark.parametrize("name", HOOK_NAMES)
@pytest.mark.parametrize("shell", ["dash", "bash", "busybox"])
def test_each_shell_can_read_it(name: HookName, shell: str) -> None:
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"{shell} is not installed")
    words = [program, "sh"] if shell == "busybox" else [program]
    done = subprocess.run([*words, "-n"], input=script(name), capture_output=True, timeout=30, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
