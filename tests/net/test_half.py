"""What a mirror does not carry, told so that one can act on it."""

from __future__ import annotations

import pytest

from hfpush.endpoints import Endpoint
from hfpush.net.half import mirror_half, nowhere, what_of
from hfpush.net.mirrored import Mirrored

HUB = Endpoint("hub", "https://hub.example")
MIRROR = Mirrored(Endpoint("mirror", "https://mirror.example"), (HUB,))


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/api/repos/create", "creating a repository"),
        ("/api/models/a/b/preupload/main", "the question how files are to be uploaded"),
        ("/api/models/a/b/commit/main", "commits"),
        ("/a/b.git/info/lfs/objects/batch", "the question where large files go"),
        ("/a/b.git/info/lfs/locks/verify", "locks"),
        ("/api/complete_multipart", "the end of an upload in parts"),
        ("/a/b.git/info/lfs/verify", "the check of an uploaded file"),
        ("/a/b/git-receive-pack", "git push"),
        ("/a/b/git-upload-pack", "git fetch"),
        ("/else", "this request"),
    ],
)
def test_a_request_is_called_by_what_it_is_for(path: str, words: str) -> None:
    assert what_of(f"https://h{path}?x=y") == words


def test_where_a_known_hub_was_meant_it_is_named() -> None:
    finding = mirror_half(MIRROR, "https://mirror.example/api/repos/create", "https://hub.example/api/repos/create", ())
    assert finding.remedy[0] == "the same command with --endpoint hub"
    assert "hfpush endpoint add NAME https://mirror.example --kind mirror --trust" in finding.remedy[1]


def test_where_a_stranger_was_meant_the_user_decides_by_its_host_and_sees_no_query() -> None:
    target = "https://user:pw@new.example:8443/x?token=secret"
    finding = mirror_half(MIRROR, "https://mirror.example/x", target, ())
    assert "new.example" in finding.message
    assert "hfpush endpoint add NAME https://new.example:8443 --trust," in finding.remedy[1]
    assert "secret" not in str(finding)
    assert "pw" not in str(finding)


def test_a_dead_hub_behind_half_a_mirror_is_named() -> None:
    finding = nowhere(MIRROR, "https://hub.example/api/complete_multipart?signature=s", ("seen",))
    assert finding.message == (
        "https://mirror.example does not carry the end of an upload in parts, and hub.example itself cannot be "
        "reached from here."
    )
