import pytest

from hfpush.localhub.auth import Denial
from hfpush.localhub.lfsdoor import MAX_BODY, LfsError


def batch(hub):
    return f"{hub.url}/acme/model.git/info/lfs/objects/batch"


def test_a_401_challenges_git_lfs_and_everybody_else(hub, send):
    answer = send("POST", batch(hub), {"operation": "upload", "objects": []})
    assert answer.status == 401
    assert answer.headers["lfs-authenticate"].startswith("Basic ")
    assert answer.headers["www-authenticate"].startswith("Basic ")


def test_other_refusals_do_not_challenge():
    assert LfsError.of(Denial(403, None, "no")).headers == {}


@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff", b"[" * 100_000])
def test_a_body_that_is_no_json_object_is_refused(hub, send, body):
    answer = send("POST", batch(hub), body, token=hub.token)
    assert answer.status == 400
    assert answer.json()["message"]


def test_a_body_without_end_is_refused(hub, send):
    answer = send("POST", batch(hub), b" " * (MAX_BODY + 1), token=hub.token)
    assert answer.status == 413
