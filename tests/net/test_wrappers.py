from __future__ import annotations

import pytest

from hfpush.net.wrappers import Preloaded, preloaded, without_wrappers


@pytest.mark.parametrize(
    ("libraries", "kept"),
    [
        ("/usr/lib/x86_64-linux-gnu/libproxychains.so.4", None),
        ("/usr/lib/libproxychains4.so", None),
        ("/usr/lib/torsocks/libtorsocks.so", None),
        ("/usr/lib/libtsocks.so /usr/lib/libjemalloc.so.2", "/usr/lib/libjemalloc.so.2"),
        ("/usr/lib/libjemalloc.so.2:/usr/lib/libproxychains.so.4", "/usr/lib/libjemalloc.so.2"),
        ("/usr/lib/libsocks.so libdl.so", "libdl.so"),
        ("libdsocks.so", None),
        ("/opt/proxychains/libjemalloc.so", "/opt/proxychains/libjemalloc.so"),
        ("/usr/lib/libwebsocks.so", "/usr/lib/libwebsocks.so"),
        (" a.so  b.so ", " a.so  b.so "),
    ],
)
def test_proxy_wrappers_are_not_preloaded_and_others_are(libraries: str, kept: str | None) -> None:
    for name in ("LD_PRELOAD", "DYLD_INSERT_LIBRARIES"):
        assert without_wrappers({name: libraries}).get(name) == kept


def test_what_tells_a_wrapper_where_to_is_taken_away() -> None:
    names = ("PROXYCHAINS_CONF_FILE", "PROXYCHAINS_QUIET_MODE", "TORSOCKS_CONF_FILE", "TSOCKS_CONF_FILE")
    assert without_wrappers({**dict.fromkeys(names, "x"), "PROXY": "y"}) == {"PROXY": "y"}


@pytest.mark.parametrize(
    ("libraries", "found"),
    [
        ("", None),
        ("/usr/lib/libjemalloc.so.2", None),
        ("/usr/lib/libwebsocks.so", None),
        ("/usr/lib/libjemalloc.so.2:/usr/lib/libproxychains.so.4", ("proxychains", "/usr/lib/libproxychains.so.4")),
        (
            "/usr/lib/x86_64-linux-gnu/torsocks/libtorsocks.so",
            ("torsocks", "/usr/lib/x86_64-linux-gnu/torsocks/libtorsocks.so"),
        ),
        ("libtsocks.so /usr/lib/x.so", ("tsocks", "libtsocks.so")),
        ("/usr/lib/libsocks.so", ("libsocks", "/usr/lib/libsocks.so")),
    ],
)
def test_the_wrapper_that_is_loaded_is_named(libraries: str, found: tuple[str, str] | None) -> None:
    expected = None if found is None else Preloaded(*found, "LD_PRELOAD")
    assert preloaded({"LD_PRELOAD": libraries}) == expected
    assert preloaded({"HOME": "/h"}) is None
