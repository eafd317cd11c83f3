"""The direct way is closed and a proxy is there: what stock `git push` says, and that `hfpush publish` arrives.

Both run on the same client with the same settings. docs/gets-through.md has the words of each.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from support.command_line import git
from support.pushes import Pushes, last_words
from support.slowly import mostly_slow
from support.stage import NAMES, Stage

pytestmark = pytest.mark.needs("git-lfs", "ip", "nft")


@dataclass(frozen=True)
class Way:
    """How the client is told of the proxy: words before the command, and its environment."""

    wrap: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)


def proxychains(stage: Stage, pushes: Pushes) -> Way:
    stage.proxy("socks5")
    config = pushes.place / "proxychains.conf"
    config.write_text(f"strict_chain\nproxy_dns\n[ProxyList]\nsocks5 {NAMES['proxy.test']} 1080\n")
    return Way(wrap=("proxychains4", "-q", "-f", str(config)))


def all_proxy(stage: Stage, pushes: Pushes) -> Way:
    return Way(environment={"ALL_PROXY": stage.proxy("socks5").url})


def hub_scoped(stage: Stage, pushes: Pushes) -> Way:
    git(pushes.repo, "config", "http.https://hf.test.proxy", stage.proxy("http").url)
    return Way()


def login(stage: Stage, pushes: Pushes) -> Way:
    return Way(environment={"HTTPS_PROXY": stage.proxy("http", ("ada", "secret")).url_with_login})


def login_with_at(stage: Stage, pushes: Pushes) -> Way:
    return Way(environment={"HTTPS_PROXY": stage.proxy("http", ("ada", "p@ss")).url_with_login})


def socks4a(stage: Stage, pushes: Pushes) -> Way:
    return Way(environment={"HTTPS_PROXY": stage.proxy("socks5").url.replace("socks5h://", "socks4a://")})


ROWS: list[tuple[str, Callable[[Stage, Pushes], Way], str | None]] = [
    ("proxychains4", proxychains, f"dial tcp {NAMES['hf.test']}:443: i/o timeout"),
    ("ALL_PROXY alone", all_proxy, f"dial tcp {NAMES['hf.test']}:443: i/o timeout"),
    ("a proxy for the hub alone in git's settings", hub_scoped, f"dial tcp {NAMES['s3.hf.test']}:443: i/o timeout"),
    ("HTTPS_PROXY with a login", login, None),
    ("HTTPS_PROXY with a password that has an @", login_with_at, "CONNECT tunnel failed, response 407"),
    ("HTTPS_PROXY with SOCKS 4a", socks4a, "lookup socks4a"),
]


@pytest.mark.needs("proxychains4")
@pytest.mark.parametrize(("case", "way", "words"), mostly_slow(ROWS, quick={"proxychains4", ROWS[2][0]}))
def test_through_a_proxy_where_the_direct_way_is_closed(
    case: str, way: Callable[[Stage, Pushes], Way], words: str | None, stage: Stage, tmp_path: Path
) -> None:
    hub = stage.hub()
    stage.drop("hf.test", "s3.hf.test")
    pushes = Pushes(stage, hub, tmp_path)
    told = way(stage, pushes)
    stock = pushes.stock(wrap=told.wrap, **told.environment)
    if words is None:
        assert stock.code == 0, "stock knows this one, too"
    else:
        assert stock.code not in (0, None), stock
        assert words in last_words(stock)
        assert hub.seen.count("put") == 0
    said = pushes.publish(wrap=told.wrap, **told.environment)
    assert said.code == 0, said
    assert pushes.arrived()


TINYPROXY = "Port 8888\nListen {address}\nBasicAuth ada secret\nConnectPort 443\nTimeout 60\n"


@pytest.mark.needs("tinyproxy")
@pytest.mark.slow
def test_through_tinyproxy_with_a_login_in_all_proxy(stage: Stage, tmp_path: Path) -> None:
    hub = stage.hub()
    stage.drop("hf.test", "s3.hf.test")
    pushes = Pushes(stage, hub, tmp_path)
    config = tmp_path / "tinyproxy.conf"
    config.write_text(TINYPROXY.format(address=NAMES["proxy.test"]))
    stage.start("tinyproxy", "-d", "-c", str(config))
    stage.wait_for("proxy.test", 8888)
    url = "http://ada:secret@proxy.test:8888"
    stock = pushes.stock(ALL_PROXY=url)
    assert stock.code not in (0, None), stock
    assert f"dial tcp {NAMES['hf.test']}:443: i/o timeout" in last_words(stock)
    said = pushes.publish(ALL_PROXY=url)
    assert said.code == 0, said
    assert pushes.arrived()
    assert "secret" not in said.text
    stage.heal()
    assert pushes.cloned() == pushes.large


@pytest.mark.slow
def test_names_that_only_the_proxy_knows(tmp_path: Path, stage: Stage) -> None:
    stage.call({"proxy.test": NAMES["proxy.test"]})
    hub = stage.hub()
    pushes = Pushes(stage, hub, tmp_path)
    proxy = stage.proxy("socks5")
    stock = pushes.stock(ALL_PROXY=proxy.url)
    assert stock.code not in (0, None), stock
    assert "lookup hf.test" in last_words(stock)
    said = pushes.publish(ALL_PROXY=proxy.url)
    assert said.code == 0, said
    assert pushes.arrived()
    assert set(proxy.targets) == {"hf.test:443", "s3.hf.test:443"}


@pytest.mark.needs("proxychains4")
@pytest.mark.slow
@pytest.mark.parametrize("way", [proxychains, all_proxy])
def test_the_same_stock_push_gets_through_when_hfpush_carries_it(
    way: Callable[[Stage, Pushes], Way], stage: Stage, tmp_path: Path
) -> None:
    hub = stage.hub()
    stage.drop("hf.test", "s3.hf.test")
    pushes = Pushes(stage, hub, tmp_path)
    told = way(stage, pushes)
    stock = pushes.stock(wrap=told.wrap, **told.environment)
    assert stock.code not in (0, None), stock
    assert f"dial tcp {NAMES['hf.test']}:443: i/o timeout" in last_words(stock)
    said = pushes.carried(wrap=told.wrap, **told.environment)
    assert said.code == 0, said
    assert pushes.arrived("local/stock")
    stage.heal()
    assert pushes.cloned("local/stock") == pushes.large
