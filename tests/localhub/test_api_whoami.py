"""whoami and auth-check."""

import pytest

from hfpush.localhub import User


def test_whoami_tells_name_role_and_orgs(start, send):
    with start(users=(User("ann", "t1", "write", ("acme", "*")), User("ann", "t2", "read"))) as hub:
        me = send("GET", f"{hub.url}/api/whoami-v2", token="t1").json()
        assert (me["type"], me["name"], me["auth"]["accessToken"]["role"]) == ("user", "ann", "write")
        assert [org["name"] for org in me["orgs"]] == ["acme"]
        assert send("GET", f"{hub.url}/api/whoami-v2", basic="t2").json()["auth"]["accessToken"]["role"] == "read"
        assert "t1" not in str(me.values())


@pytest.mark.parametrize("token", [None, "hf_nope"])
def test_nobody_is_refused(hub, send, token):
    answer = send("GET", f"{hub.url}/api/whoami-v2", token=token)
    assert (answer.status, answer.json()["error"]) == (401, "Invalid username or password.")


def test_auth_check(hub, send):
    url = f"{hub.url}/api/models/acme/model/auth-check"
    assert (send("GET", url).status, send("GET", url).body) == (200, b"OK")
    assert send("GET", f"{url}/write", token=hub.token).status == 200
    assert send("GET", f"{url}/write", token=hub.read_token).status == 403
