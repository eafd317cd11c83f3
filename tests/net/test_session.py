"""The session reads nothing of the environment; what it is told by its ways is all there is."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from hfpush.net.routes import Routes
from hfpush.net.session import Session
from hfpush.net.ways import Ways

PROXY = "http://p:1"


def settings_of(session: requests.Session, url: str, **more: Any) -> dict[str, Any]:
    given: dict[str, Any] = {"proxies": {}, "stream": True, "verify": None, "cert": None} | more
    return dict(session.merge_environment_settings(url, **given))


@pytest.mark.parametrize(
    ("environment", "url", "proxies"),
    [
        ({"http_proxy": PROXY}, "http://hub.test/a", {"http": PROXY}),
        ({"http_proxy": PROXY}, "https://hub.test/a", {}),
        ({"https_proxy": PROXY}, "https://hub.test/a", {}),  # a tunnel is net/pool.py's
        ({"all_proxy": "socks5://p:1"}, "http://hub.test/a", {}),  # and so is SOCKS
        ({"all_proxy": "https://p:1"}, "http://hub.test/a", {"http": "https://p:1"}),
        ({"http_proxy": PROXY}, "http://127.0.0.1:1/a", {}),
        ({"http_proxy": PROXY, "no_proxy": ".test"}, "http://hub.test/a", {}),
    ],
)
def test_a_proxy_is_given_only_where_it_is_asked_for_a_whole_url(
    environment: dict[str, str], url: str, proxies: dict[str, str]
) -> None:
    with Session(Ways(Routes.of(environment))) as session:
        assert settings_of(session, url)["proxies"] == proxies


def test_the_environment_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", PROXY)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "elsewhere.pem")
    with Session(Ways(Routes())) as session:
        found = settings_of(session, "http://hub.test/a", verify=False, stream=False)
        assert found == {"proxies": {}, "verify": True, "cert": None, "stream": False}
        assert session.trust_env is False
