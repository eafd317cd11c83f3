from __future__ import annotations

from dataclasses import replace

import pytest

from hfpush.diagnose.facts.machine import Wrapper
from hfpush.diagnose.line import Line
from hfpush.diagnose.probes.wrapper import Found
from hfpush.diagnose.spare_lines import spare_lines
from hfpush.net.proxies import Proxy

STRAIGHT, PROXIED = Line("hf.test", 443), Line("hf.test", 443, "http://p:1")
CHAINS = Found(Wrapper("proxychains", "", "/p.conf", ("socks5h://p:2",)), (Proxy("socks5h", "p", 2),))
LOADED = replace(CHAINS, wrapper=Wrapper("proxychains", "lib.so", "/p.conf", ("socks5h://p:2",)))


@pytest.mark.parametrize(
    ("shut", "found", "known", "names"),
    [
        ([], CHAINS, [], []),
        ([PROXIED], Found(), [], [STRAIGHT.name]),
        ([PROXIED], Found(), [STRAIGHT.name], []),
        ([STRAIGHT], Found(), [STRAIGHT.name], []),
        ([STRAIGHT], CHAINS, [STRAIGHT.name], ["hf.test:443 through socks5h://p:2"]),
        ([STRAIGHT, PROXIED], LOADED, [], []),
    ],
)
def test_what_is_tried_besides(shut: list[Line], found: Found, known: list[str], names: list[str]) -> None:
    assert [line.name for line in spare_lines(shut, found, known)] == names
