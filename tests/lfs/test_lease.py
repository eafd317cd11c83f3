from __future__ import annotations

import pytest

from hfpush.lfs.lease import Action, Lease, upload_id_of

SECRET = "X-Amz-Signature=5ec7e7"
COMPLETE = f"https://h/api/complete_multipart?uploadId=up1&{SECRET}"


def a_lease(size: int = 25, part_bytes: int = 10) -> Lease:
    urls = tuple(f"https://s/o?partNumber={number}&{SECRET}" for number in range(1, 4))
    verify = Action(f"https://h/v?{SECRET}", {"Authorization": "Basic 5ec7e7"})
    return Lease("up1", size, part_bytes, urls, COMPLETE, {"X-Key": "5ec7e7"}, verify, 1000.0)


@pytest.mark.parametrize(
    ("complete", "part", "upload_id"),
    [
        ("https://h/c?uploadId=abc&signature=1", "https://s/p", "abc"),
        ("https://h/c?uploadid=abc", "https://s/p", "abc"),
        ("https://h/c?upload_id=abc", "https://s/p", "abc"),
        ("https://h/c", "https://s/p?partNumber=1&uploadId=xyz", "xyz"),
        ("https://h/c?uploadId=a%2Fb%3D", "https://s/p", "a/b="),
        ("https://h/c?uploadId=", "https://s/p?uploadId=xyz", "xyz"),
    ],
)
def test_the_upload_is_the_one_that_the_addresses_name(complete: str, part: str, upload_id: str) -> None:
    assert upload_id_of(complete, part) == upload_id


def test_an_upload_that_is_not_named_is_told_by_its_completion_address() -> None:
    one, same, other = (upload_id_of(f"https://h/c/{name}", "https://s/p") for name in ("a", "a", "b"))
    assert one == same != other
    assert "https" not in one, "no address in what goes into notes and comparisons"


def test_nothing_signed_is_shown() -> None:
    assert "5ec7e7" not in repr(a_lease())
    assert "5ec7e7" not in str(a_lease().verify)


def test_ranges_and_numbers_follow_the_part_size() -> None:
    lease = a_lease()
    assert [lease.range_of(number) for number in lease.numbers] == [(0, 10), (10, 20), (20, 25)]


def test_only_a_lease_with_a_completion_is_in_parts() -> None:
    assert a_lease().in_parts
    assert not Lease("whole", 5, 5, ("https://s/o",)).in_parts
