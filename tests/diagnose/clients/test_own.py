"""hfpush's own rules, as the route table has them."""

from __future__ import annotations

from hfpush.diagnose.clients.around import Stores, Surroundings
from hfpush.diagnose.clients.own import own_proxy, own_trust
from hfpush.net.routes import Routes

HUB = "https://hf.test/me/m"


def around(environment: dict[str, str]) -> Surroundings:
    return Surroundings(environment, routes=Routes.of(environment))


def test_it_goes_by_its_own_rule() -> None:
    found = own_proxy(around({"ALL_PROXY": "socks5://u:secret@s:1"}), HUB)
    assert (found.via, found.by, found.names) == ("socks5h://s:1", "ALL_PROXY", "proxy")
    assert "secret" in found.url
    assert "secret" not in repr(found)


def test_what_no_proxy_names_is_straight() -> None:
    found = own_proxy(around({"ALL_PROXY": "http://a:1", "NO_PROXY": "x,.hf.test"}), HUB)
    assert (found.via, found.bypassed) == ("", ".hf.test")


def test_a_misspelt_proxy_is_an_error() -> None:
    assert "no kind of proxy" in own_proxy(around({"HTTPS_PROXY": "htp://a:1"}), HUB).error


def test_all_certificates_add_up() -> None:
    made = Surroundings(named=(("/ca.pem", "SSL_CERT_FILE"),), stores=Stores("/f", "/d", own_certifi="/c"))
    found = own_trust(made, HUB)
    assert found.files == ("/ca.pem", "/c", "/f", "/d")
    assert found.store == "system and SSL_CERT_FILE"
