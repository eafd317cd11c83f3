from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from hfpush.repo.credential import credential, origin
from hfpush.repo.process import environment

TOKEN = "hf_madeupfortests"


def fill(url: str, asked: str, token: str | None, cwd: Path) -> str:
    with credential(url, token) as secret:
        settings = [part for setting in secret.settings for part in ("-c", setting)]
        assert token is None or token not in " ".join(settings)
        done = subprocess.run(
            ["git", *settings, "credential", "fill"],
            input=f"url={asked}\n\n".encode(),
            capture_output=True,
            cwd=cwd,
            env=environment(),
            pass_fds=secret.descriptors,
            timeout=30,
        )
    return done.stdout.decode()


def test_git_gets_the_token_for_the_origin_and_for_no_other(tmp_path: Path) -> None:
    url = "http://127.0.0.1:8080/prefix/me/model"
    assert f"password={TOKEN}\n" in fill(url, "http://127.0.0.1:8080/prefix/me/model/info/refs", TOKEN, tmp_path)
    for other in ("http://127.0.0.1:8081/x", "https://127.0.0.1:8080/x", "http://localhost:8080/", "http://hf.test/"):
        assert TOKEN not in fill(url, other, TOKEN, tmp_path)


def test_helpers_of_the_user_are_not_asked(tmp_path: Path) -> None:
    for name in ("credential.helper", "credential.https://hf.test.helper"):
        subprocess.run(["git", "config", "--global", name, f"!touch {tmp_path}/asked; :"], check=True, timeout=30)
    assert fill("https://hf.test/me/model", "https://hf.test/me/model", None, tmp_path) == ""
    assert TOKEN in fill("https://hf.test/me/model", "https://hf.test/me/model", TOKEN, tmp_path)
    assert not (tmp_path / "asked").exists()


def test_the_descriptor_is_closed_at_the_end() -> None:
    with credential("https://hf.test/m", TOKEN) as secret:
        (descriptor,) = secret.descriptors
        assert os.read(descriptor, 100).endswith(b"\n")
    with pytest.raises(OSError):
        os.fstat(descriptor)


def test_a_token_of_two_lines_is_no_token() -> None:
    with pytest.raises(ValueError), credential("https://hf.test/m", "a\nhost=evil"):
        pytest.fail("never entered")


def test_a_place_without_http_gets_no_token() -> None:
    with credential("file:///srv/m.git", TOKEN) as secret:
        assert secret.descriptors == ()


def test_the_origin_is_scheme_host_and_port() -> None:
    assert origin("https://u:p@hf.test:8443/a/b") == "https://hf.test:8443"
