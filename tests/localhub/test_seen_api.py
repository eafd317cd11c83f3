def test_what_was_seen_can_be_read_and_cleared_from_another_process(hub, send):
    send("GET", f"{hub.url}/api/whoami-v2", token=hub.token)
    totals = send("GET", f"{hub.url}/-/seen").json()
    assert totals["totals"]["whoami"]["count"] == 1
    assert "rows" not in totals
    assert send("GET", f"{hub.url}/-/seen?rows=1").json()["rows"][0]["op"] == "whoami"
    assert send("DELETE", f"{hub.url}/-/seen").status == 204
    assert send("GET", f"{hub.url}/-/seen").json() == {"totals": {}, "under_way": {}}


def test_looking_is_not_seen(hub, send):
    send("GET", f"{hub.url}/-/seen")
    assert hub.seen.count() == 0
