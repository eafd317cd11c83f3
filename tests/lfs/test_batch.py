from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hfpush.errors import Damaged
from hfpush.lfs.batch import (
    Offer,
    Present,
    Rejected,
    batch_request,
    expiry_of,
    lease_of,
    offer_of,
    parse_downloads,
    parse_offers,
    parse_uploads,
)
from hfpush.lfs.lease import Action, Lease
from hfpush.lfs.pointer import Pointer

A, B = Pointer("aa" * 32, 25), Pointer("bb" * 32, 7)
NOW = 1_000_000.0
STORAGE = "https://storage.example/o"


def an_answer(**upload: Any) -> dict[str, Any]:
    """The server wants A, whole; `upload` adds to the action or changes it."""
    return {"objects": [{"oid": A.oid, "size": A.size, "actions": {"upload": {"href": STORAGE, **upload}}}]}


def in_parts(header: dict[str, Any], href: object = "https://h/c?uploadId=u") -> dict[str, Any]:
    """The server wants A in the parts that `header` names; `href` puts them together."""
    return an_answer(href=href, header=header)


def three_parts(**other: Any) -> dict[str, Any]:
    return {"chunk_size": "10", **{f"{number:05d}": f"{STORAGE}?part={number}" for number in (1, 2, 3)}, **other}


def the_lease(answer: Any) -> Lease:
    found = parse_uploads(answer, [A], now=NOW)[A.oid]
    assert isinstance(found, Lease)
    return found


# ------------------------------------------------------------------ asking


def test_the_request_is_what_git_lfs_sends() -> None:
    assert batch_request("upload", [A, B], "refs/heads/main") == {
        "operation": "upload",
        "transfers": ["basic", "multipart"],
        "ref": {"name": "refs/heads/main"},
        "hash_algo": "sha256",
        "objects": [{"oid": A.oid, "size": 25}, {"oid": B.oid, "size": 7}],
    }
    assert batch_request("download", [], "refs/heads/main")["transfers"] == ["basic"]


# ------------------------------------------------------------------ leases


def test_an_upload_without_a_part_size_goes_whole_with_its_headers() -> None:
    lease = the_lease(an_answer(header={"X-Key": "v", "X-Number": 5, "X-Nothing": None}, expires_in=60))
    assert (lease.part_urls, lease.in_parts, lease.expires_at) == ((STORAGE,), False, NOW + 60)
    assert lease.headers == {"X-Key": "v", "X-Number": "5"}
    assert [lease.range_of(number) for number in lease.numbers] == [(0, 25)]


@pytest.mark.parametrize("chunk_size", ["10", 10])
def test_the_part_size_may_be_a_text_or_a_number(chunk_size: object) -> None:
    lease = the_lease(in_parts(three_parts(chunk_size=chunk_size)))
    assert (lease.part_bytes, lease.upload_id, lease.in_parts) == (10, "u", True)


@given(width=st.sampled_from([1, 2, 5]), order=st.permutations(range(1, 14)))
def test_parts_are_ordered_by_number_however_their_keys_are_written(width: int, order: list[int]) -> None:
    urls = {str(number).zfill(width): f"{STORAGE}?part={number}" for number in order}
    lease = the_lease(in_parts({"upload_id": "x", **urls, "chunk_size": "2"}))
    assert lease.part_urls == tuple(f"{STORAGE}?part={number}" for number in range(1, 14))


def test_the_headers_of_an_upload_in_parts_are_addresses_and_not_sent() -> None:
    assert the_lease(in_parts(three_parts(upload_id="x"))).headers == {}


def test_verify_keeps_its_address_and_headers() -> None:
    answer = an_answer()
    answer["objects"][0]["actions"]["verify"] = {"href": "https://h/v", "header": {"Authorization": "Basic x"}}
    verify = the_lease(answer).verify
    assert verify is not None
    assert (verify.href, verify.headers) == ("https://h/v", {"Authorization": "Basic x"})


EXPIRIES: list[tuple[dict[str, Any], str, float | None]] = [
    ({"expires_in": 60}, "", NOW + 60),
    ({"expires_in": 0.5}, "", NOW + 0.5),
    ({"expires_in": -5}, "", NOW - 5),
    ({"expires_in": 10**300}, "", NOW + 2**31 - 1),
    ({"expires_in": float("inf")}, "", NOW + 2**31 - 1),
    ({"expires_in": float("nan")}, "", None),
    ({"expires_in": 0}, "", None),
    ({"expires_in": True}, "", None),
    ({"expires_in": "60"}, "", None),
    ({"expires_in": None}, "", None),
    ({"expires_in": 60, "expires_at": "1970-01-01T00:00:01Z"}, "?X-Amz-Expires=900", NOW + 60),
    ({"expires_in": 0, "expires_at": "1970-01-12T13:47:40Z"}, "", NOW + 60),
    ({"expires_at": "1970-01-12T13:47:40.123456789Z"}, "", NOW + 60),
    ({"expires_at": "1970-01-12T13:47:40.5Z"}, "", NOW + 60),
    ({"expires_at": "1970-01-12t13:47:40z"}, "", NOW + 60),
    ({"expires_at": "1970-01-12T15:47:40+02:00"}, "", NOW + 60),
    ({"expires_at": "1970-01-12 13:47:40"}, "", NOW + 60),
    ({"expires_at": "0001-01-01T00:00:00Z"}, "", None),
    ({"expires_at": "0001-01-01T00:00:00Z"}, "?X-Amz-Expires=900", NOW + 900),
    ({"expires_at": "9999-12-31T23:59:59-23:59"}, "", 253402387139.0),
    ({"expires_at": "1970-02-30T00:00:00Z"}, "", None),
    ({"expires_at": "1970-01-12T13:47:40+99:99"}, "", None),
    ({"expires_at": "tomorrow"}, "", None),
    ({"expires_at": 5}, "", None),
    ({}, "", None),
    ({}, "?X-Amz-Expires=900&X-Amz-Signature=x", NOW + 900),
    ({}, "?X-Amz-Expires=-1", None),
    ({}, "?X-Amz-Expires=" + "9" * 5000, None),
    ({}, "?X-Amz-Expires=", None),
]


@pytest.mark.parametrize(("said", "query", "expires_at"), EXPIRIES)
def test_when_a_lease_ends(said: dict[str, Any], query: str, expires_at: float | None) -> None:
    assert the_lease(an_answer(href=STORAGE + query, **said)).expires_at == expires_at
    assert expiry_of({"href": STORAGE + query, **said}, now=NOW) == expires_at


@pytest.mark.parametrize("href", [None, 5, "s3.test/x?X-Amz-Expires=900", "http://["])
def test_when_an_action_ends_is_known_without_a_usable_address(href: object) -> None:
    assert expiry_of({"href": href, "expires_in": 60}, now=NOW) == NOW + 60
    assert expiry_of({"href": href}, now=NOW) is None


@pytest.mark.parametrize("ahead", [-600.0, 600.0])
@pytest.mark.parametrize(
    ("said", "moves"), [({"expires_at": "1970-01-12T13:47:40Z"}, True), ({"expires_in": 60}, False)]
)
def test_a_moment_is_meant_by_the_servers_clock_and_seconds_by_any(
    said: dict[str, Any], moves: bool, ahead: float
) -> None:
    answer = {"objects": [{"oid": A.oid, "size": A.size, "actions": {"upload": {"href": STORAGE, **said}}}]}
    lease = parse_uploads(answer, [A], now=NOW, ahead=ahead)[A.oid]
    assert isinstance(lease, Lease)
    assert lease.expires_at == NOW + 60 + (ahead if moves else 0)


def test_a_lease_in_parts_ends_with_the_address_of_its_parts() -> None:
    urls = {f"{number:05d}": f"{STORAGE}?part={number}&X-Amz-Expires=600" for number in (1, 2, 3)}
    assert the_lease(in_parts({"chunk_size": "10", **urls})).expires_at == NOW + 600


# ------------------------------------------------------------------ objects


def test_no_action_means_that_the_server_has_it() -> None:
    for entry in ({}, {"actions": {}}, {"actions": None}, {"actions": {"verify": {"href": STORAGE}}}):
        assert parse_uploads({"objects": [{"oid": A.oid, **entry}]}, [A], now=NOW) == {A.oid: Present(25)}


def test_an_error_of_one_object_leaves_the_others() -> None:
    answer = {
        "objects": [
            {"oid": A.oid, "error": {"code": 422, "message": "no"}, "size": 999},
            {"oid": B.oid, "error": {"code": 404, "message": ["odd"]}},
        ]
    }
    assert parse_uploads(answer, [A, B], now=NOW) == {A.oid: Rejected(422, "no"), B.oid: Rejected(404, "")}


def test_downloads_are_offered_or_not() -> None:
    answer = {
        "objects": [
            {"oid": A.oid, "size": 25, "actions": {"download": {"href": STORAGE}}},
            {"oid": B.oid, "size": 7},
        ]
    }
    assert parse_downloads(answer, [A, B]) == {
        A.oid: Present(25),
        B.oid: Rejected(404, "the server offers no download"),
    }
    gone = {"objects": [{"oid": A.oid, "error": {"code": 410, "message": "gone"}}]}
    assert parse_downloads(gone, [A]) == {A.oid: Rejected(410, "gone")}


def test_an_offer_says_where_an_object_is_read_and_until_when() -> None:
    download = {"href": STORAGE, "header": {"X-Key": "1"}, "expires_in": 60}
    answer = {"objects": [{"oid": A.oid, "size": 25, "actions": {"download": download}}, {"oid": B.oid, "size": 7}]}
    assert parse_offers(answer, [A, B], now=NOW) == {
        A.oid: Offer(Action(STORAGE, {"X-Key": "1"}), NOW + 60),
        B.oid: Rejected(404, "the server offers no download"),
    }


@pytest.mark.parametrize(
    ("download", "more"),
    [
        ({}, {}),
        ({"href": "ftp://x"}, {}),
        ({"href": STORAGE, "header": {"a b": "c"}}, {}),
        ({"href": STORAGE}, {"transfer": "xet"}),
    ],
)
def test_an_offer_that_cannot_be_used_is_told(download: dict[str, Any], more: dict[str, Any]) -> None:
    answer = {"objects": [{"oid": A.oid, "size": 25, "actions": {"download": download}}], **more}
    with pytest.raises(Damaged) as told:
        parse_offers(answer, [A], now=NOW)
    assert told.value.finding.reference == "batch-unreadable"


def test_what_nobody_asked_about_is_ignored_and_what_comes_twice_counts_once() -> None:
    entry = an_answer()["objects"][0]
    strange = {"oid": "cc" * 32, "size": "?", "actions": {"upload": 5}}
    answer = {"objects": [None, 5, {"oid": ["x"]}, {"size": 1}, strange, entry, entry]}
    assert list(parse_uploads(answer, [A, A], now=NOW)) == [A.oid]


def test_an_unknown_transfer_is_no_matter_when_nothing_has_to_be_sent() -> None:
    answer = {"transfer": "xet", "objects": [{"oid": A.oid, "size": 25}]}
    assert parse_uploads(answer, [A], now=NOW) == {A.oid: Present(25)}


# ------------------------------------------------------------------ answers that cannot be used


def refused(answer: Any, why: str) -> None:
    with pytest.raises(Damaged, match="batch-unreadable") as caught:
        parse_uploads(answer, [A], now=NOW)
    (evidence,) = caught.value.finding.evidence
    assert why in evidence


UNUSABLE: list[tuple[Any, str]] = [
    (None, "no list of objects"),
    ([], "no list of objects"),
    ({"message": "x"}, "no list of objects"),
    ({"objects": {A.oid: {}}}, "no list of objects"),
    ({"objects": []}, "leaves out object aaaaaaaaaaaa"),
    ({"objects": [{"oid": A.oid.upper()}]}, "leaves out"),
    ({"objects": [{"oid": A.oid, "size": 26}]}, "another size"),
    ({"objects": [{"oid": A.oid, "size": "25"}]}, "another size"),
    ({"objects": [{"oid": A.oid, "size": None}]}, "another size"),
    ({"objects": [{"oid": A.oid, "error": "no"}]}, "no code"),
    ({"objects": [{"oid": A.oid, "error": {"message": "no"}}]}, "no code"),
    ({"objects": [{"oid": A.oid, "actions": {"upload": None}}]}, "no usable address"),
    ({**an_answer(), "transfer": "xet"}, "did not offer"),
    ({**an_answer(), "transfer": ["basic"]}, "did not offer"),
    (an_answer(header=["X-Key", "v"]), "not a map"),
    (an_answer(header={"X-Key": ["v"]}), "not a text"),
    (an_answer(header={"X-Key": True}), "not a text"),
    (an_answer(header={"X-Key": "v\r\nX-Other: w"}), "none that HTTP has"),
    (an_answer(header={"X-Key": "€"}), "none that HTTP has"),
    (an_answer(header={"X-Key: v\r\nX-Other": "w"}), "none that HTTP has"),
    (an_answer(header={"": "w"}), "none that HTTP has"),
    (in_parts(three_parts(chunk_size="0")), "part size is '0'"),
    (in_parts(three_parts(chunk_size=-10)), "part size is '-10'"),
    (in_parts(three_parts(chunk_size="1e1")), "part size is"),
    (in_parts(three_parts(chunk_size="")), "part size is"),
    (in_parts(three_parts(chunk_size="9" * 5000)), "part size is"),
    (in_parts(three_parts(chunk_size="１０")), "part size is"),
    (in_parts({"chunk_size": "10"}), "0 part addresses where 3"),
    (in_parts(three_parts(chunk_size="9" * 17)), "3 part addresses where 1"),
    (in_parts(three_parts(**{"00004": STORAGE})), "4 part addresses where 3"),
    (in_parts(three_parts(**{"1": STORAGE})), "4 part addresses where 3"),
    (in_parts(three_parts(**{"00003": "javascript:0"})), "a part has no usable address"),
    (in_parts({"chunk_size": "1", **{str(n): STORAGE for n in range(25)}}), "25 part addresses where 25"),
]


@pytest.mark.parametrize(("answer", "why"), UNUSABLE)
def test_an_answer_that_cannot_be_used_is_one_finding(answer: Any, why: str) -> None:
    refused(answer, why)


@pytest.mark.parametrize(
    "href",
    [
        *(
            "",
            "ftp://h/o",
            "file:///etc/passwd",
            "//h/o",
            "/o",
            "https://",
            "https:///o",
            "http://[",
            "http://h:99999/o",
        ),
        *("http://h:0/o", "http://h/ o", " http://h/o", "http://h/o\r\nX: y", "http://h/\ud800", "http://h/é", 5, None),
    ],
)
def test_an_address_that_is_no_plain_web_address_is_refused(href: object) -> None:
    refused(an_answer(href=href), "no usable address")
    refused(in_parts(three_parts(), href=href), "no usable address")
    if isinstance(href, str):
        refused(in_parts(three_parts(**{"00002": href})), "a part has no usable address")


def test_more_parts_than_storage_takes_are_refused() -> None:
    big = Pointer(A.oid, 10_001)
    urls = {str(number): STORAGE for number in range(1, 10_002)}
    answer = {
        "objects": [{"oid": A.oid, "actions": {"upload": {"href": STORAGE, "header": {"chunk_size": 1, **urls}}}}]
    }
    with pytest.raises(Damaged):
        parse_uploads(answer, [big], now=NOW)


def test_no_address_gets_into_the_finding() -> None:
    answer = in_parts(three_parts(**{"00004": f"{STORAGE}?X-Amz-Signature=5ec7e7"}))
    with pytest.raises(Damaged) as caught:
        parse_uploads(answer, [A], now=NOW)
    assert "5ec7e7" not in repr(caught.value) + json.dumps(caught.value.finding.as_json())


# ------------------------------------------------------------------ anything at all

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
HREFS = st.sampled_from([STORAGE, f"{STORAGE}?X-Amz-Expires=9", "http://[::1]:1/o", "http://[", "x"]) | JSON
KEYS = st.sampled_from(["chunk_size", "1", "2", "3", "00001", "00002", "00003", "9" * 5000, "²", "Authorization"])
HEADERS = st.dictionaries(KEYS, HREFS | st.sampled_from(["10", 10, 25, "0", -1, 10**400]), max_size=6)
MOMENTS = st.sampled_from(["2020-01-01T00:00:00Z", "0001-01-01T00:00:00+05:00", "9999-12-31T23:59:59-05:00"]) | JSON
ACTIONS = st.fixed_dictionaries(
    {}, optional={"href": HREFS, "header": HEADERS | JSON, "expires_in": JSON, "expires_at": MOMENTS}
)
OBJECTS = st.fixed_dictionaries(
    {"oid": st.just(A.oid)},
    optional={
        "size": st.just(25) | JSON,
        "error": JSON | st.fixed_dictionaries({"code": st.integers(), "message": JSON}),
        "actions": JSON | st.fixed_dictionaries({"upload": ACTIONS | JSON}, optional={"verify": ACTIONS | JSON}),
    },
)
ANSWERS = st.fixed_dictionaries({"objects": st.lists(OBJECTS | JSON, max_size=3)}, optional={"transfer": JSON})


@given(JSON | ANSWERS)
@example({"objects": [{"oid": A.oid, "actions": {"upload": {"href": "http://[::1", "expires_in": 1}}}]})
@example(an_answer(expires_in=10**400))
@example(in_parts({"9" * 5000: STORAGE, "chunk_size": 10}))
def test_any_json_is_an_answer_or_one_finding(answer: Any) -> None:
    try:
        found = parse_uploads(answer, [A], now=NOW)
    except Damaged:
        return
    (value,) = found.values()
    if isinstance(value, Lease):
        assert len(value.part_urls) == len(value.numbers), "an address for every part"
        assert value.expires_at is None or abs(value.expires_at) < 1e12
    else:
        assert isinstance(value, Present | Rejected)


@given(JSON | ANSWERS)
def test_any_json_about_downloads_is_an_answer_or_one_finding(answer: Any) -> None:
    try:
        found = parse_downloads(answer, [A])
    except Damaged:
        return
    assert isinstance(found[A.oid], Present | Rejected)


@given(JSON | ANSWERS)
def test_any_json_about_offers_is_an_answer_or_one_finding(answer: Any) -> None:
    try:
        found = parse_offers(answer, [A], now=NOW)
    except Damaged:
        return
    assert isinstance(found[A.oid], Offer | Rejected)


# ------------------------------------------------------------------ one action by itself


def test_one_action_is_read_as_the_whole_answer_would_be() -> None:
    for answer in (an_answer(header={"x-id": "1"}, expires_in=60), in_parts(three_parts(upload_id="u", other="x"))):
        action = answer["objects"][0]["actions"]["upload"]
        assert lease_of(action, A, now=NOW) == the_lease(answer)
    assert offer_of({"href": STORAGE, "expires_in": 60}, now=NOW) == Offer(Action(STORAGE), NOW + 60)


@pytest.mark.parametrize("action", [None, [], {}, {"href": "file:///x"}, {"href": STORAGE, "header": 7}], ids=repr)
def test_an_action_that_is_none_is_damaged(action: Any) -> None:
    with pytest.raises(Damaged):
        lease_of(action, A, now=NOW)
    with pytest.raises(Damaged):
        offer_of(action, now=NOW)
