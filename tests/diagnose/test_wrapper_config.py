from __future__ import annotations

import pytest

from hfpush.diagnose.wrapper_config import wrapper_proxies

CHAINS = """\
strict_chain
proxy_dns
socks5 1.2.3.4 1080
[ProxyList]
# add proxy here ...
# socks5 9.9.9.9 9
socks5  10.0.0.5 1080 ada p@ss
http\t10.0.0.6\t3128   # office
raw 10.0.0.7 80
socks4 10.0.0.8 99999
"""


@pytest.mark.parametrize(
    ("name", "text", "environment", "urls"),
    [
        ("proxychains", CHAINS, {}, ["socks5h://ada:p%40ss@10.0.0.5:1080", "http://10.0.0.6:3128"]),
        ("proxychains", "[ProxyList]\nsocks4 \t127.0.0.1 9050\n", {}, ["socks4a://127.0.0.1:9050"]),
        ("proxychains", "", {}, []),
        ("proxychains", "[ProxyList]\nsocks5 fd00::5 1080", {}, ["socks5h://[fd00::5]:1080"]),
        ("torsocks", "", {}, ["socks5h://127.0.0.1:9050"]),
        (
            "torsocks",
            "TorAddress 10.0.0.5\nTorPort 1080\n#SOCKS5Username x\nSOCKS5Username u\nSOCKS5Password p",
            {},
            ["socks5h://u:p@10.0.0.5:1080"],
        ),
        ("torsocks", "TorPort 9050", {"TORSOCKS_TOR_PORT": "9150"}, ["socks5h://127.0.0.1:9150"]),
        ("tsocks", "server = 10.0.0.5\nserver_type = 5\n", {}, ["socks5h://10.0.0.5:1080"]),
        ("tsocks", "path {\nserver = 10.0.0.9\n}\nserver=10.0.0.5\nserver_port=81", {}, ["socks4a://10.0.0.5:81"]),
        ("tsocks", "local = 10.0.0.0/255.0.0.0", {}, []),
        ("dsocks", "anything", {}, []),
    ],
)
def test_the_proxies_of_a_wrapper_s_configuration(
    name: str, text: str, environment: dict[str, str], urls: list[str]
) -> None:
    assert [one.url for one in wrapper_proxies(name, text, environment)] == urls
