import os
import stat
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfpush.localhub.signing import BadSignature, Expired, Signer, load_secret


@dataclass
class Clock:
    now: float = 1_700_000_000.25

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def signer(clock):
    return Signer(clock, b"secret")


def check(signer, url, method="PUT"):
    target = urlsplit(url)
    return signer.check(method, target.path, target.query)


def test_a_presigned_url_gives_its_parameters_back(signer):
    url = signer.presign("PUT", "http://h:1/b/k", 900, {"partNumber": "3", "x-id": "UploadPart"})
    assert check(signer, url)["partNumber"] == "3"
    query = parse_qs(urlsplit(url).query)
    assert query["X-Amz-Expires"] == ["900"]
    assert query["X-Amz-Date"] == ["20231114T221320Z"]
    assert query["X-Amz-SignedHeaders"] == ["host"]


@given(st.dictionaries(st.from_regex("[a-z]{1,8}", fullmatch=True), st.text(max_size=20), min_size=1, max_size=4))
def test_any_parameters_survive_the_signing(params):
    signer = Signer(Clock(), b"secret")
    given_back = check(signer, signer.presign("GET", "http://h/k", 900, params), "GET")
    assert params.items() <= given_back.items()


@pytest.mark.parametrize(
    "change",
    [
        lambda url: url.replace("partNumber=3", "partNumber=4"),
        lambda url: url.replace("/b/k", "/b/other"),
        lambda url: url.replace("X-Amz-Expires=900", "X-Amz-Expires=9000"),
        lambda url: url + "&more=1",
        lambda url: url[:-1] + ("0" if url[-1] != "0" else "1"),
        lambda url: url.partition("&X-Amz-Signature")[0],
        lambda url: url.partition("?")[0],
        lambda url: url + "\u00e9",
    ],
)
def test_a_changed_url_is_no_longer_signed(signer, change):
    url = change(signer.presign("PUT", "http://h:1/b/k", 900, {"partNumber": "3"}))
    with pytest.raises(BadSignature):
        check(signer, url)


def test_a_url_is_signed_for_one_method_and_by_one_hub(signer, clock):
    url = signer.presign("PUT", "http://h:1/b/k", 900, {"a": "b"})
    with pytest.raises(BadSignature):
        check(signer, url, "GET")
    with pytest.raises(BadSignature):
        check(Signer(clock, b"another"), url)


@pytest.mark.parametrize("lifetime", [0.5, 2.0, 900.0])
def test_a_url_lives_as_long_as_it_was_given(signer, clock, lifetime):
    url = signer.presign("PUT", "http://h/k", lifetime, {"a": "b"})
    clock.now += lifetime - 0.3
    check(signer, url)
    clock.now += 0.4
    with pytest.raises(Expired):
        check(signer, url)


def test_an_aged_url_came_out_dead(signer):
    with pytest.raises(Expired) as late:
        check(signer, signer.presign("PUT", "http://h/k", 900, {"a": "b"}, age=1000))
    assert late.value.until < late.value.now


def test_a_completion_url_is_good_for_a_time_and_unchanged_only(signer, clock):
    url = signer.completion("http://h", "an-id", bucket="b", prefix="repos/aa", lifetime=60)
    target = urlsplit(url)
    assert target.path == "/api/complete_multipart"
    assert signer.check_completion(target.query)["uploadId"] == "an-id"
    assert list(parse_qs(target.query)) == ["uploadId", "bucket", "prefix", "expiration", "signature"]
    for changed in (target.query.replace("an-id", "no-id"), "", "signature=", target.query.rpartition("&")[0]):
        with pytest.raises(BadSignature):
            signer.check_completion(changed)
    clock.now += 62
    with pytest.raises(Expired):
        signer.check_completion(target.query)


def test_a_ticket_is_for_one_repository_and_a_time(signer, clock):
    ticket = signer.ticket("repo", 60)
    assert signer.is_ticket(ticket, "repo")
    assert not signer.is_ticket(ticket, "other")
    assert not signer.is_ticket(ticket[:-4] + "AAA=", "repo")
    clock.now += 62
    assert not signer.is_ticket(ticket, "repo")


@given(st.text())
def test_no_text_is_a_ticket(text):
    assert not Signer(Clock(), b"secret").is_ticket(text, "repo")


def test_the_secret_is_made_once_and_is_for_its_owner_only(tmp_path):
    file = tmp_path / "signing.key"
    secret = load_secret(file)
    assert len(secret) == 32
    assert load_secret(file) == secret
    assert stat.S_IMODE(os.stat(file).st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["signing.key"]


def test_the_secret_is_not_shown(signer):
    assert "secret=" not in repr(signer)
