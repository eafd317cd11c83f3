"""History and squashing."""

import pytest

from hfpush.localhub.gitcmd import git_text
from hfpush.localhub.gitcommit import Change, commit
from hfpush.localhub.gittree import resolve_revision
from hfpush.localhub.names import RepoKey


@pytest.fixture
def repo(hub):
    repo = hub.repos.get(RepoKey("models", "acme/model"))
    for number in range(4):
        head = resolve_revision(repo.path, "main")
        message = f"n {number} <b>\n\nBody\nof {number}"
        commit(repo.path, [Change("n", b"%d" % number)], message=message, author="ann", when=number, parent=head)
    return repo


def test_pages_of_history(hub, send, repo):
    url, titles = f"{hub.url}/api/models/acme/model/commits/main?limit=2&expand%5B%5D=formatted", []
    while url:
        answer = send("GET", url)
        titles += [commit["title"] for commit in answer.json()]
        url = answer.headers.get("link", "").partition("<")[2].partition(">")[0]
    assert titles == ["n 3 <b>", "n 2 <b>", "n 1 <b>", "n 0 <b>", "initial commit"]


def test_one_commit_is_told_whole(hub, send, repo):
    [told] = send("GET", f"{hub.url}/api/models/acme/model/commits/main?limit=1&expand[]=formatted").json()
    assert told == {
        "id": resolve_revision(repo.path, "main"),
        "title": "n 3 <b>",
        "message": "Body\nof 3",
        "authors": [{"user": "ann", "avatar": ""}],
        "date": "1970-01-01T00:00:03.000Z",
        "formatted": {"title": "n 3 &lt;b&gt;", "message": "Body\nof 3"},
    }


def test_a_wrong_revision(hub, send):
    answer = send("GET", f"{hub.url}/api/models/acme/model/commits/nope")
    assert (answer.status, answer.headers["x-error-code"]) == (404, "RevisionNotFound")


def test_squash_keeps_the_files_and_forgets_the_history(hub, send, repo):
    tree = git_text(repo.path, "rev-parse", "main^{tree}")
    url = f"{hub.url}/api/models/acme/model/super-squash/main"
    assert send("POST", url, {"message": "one"}, token=hub.read_token).status == 403
    assert send("POST", url, {"message": "one"}, token=hub.token).status == 200
    assert git_text(repo.path, "log", "--format=%s", "main") == "one"
    assert git_text(repo.path, "rev-parse", "main^{tree}") == tree
    gone = send("POST", f"{hub.url}/api/models/acme/model/super-squash/nope", {}, token=hub.token)
    assert gone.headers["x-error-code"] == "RevisionNotFound"
