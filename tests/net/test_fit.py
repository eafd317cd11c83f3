"""What the head of an answer is worth; the bodies behind it are in test_download.py."""

from __future__ import annotations

import pytest
import requests

from hfpush.net.fit import AnswerUnfit, RangeUnusable, Wanted, body_start, encoding_of, strong_etag

SHA, OTHER = "a" * 64, "b" * 64
COMMIT = "c" * 40
WHOLE = Wanted(1000, commit=COMMIT, digest=SHA)
PART = Wanted(1000, 100, 200, COMMIT, SHA)


def response(status: int = 200, **headers: str) -> requests.Response:
    made = requests.Response()
    made.status_code, made.url = status, "http://host/file?X-Amz-Signature=secret"
    made.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
    return made


def redirected(last: requests.Response, *hops: requests.Response) -> requests.Response:
    last.history = list(hops)
    return last


@pytest.mark.parametrize(
    ("given", "wanted", "start"),
    [
        pytest.param(response(Content_Length="1000"), WHOLE, 0, id="whole"),
        pytest.param(response(), WHOLE, 0, id="no length"),
        pytest.param(response(Content_Length="77", Content_Encoding="gzip"), WHOLE, 0, id="gzip"),
        pytest.param(response(Content_Length="77", Content_Encoding=" Deflate"), WHOLE, 0, id="deflate"),
        pytest.param(response(Content_Length="1000"), PART, 0, id="whole for a range"),
        pytest.param(response(206, Content_Range="bytes 100-199/1000"), PART, 100, id="range"),
        pytest.param(response(206, Content_Range="bytes 100-199/*"), PART, 100, id="range of something"),
        pytest.param(response(X_Linked_ETag=f'"{SHA}"', X_Linked_Size="1000"), WHOLE, 0, id="named rightly"),
        pytest.param(response(X_Linked_ETag=f'W/"{SHA.upper()}"'), WHOLE, 0, id="named weakly"),
        pytest.param(response(X_Linked_ETag='"5f3e-17"'), WHOLE, 0, id="an ETag of its own"),
        pytest.param(response(X_Linked_ETag=f'"{"d" * 40}"'), WHOLE, 0, id="another kind of digest"),
        pytest.param(response(X_Linked_Size="many"), WHOLE, 0, id="a size that is none"),
    ],
)
def test_an_answer_that_can_be_the_file_says_where_it_begins(
    given: requests.Response, wanted: Wanted, start: int
) -> None:
    assert body_start(given, wanted) == start


@pytest.mark.parametrize(
    ("given", "says"),
    [
        pytest.param(response(204), "a 204", id="204"),
        pytest.param(response(206, Content_Range="bytes 0-998/1000"), "", id="206 without a range"),
        pytest.param(response(Content_Length="1001"), "1001 bytes", id="too long"),
        pytest.param(response(Content_Length="0"), "0 bytes", id="empty"),
        pytest.param(response(Content_Encoding="br"), "packed", id="brotli"),
        pytest.param(response(Content_Encoding="gzip, br"), "packed", id="packed twice"),
        pytest.param(response(X_Repo_Commit="d" * 40), "of commit", id="another commit"),
        pytest.param(response(X_Linked_Size="999"), "999 bytes", id="another size"),
        pytest.param(response(X_Linked_ETag=f'"{OTHER}"'), f"digest is {OTHER}", id="another digest"),
        pytest.param(redirected(response(), response(302, X_Linked_ETag=OTHER)), "digest", id="redirect: digest"),
        pytest.param(redirected(response(), response(302, X_Linked_Size="1")), "1 bytes", id="redirect: size"),
        pytest.param(redirected(response(), response(307, X_Repo_Commit="e" * 40)), "commit", id="redirect: commit"),
    ],
)
def test_an_answer_that_cannot_be_the_file_is_unfit(given: requests.Response, says: str) -> None:
    with pytest.raises(AnswerUnfit) as error:
        body_start(given, WHOLE)
    assert says in str(error.value.finding)
    assert "secret" not in str(error.value.finding)


@pytest.mark.parametrize(
    "given",
    [
        response(206),
        response(206, Content_Range="bytes 100-198/1000"),
        response(206, Content_Range="bytes 100-199/1001"),
        response(206, Content_Range="bytes 100-199/1000", Content_Length="99"),
        response(206, Content_Range="bytes 100-199/1000", Content_Encoding="gzip"),
        response(206, Content_Range="bytes 100-199/1000", Content_Type="multipart/byteranges; boundary=x"),
        response(206, Content_Type="multipart/byteranges; boundary=x"),
    ],
)
def test_another_range_is_unusable(given: requests.Response) -> None:
    with pytest.raises(RangeUnusable):
        body_start(given, PART)


@pytest.mark.parametrize(
    ("etag", "strong"),
    [('"abc"', '"abc"'), ('W/"abc"', ""), ('""', ""), ("abc", ""), ("", ""), (f'"{"x" * 300}"', ""), ('"ü"', "")],
)
def test_only_a_strong_etag_may_stand_for_the_bytes(etag: str, strong: str) -> None:
    assert strong_etag(response(ETag=etag)) == strong


def test_identity_is_no_encoding() -> None:
    assert [encoding_of(response(Content_Encoding=one)) for one in ("identity", " GZIP ", "")] == ["", "gzip", ""]
