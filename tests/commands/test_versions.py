"""Which programs a run consists of."""

from __future__ import annotations

import ssl

import pytest

from hfpush.commands.versions import versions


def test_hfpush_python_openssl_and_git_are_named() -> None:
    text = "\n".join(versions())
    assert text.startswith("hfpush ")
    assert ssl.OPENSSL_VERSION in text
    assert "git version " in text


def test_a_program_that_is_missing_is_said_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert versions()[-2:] == ("git is not installed", "git-lfs is not installed")
