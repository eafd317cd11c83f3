import pytest

from hfpush.localhub import LocalHub, User

ADA, BOB = User("ada", "hf_ada", orgs=("acme",)), User("bob", "hf_bob", orgs=("acme",))


@pytest.fixture
def hub(start):
    with start(users=(ADA, BOB)) as running:
        running.create("acme/model")
        yield running


@pytest.fixture
def call(hub, send):
    """A call below `locks`."""

    def make(method, tail="", body=None, *, user=ADA, to: LocalHub | None = None):
        return send(method, f"{(to or hub).url}/acme/model.git/info/lfs/locks{tail}", body, token=user.token)

    return make


def held(call, path="a.bin", user=ADA):
    answer = call("POST", "", {"path": path}, user=user)
    assert answer.status == 201
    return answer.json()["lock"]


def test_a_lock_is_held_by_one(call):
    lock = held(call)
    assert (lock["path"], lock["owner"]) == ("a.bin", {"name": "ada"})
    assert lock["locked_at"].endswith("Z")
    again = call("POST", "", {"path": "a.bin"}, user=BOB)
    assert again.status == 409
    assert again.json()["lock"] == lock


def test_verify_tells_ours_from_theirs(call):
    ours, theirs = held(call), held(call, "b.bin", BOB)
    assert call("POST", "/verify", {"ref": {"name": "refs/heads/main"}}).json() == {"ours": [ours], "theirs": [theirs]}


def test_locks_are_listed_by_path_id_and_page(call):
    locks = [held(call, f"{n}.bin") for n in range(3)]
    assert call("GET").json() == {"locks": locks}
    assert call("GET", "?path=1.bin").json() == {"locks": [locks[1]]}
    assert call("GET", f"?id={locks[2]['id']}").json() == {"locks": [locks[2]]}
    page = call("GET", "?limit=2").json()
    assert (page["locks"], page["next_cursor"]) == (locks[:2], locks[2]["id"])
    assert call("GET", f"?cursor={page['next_cursor']}").json() == {"locks": locks[2:]}
    assert call("GET", "?limit=many").json() == {"locks": locks}


def test_a_lock_is_given_back_by_its_holder_or_by_force(call):
    lock = held(call)
    assert call("POST", f"/{lock['id']}/unlock", {}, user=BOB).status == 403
    assert call("POST", f"/{lock['id']}/unlock", {"force": True}, user=BOB).json() == {"lock": lock}
    assert call("POST", f"/{lock['id']}/unlock", {}).status == 404
    held(call, "a.bin", BOB)


@pytest.mark.parametrize("path", [None, "", 5, "../x", "/x", ".git/config", "a\n"])
def test_a_path_that_cannot_be_is_not_locked(call, path):
    assert call("POST", "", {"path": path}).status == 422


def test_locks_outlive_a_start(hub, call, start):
    lock = held(call)
    with start(users=(ADA, BOB)) as again:
        assert call("GET", to=again).json() == {"locks": [lock]}
