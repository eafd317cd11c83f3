"""A second credential, once the first was not enough."""

from __future__ import annotations

from typing import Any

import pytest

from hfpush.endpoints import Endpoint
from hfpush.errors import HfpushError
from hfpush.net.http import Call, Http
from hfpush.net.logins import Logins


def second_only(request: Any) -> tuple[int, dict[str, str], bytes]:
    fine = request.headers.get("authorization") == "Bearer second"
    return (200 if fine else 403), {"Content-Type": "application/json"}, b'{"fine": true}'


def test_the_other_credential_is_asked_for_once_and_stays(serve: Any) -> None:
    peer = serve(second_only)
    endpoint, asked = Endpoint("here", peer.url), []
    with Http(endpoint, "first") as first, Http(endpoint, "second") as second:
        logins = Logins(first, lambda: asked.append(1) or second)
        for _ in range(2):
            assert logins.json(Call("GET", f"{peer.url}/x"))[0] == {"fine": True}
        assert logins.http is second
    assert asked == [1]
    assert [one.headers["authorization"] for one in peer.requests] == ["Bearer first", "Bearer second", "Bearer second"]


def test_without_another_credential_the_refusal_is_told_and_nobody_is_asked_again(serve: Any) -> None:
    peer = serve(second_only)
    asked: list[int] = []
    with Http(Endpoint("here", peer.url), "first") as first:
        logins = Logins(first, lambda: asked.append(1))
        for _ in range(2):
            with pytest.raises(HfpushError) as caught:
                logins.json(Call("GET", f"{peer.url}/x"))
            assert caught.value.status == 403
    assert asked == [1]


def test_what_another_credential_would_not_change_is_told_at_once(serve: Any) -> None:
    peer = serve(lambda _: (409, {}, b""))
    asked: list[int] = []
    with Http(Endpoint("here", peer.url), "first") as first, pytest.raises(HfpushError):
        Logins(first, lambda: asked.append(1)).json(Call("GET", f"{peer.url}/x"))
    assert asked == []
