"""File contents by revision and path."""

import hashlib

import pytest

from hfpush.localhub import drop_after, ignore_range, truncate
from hfpush.localhub.gitcommit import Change, commit
from hfpush.localhub.gittree import resolve_revision
from hfpush.localhub.pointer import Pointer

BIG = bytes(range(256)) * 40
OID = hashlib.sha256(BIG).hexdigest()
TEXT = b"0123456789"
TEXT_OID = hashlib.sha1(b"blob 10\0" + TEXT).hexdigest()


def fill(hub):
    repo = hub.create("acme/model")
    hub.objects.add_bytes(BIG)
    hub.objects.grant(repo.record.uid, OID)
    files = {
        "a.txt": TEXT,
        "d/ü #1.json": b"{}",
        "empty": b"",
        "page.html": b"<script>",
        "m.bin": bytes(Pointer(OID, len(BIG))),
        "gone.bin": bytes(Pointer("1" * 64, 5)),
    }
    changes = [Change(path, content) for path, content in files.items()]
    head = resolve_revision(repo.path, "main")
    return commit(repo.path, changes, message="m", author="local", when=0, parent=head)


@pytest.fixture
def hub(start):
    with start() as hub:
        fill(hub)
        yield hub


@pytest.fixture
def get(hub, send):
    def get(path, method="GET", **headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return send(method, f"{hub.url}/acme/model/resolve/{path}", headers=named)

    return get


def head_of(hub):
    return resolve_revision(next(hub.repos.list()).path, "main")


@pytest.mark.parametrize(
    ("path", "content", "etag"),
    [("a.txt", TEXT, TEXT_OID), ("m.bin", BIG, OID), ("empty", b"", None), ("d/%C3%BC%20%231.json", b"{}", None)],
)
def test_get_and_head_say_the_same(hub, get, path, content, etag):
    got, head = get(f"main/{path}"), get(f"main/{path}", "HEAD")
    assert (got.status, got.body, head.status, head.body) == (200, content, 200, b"")
    for answer in (got, head):
        assert answer.headers["x-repo-commit"] == head_of(hub)
        assert answer.headers["content-length"] == str(len(content))
        assert answer.headers["accept-ranges"] == "bytes"
        assert etag is None or answer.headers["etag"] == f'"{etag}"'


def test_an_lfs_file_is_linked(get):
    answer = get("main/m.bin", "HEAD")
    assert (answer.headers["x-linked-etag"], answer.headers["x-linked-size"]) == (f'"{OID}"', str(len(BIG)))
    assert "x-linked-etag" not in get("main/a.txt", "HEAD").headers


def test_raw_gives_the_pointer(hub, send):
    assert send("GET", f"{hub.url}/acme/model/raw/main/m.bin").body == bytes(Pointer(OID, len(BIG)))


@pytest.mark.parametrize(("path", "content"), [("a.txt", TEXT), ("m.bin", BIG)])
@pytest.mark.parametrize(
    ("range", "first", "stop"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=3-", 3, None),
        ("bytes=2-4", 2, 5),
        ("bytes=-4", -4, None),
        ("bytes=5-999999", 5, None),
    ],
)
def test_one_range(get, path, content, range, first, stop):
    answer = get(f"main/{path}", Range=range)
    at = first % len(content)
    last = at + len(content[first:stop]) - 1
    assert (answer.status, answer.body) == (206, content[first:stop])
    assert answer.headers["content-range"] == f"bytes {at}-{last}/{len(content)}"


@pytest.mark.parametrize(("path", "content"), [("a.txt", TEXT), ("m.bin", BIG), ("empty", b"")])
@pytest.mark.parametrize("range", ["bytes=99999-", "bytes=-0"])
def test_a_range_outside_is_416(get, path, content, range):
    answer = get(f"main/{path}", Range=range)
    assert (answer.status, answer.headers["content-range"]) == (416, f"bytes */{len(content)}")


@pytest.mark.parametrize("path", ["a.txt", "m.bin"])
@pytest.mark.parametrize(
    "headers", [{"Range": "bytes=0-1,3-4"}, {"Range": "lines=1-2"}, {"Range": "bytes=2-", "If_Range": '"other"'}]
)
def test_what_is_no_single_range_of_this_file_gets_all_of_it(get, path, headers):
    answer = get(f"main/{path}", **headers)
    assert (answer.status, len(answer.body)) == (200, int(answer.headers["content-length"]))


def test_if_range_with_the_right_tag_is_a_range(get):
    assert get("main/a.txt", Range="bytes=2-", If_Range=f'"{TEXT_OID}"').status == 206


@pytest.mark.parametrize(
    ("path", "code", "has_commit"),
    [
        ("main/nope", "EntryNotFound", True),
        ("main/d", "EntryNotFound", True),
        ("main/..%2Fx", None, False),
        ("main/a.txt%00", None, False),
        ("main/gone.bin", "EntryNotFound", True),
        ("nope/a.txt", "RevisionNotFound", False),
        ("main~1/a.txt", "RevisionNotFound", False),
    ],
)
def test_refusals(get, path, code, has_commit):
    answer = get(path)
    assert (answer.status, answer.headers.get("x-error-code")) == (404, code)
    assert ("x-repo-commit" in answer.headers) is has_commit


def test_revisions_may_hold_a_slash_and_be_commits(hub, get, send):
    head = head_of(hub)
    send("POST", f"{hub.url}/api/models/acme/model/branch/dev%2Fx", {}, token=hub.token)
    for revision in (head, head[:10], "dev%2Fx", "refs%2Fheads%2Fmain"):
        assert get(f"{revision}/a.txt").body == TEXT


def test_a_stored_page_is_not_run_by_a_browser(get):
    answer = get("main/page.html")
    assert answer.headers["content-type"].startswith("text/plain")
    assert "sandbox" in answer.headers["content-security-policy"]


def test_file_names_are_quoted_in_the_disposition(get):
    assert get("main/d/%C3%BC%20%231.json").headers["content-disposition"] == (
        "inline; filename*=UTF-8''%C3%BC%20%231.json; filename=\"_ #1.json\";"
    )


def test_other_methods_are_refused(hub, send):
    assert send("POST", f"{hub.url}/acme/model/resolve/main/a.txt", b"", token=hub.token).status == 405


def test_redirect_leads_to_a_signed_url_of_the_storage(start, send):
    with start(redirect_lfs=True) as hub:
        fill(hub)
        answer = send("GET", f"{hub.url}/acme/model/resolve/main/m.bin")
        assert answer.status == 302
        assert answer.headers["x-linked-etag"] == f'"{OID}"'
        assert answer.headers["x-repo-commit"] == head_of(hub)
        assert answer.headers["location"].startswith(hub.storage_url)
        assert send("GET", answer.headers["location"]).body == BIG


def test_a_shortened_answer_of_a_small_file(start, hub, send):
    hub.faults.add(truncate(bytes=4, on="resolve"))
    with pytest.raises(Exception, match="IncompleteRead"):
        send("GET", f"{hub.url}/acme/model/resolve/main/a.txt")
    hub.faults.add(drop_after(bytes=4, on="resolve"))
    with pytest.raises(ConnectionError):
        send("GET", f"{hub.url}/acme/model/resolve/main/a.txt")
    assert send("GET", f"{hub.url}/acme/model/resolve/main/a.txt").body == TEXT


def test_a_hub_that_ignores_ranges(hub, get):
    hub.faults.add(ignore_range())
    assert get("main/a.txt", Range="bytes=3-").status == 200
