"""What an answer that is not a success means."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfpush.errors import HfpushError, LeaseExpired, NotFound, Refused, Unavailable
from hfpush.net.failures import Answer, failure_of, said_by

URL = "https://hub.example/api/models/ada/m?X-Amz-Signature=SECRET"


def hub(status: int, code: str = "", *, token: bool = False, **headers: str) -> HfpushError:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = Answer("GET", URL, status, {"X-Error-Code": code, **names}, with_token=token)
    return failure_of(answer, now=0)


def storage(status: int, code: str = "", message: str = "m", *, now: float = 0, **headers: str) -> HfpushError:
    body = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>{message}</Message></Error>" if code else ""
    return failure_of(Answer("PUT", URL, status, headers, body, signed=True), now=now)


@pytest.mark.parametrize(
    ("error", "kind", "reference"),
    [
        (hub(429), Unavailable, "rate-limited"),
        (hub(408), Unavailable, "hub-unavailable"),
        (hub(500), Unavailable, "hub-unavailable"),
        (hub(503), Unavailable, "hub-unavailable"),
        (hub(401), Refused, "token-missing"),
        (hub(401, token=True), Refused, "token-refused"),
        (hub(401, "GatedRepo", token=True), Refused, "repo-gated"),
        (hub(403, "GatedRepo"), Refused, "repo-gated"),
        (hub(403, token=True), Refused, "no-permission"),
        (hub(404), NotFound, "repo-not-found"),
        (hub(404, "RepoNotFound"), NotFound, "repo-not-found"),
        (hub(404, "RevisionNotFound"), NotFound, "revision-not-found"),
        (hub(404, "EntryNotFound"), NotFound, "file-not-found"),
        (hub(407), Refused, "proxy-login"),
        (hub(413), Refused, "request-too-large"),
        (hub(507), Refused, "storage-full"),
        (hub(304), Refused, "redirect-refused"),
        (hub(400), Refused, "hub-refused"),
        (hub(409), Refused, "hub-refused"),
        (hub(418), Refused, "hub-refused"),
        (hub(199), Refused, "hub-refused"),
        (storage(500, "InternalError"), Unavailable, "storage-unavailable"),
        (storage(503, "SlowDown"), Unavailable, "storage-unavailable"),
        (storage(400, "RequestTimeout"), Unavailable, "storage-unavailable"),
        (storage(403, "AccessDenied", "Request has expired"), LeaseExpired, "lease-refused"),
        (storage(403), LeaseExpired, "lease-refused"),
        (storage(404, "NoSuchUpload"), LeaseExpired, "lease-refused"),
        (storage(400, "InvalidPart"), LeaseExpired, "lease-refused"),
        (storage(403, "RequestTimeTooSkewed"), Refused, "clock-skewed"),
        (storage(407), Refused, "proxy-login"),
        (storage(507), Refused, "storage-full"),
        (storage(400, "EntityTooLarge"), Refused, "storage-refused"),
        (storage(301), Refused, "redirect-refused"),
    ],
)
def test_an_answer_becomes_the_error_that_says_what_to_do(
    error: HfpushError, kind: type[HfpushError], reference: str
) -> None:
    assert type(error) is kind
    assert error.finding.reference == reference
    assert error.finding.evidence
    assert "SECRET" not in repr(error.finding)


@pytest.mark.parametrize("status", [400, 404, 429, 503])
def test_the_error_keeps_the_status(status: int) -> None:
    assert hub(status).status == storage(status).status == status


def test_the_servers_wish_to_wait_is_kept_and_told() -> None:
    error = hub(429, Retry_After="400")
    assert isinstance(error, Unavailable)
    assert error.retry_after == 400
    assert "it asks us to wait 6 min 40 s" in error.finding.evidence


@pytest.mark.parametrize(
    ("headers", "body", "words"),
    [
        ({"X-Error-Message": "You are banned"}, "", "You are banned"),
        ({"X-Error-Message": "header"}, '{"error": "body"}', "header"),
        ({"Content-Type": "application/json"}, '{"error": "No such\\nrepo"}', "No such repo"),
        ({"Content-Type": "application/vnd.git-lfs+json"}, '{"message": "locked"}', "locked"),
        ({"Content-Type": "application/json"}, '{"error": ["a", "b"]}', "a; b"),
        ({"Content-Type": "application/json"}, '{"error": ', ""),
        ({"Content-Type": "application/json"}, "[" * 60_000, ""),
        ({"Content-Type": "application/json"}, "[1]", ""),
        ({"Content-Type": "text/html"}, "<h1>Log in</h1>", "an HTML page"),
        ({}, "<Error><Code>SlowDown</Code><Message>Reduce</Message></Error>", "SlowDown: Reduce"),
        ({}, "anything", ""),
        ({"Content-Type": "application/json"}, '{"error": "bad token hf_abcdefghijklmnopqr"}', "bad token hf_***"),
        ({"X-Error-Message": "\x1b[31mred"}, "", "\\x1b[31mred"),
        ({"X-Error-Message": "x" * 9000}, "", "x" * 500),
    ],
)
def test_the_servers_own_words_are_shown_short_and_safe(headers: dict[str, str], body: str, words: str) -> None:
    assert said_by(Answer("GET", URL, 400, headers, body)) == words


def test_a_token_that_the_server_repeats_is_hidden_also_when_it_looks_like_no_token_of_the_hub() -> None:
    answer = Answer("GET", URL, 401, {"X-Error-Message": "unknown: mirror-pass-1"}, secrets=("mirror-pass-1",))
    error = failure_of(answer, now=0)
    assert "mirror-pass-1" not in repr(error.finding) + repr(answer)
    assert "unknown: ***" in error.finding.evidence[0]


@given(
    st.integers(100, 199) | st.integers(300, 999),
    st.booleans(),
    st.booleans(),
    st.text(max_size=80),
    st.dictionaries(st.sampled_from(["X-Error-Code", "X-Error-Message", "Content-Type", "Retry-After"]), st.text()),
)
def test_no_answer_breaks_the_reader(
    status: int, signed: bool, token: bool, body: str, headers: dict[str, str]
) -> None:
    error = failure_of(Answer("GET", URL, status, headers, body, signed=signed, with_token=token), now=0)
    assert error.finding.message
    assert error.status == status


@pytest.mark.parametrize(
    ("now", "words", "to_try"),
    [
        (600, "this machine's clock is 10 min 00 s ahead of that server's", "set the clock"),
        (-600, "this machine's clock is 10 min 00 s behind that server's", "set the clock"),
        (0, None, "this machine's clock is right"),
    ],
)
def test_whose_clock_is_wrong_is_told_by_the_servers_date(now: float, words: str | None, to_try: str) -> None:
    date = "Thu, 01 Jan 1970 00:00:00 GMT"
    finding = storage(403, "RequestTimeTooSkewed", now=now, Date=date).finding
    assert finding.reference == "clock-skewed"
    assert (words is None) or words in finding.evidence
    assert to_try in finding.remedy[0]
    lease = storage(403, "AccessDenied", "Request has expired", now=now, Date=date).finding
    assert (lease.evidence[-1] == words) is (words is not None)
