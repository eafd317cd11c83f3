from hfpush.localhub import expired_lease, short_lease, worn_lease


def test_a_worn_url_is_refused_as_if_its_time_had_run_out_and_the_next_one_serves(start, send, lfs_of):
    with start(worn_lease(uses=1), redirect_lfs=True) as hub:
        url = fill(hub, send, lfs_of)
        first, second = (send("GET", url).headers["location"] for _ in range(2))
        assert [send("GET", one).status for one in (first, first, second)] == [200, 403, 200]
        assert b"Request has expired" in send("GET", first).body


def test_the_urls_of_redirects_live_as_short_as_those_of_batches(start, send, lfs_of):
    now = [1_800_000_000.0]
    with start(redirect_lfs=True, clock=lambda: now[0]) as hub:
        url = fill(hub, send, lfs_of)
        hub.faults.add(expired_lease(on="resolve"), short_lease(seconds=5, on="resolve"))
        dead, short = (send("GET", url).headers["location"] for _ in range(2))
        assert [send("GET", one).status for one in (dead, short)] == [403, 200]
        now[0] += 6
        assert send("GET", short).status == 403


def fill(hub, send, lfs_of):
    """A stored object at a path; the address that redirects to it."""
    from hfpush.localhub.gitcommit import Change, commit
    from hfpush.localhub.gittree import resolve_revision
    from hfpush.localhub.pointer import Pointer

    repo = hub.create("acme/model")
    oid = hub.objects.add_bytes(b"content")
    hub.objects.grant(repo.record.uid, oid)
    change = Change("m.bin", bytes(Pointer(oid, 7)))
    commit(repo.path, [change], message="m", author="local", when=0, parent=resolve_revision(repo.path, "main"))
    return f"{hub.url}/acme/model/resolve/main/m.bin"
