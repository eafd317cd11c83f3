import pytest

from hfpush.localhub.operation import OPS, api_operation, storage_operation


@pytest.mark.parametrize(
    ("method", "path", "op"),
    [
        ("POST", "/ns/m.git/info/lfs/objects/batch", "batch"),
        ("POST", "/datasets/ns/m.git/info/lfs/verify", "verify"),
        ("POST", "/ns/m.git/info/lfs/locks/verify", "locks"),
        ("GET", "/ns/m.git/info/lfs/locks", "locks"),
        ("GET", "/ns/m/info/refs", "git-refs"),
        ("POST", "/ns/m.git/git-upload-pack", "git-fetch"),
        ("POST", "/m/git-receive-pack", "git-push"),
        ("HEAD", "/ns/m/resolve/main/x", "resolve"),
        ("GET", "/ns/m/raw/main/x", "resolve"),
        ("GET", "/ns/m", "page"),
        ("GET", "/", "page"),
        ("GET", "/ns/m/tree/main", "page"),
        ("POST", "/api/complete_multipart", "complete"),
        ("GET", "/api/whoami-v2", "whoami"),
        ("POST", "/api/repos/create", "create"),
        ("DELETE", "/api/repos/delete", "api"),
        ("POST", "/api/models/ns/m/commit/main", "commit"),
        ("POST", "/api/datasets/m/preupload/main", "preupload"),
        ("GET", "/api/models/ns/m/tree/main/a%2Fb", "tree"),
        ("POST", "/api/models/ns/m/paths-info/main", "tree"),
        ("GET", "/api/models/ns/m", "info"),
        ("GET", "/api/models/ns/m/revision/refs%2Fpr%2F1", "info"),
        ("GET", "/api/models/ns/m/refs", "api"),
        ("GET", "/api/models/ns/m/commits/main", "api"),
        ("PUT", "/api/models/ns/m/settings", "api"),
        ("GET", "/api/nothing", "api"),
    ],
)
def test_requests_are_sorted(method, path, op):
    assert api_operation(method, path) == op
    assert op in OPS


@pytest.mark.parametrize(("method", "op"), [("PUT", "put"), ("GET", "get"), ("HEAD", "get")])
def test_storage_knows_two_operations(method, op):
    assert storage_operation(method) == op
