def test_both_origins_are_known_once_the_hub_runs(start):
    hub = start()
    assert hub.url == ""
    with hub:
        assert hub.url.startswith("http://127.0.0.1:")
        assert hub.storage_url.startswith("http://127.0.0.1:")
        assert hub.url != hub.storage_url
