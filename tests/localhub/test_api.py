"""The list of routes is whole."""

import pytest


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "models/acme/model/discussions"), ("GET", "models/acme/model/xet-read-token/main")]
)
def test_what_is_not_built_says_so(hub, send, method, path):
    answer = send(method, f"{hub.url}/api/{path}", token=hub.token)
    assert answer.status == 501
    assert "This Hub has no" in answer.json()["error"]


def test_an_unknown_route_is_json_and_404(hub, send):
    answer = send("GET", f"{hub.url}/api/agent-harnesses")
    assert answer.status == 404
    assert answer.json()["error"]


def test_every_answer_has_a_request_id(hub, send):
    for path in ("api/models/acme/model", "acme/model/resolve/main/.gitattributes", "", "api/nope"):
        assert send("GET", f"{hub.url}/{path}").headers["x-request-id"].startswith("Root=1-")


def test_ids_of_one_segment_and_encoded_revisions(hub, send):
    hub.create("single")
    for path in ("", "/refs", "/revision/main", "/tree/main", "/tree/refs%2Fheads%2Fmain", "/commits/main"):
        assert send("GET", f"{hub.url}/api/models/single{path}").status == 200, path
