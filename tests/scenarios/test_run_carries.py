"""`hfpush run` before stock tools, on a machine whose network they cannot use by themselves."""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from support.command_line import git
from support.pushes import Pushes, last_words
from support.stage import NAMES, Ended, Stage

pytestmark = pytest.mark.needs("git-lfs", "ip", "nft")

RUN = (sys.executable, "-m", "hfpush", "run", "--")


def arrived(pushes: Pushes) -> bool:
    """Whether what stock git pushed is at the Hub: the commit, and each object's bytes."""
    for content in pushes.large.values():
        path = pushes.hub.objects.path(hashlib.sha256(content).hexdigest())
        if not path.exists() or path.read_bytes() != content:
            return False
    door = pushes.hub.doors[0].replace("://", f"://me:{pushes.hub.token}@")
    return git(pushes.repo, "ls-remote", f"{door}/local/stock", "refs/heads/main").startswith(
        git(pushes.repo, "rev-parse", "HEAD")
    )


def tool(stage: Stage, place: Path, *words: str, environment: Mapping[str, str]) -> Ended:
    """Run a tool through hfpush run; it may not name the secret of the door."""
    said = stage.run([*RUN, *words], cwd=place, environment={**os.environ, **environment})
    assert "Traceback" not in said.text, said
    assert "hfpush:" not in said.text.replace("hfpush: ", ""), "the login of the door"
    return said


@pytest.mark.needs("proxychains4")
def test_git_push_with_git_lfs_under_proxychains4(stage: Stage, tmp_path: Path) -> None:
    hub = stage.hub()
    proxy = stage.proxy("socks5")
    stage.drop("hf.test", "s3.hf.test")
    pushes = Pushes(stage, hub, tmp_path)
    config = tmp_path / "proxychains.conf"
    config.write_text(f"strict_chain\nproxy_dns\n[ProxyList]\nsocks5 {NAMES['proxy.test']} 1080\n")
    said = pushes.stock(wrap=("proxychains4", "-q", "-f", str(config), *RUN))
    assert said.code == 0, said
    assert arrived(pushes)
    assert set(proxy.targets) == {f"{NAMES[name]}:443" for name in ("hf.test", "s3.hf.test")}


@pytest.mark.slow
@pytest.mark.needs("proxychains4")
def test_git_push_under_proxychains4_to_names_that_only_the_proxy_knows(stage: Stage, tmp_path: Path) -> None:
    stage.call({"proxy.test": NAMES["proxy.test"]})
    hub = stage.hub()
    proxy = stage.proxy("socks5")
    pushes = Pushes(stage, hub, tmp_path)
    config = tmp_path / "proxychains.conf"
    config.write_text(f"strict_chain\nproxy_dns\n[ProxyList]\nsocks5 {NAMES['proxy.test']} 1080\n")
    said = pushes.stock(wrap=("proxychains4", "-q", "-f", str(config), *RUN))
    assert said.code == 0, said
    assert arrived(pushes)
    assert set(proxy.targets) == {"hf.test:443", "s3.hf.test:443"}


@pytest.mark.parametrize(
    "environment",
    [
        {"ALL_PROXY": "socks5h://proxy.test:1080"},
        pytest.param({"https_proxy": "socks4a://proxy.test:1080"}, marks=pytest.mark.slow),
        pytest.param(
            {"HTTPS_PROXY": "http://127.0.0.1:9", "https_proxy": "socks5://proxy.test:1080"}, marks=pytest.mark.slow
        ),
    ],
    ids=lambda environment: "+".join(environment),
)
def test_git_push_with_a_proxy_that_git_lfs_does_not_take(
    environment: dict[str, str], stage: Stage, tmp_path: Path
) -> None:
    hub = stage.hub()
    stage.proxy("socks5")
    stage.drop("hf.test", "s3.hf.test")
    pushes = Pushes(stage, hub, tmp_path)
    said = pushes.stock(wrap=RUN, **environment)
    assert said.code == 0, said
    assert arrived(pushes)


def test_git_push_with_a_proxy_that_is_in_git_s_settings_for_the_hub_alone(stage: Stage, tmp_path: Path) -> None:
    hub = stage.hub()
    proxy = stage.proxy("http", ("ada", "p@ss word"))
    stage.drop("hf.test", "s3.hf.test")
    pushes = Pushes(stage, hub, tmp_path)
    stored = tmp_path / "stored"
    git(pushes.repo, "config", "http.https://hf.test.proxy", proxy.url_with_login.replace("@ss ", "%40ss%20"))
    git(pushes.repo, "config", "http.proxyAuthMethod", "negotiate")
    git(pushes.repo, "config", "credential.helper", f"store --file {stored}")
    said = pushes.stock(wrap=RUN, HF_ENDPOINT=hub.url)
    assert said.code == 0, said
    assert "127.0.0.1" not in stored.read_text(), "no helper keeps the door's secret"
    assert arrived(pushes)
    assert "s3.hf.test:443" in proxy.targets


def test_git_push_where_handshakes_are_reset(stage: Stage, tmp_path: Path) -> None:
    hub = stage.hub()
    stage.at("hf.test").reset_handshakes("10")
    stage.at("s3.hf.test").reset_handshakes("110")
    pushes = Pushes(stage, hub, tmp_path)
    assert pushes.stock().code not in (0, None)
    said = pushes.stock(wrap=RUN)
    assert said.code == 0, said
    assert arrived(pushes)
    assert "note: handshake-repeated" in said.err


@pytest.mark.slow
def test_every_tool_trusts_a_ca_that_one_variable_names(stage: Stage, tmp_path: Path) -> None:
    hub = stage.hub(private=True)
    ca = tmp_path / "ca.pem"
    ca.write_bytes(stage.private.cert_pem.bytes())
    pushes = Pushes(stage, hub, tmp_path)
    told = {"GIT_SSL_CAINFO": str(ca), "HF_ENDPOINT": hub.url, "HF_TOKEN": hub.token}
    assert pushes.stock(wrap=RUN, **told).code == 0
    assert arrived(pushes)
    page = f"{hub.url}/local/stock"
    scripts = (
        f"import urllib.request as u; u.urlopen({page!r}).read()",
        f"import requests; requests.get({page!r}).raise_for_status()",
        "from huggingface_hub import hf_hub_download as d; print(open(d('local/stock', 'README.md')).read())",
    )
    for script in scripts:
        said = tool(stage, tmp_path, sys.executable, "-c", script, environment=told)
        assert said.code == 0, said
    if shutil.which("curl"):
        said = tool(stage, tmp_path, "curl", "-fsS", page, environment=told)
        assert said.code == 0, said


def test_hf_download_through_socks(stage: Stage, tmp_path: Path) -> None:
    hub = stage.hub()
    proxy = stage.proxy("socks5")
    stage.drop("hf.test", "s3.hf.test")
    hub.create("local/model")
    told = {"ALL_PROXY": proxy.url, "HF_ENDPOINT": hub.url, "HF_TOKEN": hub.token}
    hf = Path(sys.executable).with_name("hf")
    words = [str(hf), "download", "local/model"] if hf.exists() else []
    script = "from huggingface_hub import snapshot_download as d; print(d('local/model'))"
    said = tool(stage, tmp_path, *(words or [sys.executable, "-c", script]), environment=told)
    assert said.code == 0, said
    assert "hf.test:443" in proxy.targets


def test_a_plain_http_request_goes_through_an_http_proxy_as_a_request(stage: Stage, tmp_path: Path) -> None:
    hub = stage.hub()
    stage.front("mirror.test", hub.doors[0], port=80)
    proxy = stage.proxy("http", ("ada", "secret"))
    stage.drop("mirror.test")
    script = "import urllib.request as u; print(u.urlopen('http://mirror.test/').status)"
    told = {"http_proxy": proxy.url_with_login}
    said = tool(stage, tmp_path, sys.executable, "-c", script, environment=told)
    assert (said.code, said.out) == (0, "200\n"), said
    assert proxy.targets == ["mirror.test:80"]


def test_a_refusal_is_told_once_and_by_name(stage: Stage, tmp_path: Path) -> None:
    hub = stage.hub()
    proxy = stage.proxy("http", ("ada", "secret"))
    stage.drop("hf.test", "s3.hf.test")
    pushes = Pushes(stage, hub, tmp_path)
    said = pushes.stock(wrap=RUN, HTTPS_PROXY=proxy.url_with_login.replace("secret", "wrong"))
    assert said.code == 128, said
    assert last_words(said).count("error: proxy-login") == 1
    assert "asked for by git/" in said.err
    assert "wrong" not in said.text
