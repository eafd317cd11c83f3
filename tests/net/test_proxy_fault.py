"""A proxy's fault keeps what it is told by, also inside other exceptions."""

from __future__ import annotations

import urllib3

from hfpush.errors import Unavailable
from hfpush.net.outages import network_failure
from hfpush.net.proxy_fault import ProxyFault


def test_it_is_found_inside_what_the_libraries_make_of_it() -> None:
    fault = ProxyFault("lost", "it said yes", "https_proxy", status=200)
    assert (fault.kind, fault.said, fault.named, fault.status, str(fault)) == (
        *("lost", "it said yes", "https_proxy", 200),
        "it said yes",
    )
    error = network_failure("PUT", "https://s3.test/x?sig=1", urllib3.exceptions.ProxyError("x", fault))
    assert (type(error), error.finding.reference) == (Unavailable, "proxy-lost-way")
    assert error.finding.evidence == ("PUT https://s3.test/x: it said yes", "the proxy is set in https_proxy")
