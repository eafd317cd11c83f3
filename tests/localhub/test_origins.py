from hfpush.localhub.origins import Origins


def test_both_origins_are_known_once_the_hub_runs(start):
    hub = start()
    assert hub.url == ""
    with hub:
        assert hub.url.startswith("http://127.0.0.1:")
        assert hub.storage_url.startswith("http://127.0.0.1:")
        assert hub.url != hub.storage_url


def test_answers_name_the_hub_as_others_call_it(start, send):
    with start(api_url="https://hf.test/", storage_url="https://s3.hf.test") as hub:
        assert (hub.url, hub.storage_url) == ("https://hf.test", "https://s3.hf.test")
        api, storage = hub.doors
        assert api.startswith("http://127.0.0.1:")
        assert storage.startswith("http://127.0.0.1:")
        asked = {"operation": "upload", "transfers": ["multipart"], "objects": [{"oid": "a" * 64, "size": 200_000}]}
        hub.create("acme/model")
        answer = send("POST", f"{api}/acme/model.git/info/lfs/objects/batch", asked, token=hub.token).json()
    actions = answer["objects"][0]["actions"]
    assert actions["upload"]["href"].startswith("https://hf.test/api/complete_multipart")
    assert actions["upload"]["header"]["00001"].startswith("https://s3.hf.test/")
    assert actions["verify"]["href"].startswith("https://hf.test/acme/model.git/info/lfs/")


def test_a_requests_own_address_has_the_scheme_that_its_sender_used():
    origins = Origins(api="https://hf.test", storage="http://s3.hf.test:9000")
    assert origins.as_called("http://hf.test/a?b=c%20d") == "https://hf.test/a?b=c%20d"
    assert origins.as_called("http://s3.hf.test:9000/x") == "http://s3.hf.test:9000/x"
    assert origins.as_called("http://127.0.0.1:80/x") == "http://127.0.0.1:80/x"
