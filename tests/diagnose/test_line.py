"""A line has a name by which facts speak of it, and no login in it."""

from __future__ import annotations

import pytest

from hfpush.diagnose.line import Line
from hfpush.net.routes import Route


@pytest.mark.parametrize(
    ("line", "name", "url"),
    [
        (Line("hf.test", 443), "hf.test:443 straight", "https://hf.test:443/"),
        (Line("::1", 8080, secure=False), "[::1]:8080 straight", "http://[::1]:8080/"),
        (Line("hf.test", 443, "http://p:3128"), "hf.test:443 through http://p:3128", "https://hf.test:443/"),
    ],
)
def test_a_line_is_named_by_host_port_and_proxy(line: Line, name: str, url: str) -> None:
    assert (line.name, line.url) == (name, url)


def test_the_login_of_its_proxy_is_not_shown() -> None:
    line = Line("hf.test", 443, "http://p:3128", route=Route("http://ada:secret@p:3128", "https_proxy"))
    assert "secret" not in repr(line)
