"""Refusals say what clients look for."""

import asyncio

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from hfpush.localhub.auth import Denial
from hfpush.localhub.errors import HubError, add_request_id, answer, middleware


def test_code_and_message_are_in_headers_and_body():
    response = answer(
        HubError(404, "Entry not found", code="EntryNotFound", headers={"X-Repo-Commit": "abc"}, extra={"url": "u"})
    )
    assert response.status == 404
    assert response.headers["X-Error-Code"] == "EntryNotFound"
    assert response.headers["X-Error-Message"] == "Entry not found"
    assert response.headers["X-Repo-Commit"] == "abc"
    assert response.text == '{"error": "Entry not found", "url": "u"}'


@pytest.mark.parametrize("message", ["two\nlines", "bell\a", "x" * 2000])
def test_a_message_that_fits_no_header_is_in_the_body_alone(message):
    assert "X-Error-Message" not in answer(HubError(400, message)).headers


def test_a_denial_keeps_its_challenge():
    error = HubError.of(Denial(401, None, "Invalid username or password."))
    assert error.status == 401
    assert "WWW-Authenticate" in answer(error).headers


@pytest.mark.parametrize(
    ("raised", "status", "text"),
    [
        (HubError(403, "no"), 403, '{"error": "no"}'),
        (web.HTTPNotFound(), 404, '{"error": "Not Found"}'),
        (web.HTTPMethodNotAllowed("PATCH", ["GET"]), 405, '{"error": "Method Not Allowed"}'),
    ],
)
def test_what_is_raised_becomes_json(raised, status, text):
    async def handler(request):
        raise raised

    response = asyncio.run(middleware(make_mocked_request("GET", "/"), handler))
    assert (response.status, response.text) == (status, text)


def test_every_answer_has_a_request_id_of_its_own():
    responses = [web.Response(), web.Response()]
    for response in responses:
        asyncio.run(add_request_id(make_mocked_request("GET", "/"), response))
    ids = {response.headers["X-Request-Id"] for response in responses}
    assert len(ids) == 2
