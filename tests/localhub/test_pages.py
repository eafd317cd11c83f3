"""Pages for people."""

from hfpush.localhub.gitcommit import Change, commit
from hfpush.localhub.gittree import resolve_revision
from hfpush.localhub.names import RepoKey
from hfpush.localhub.pages import MAX_ROWS, _table


def test_the_front_page_links_to_what_the_caller_may_know(hub, send):
    hub.create("acme/secret", "datasets", private=True)
    page = send("GET", f"{hub.url}/")
    assert page.headers["content-type"].startswith("text/html")
    assert '<a href="/acme/model">acme/model</a>' in page.body.decode()
    assert "secret" not in page.body.decode()
    assert '<a href="/datasets/acme/secret">' in send("GET", f"{hub.url}/", basic=hub.token).body.decode()


def test_a_repository_lists_its_files_escaped(hub, send):
    repo = hub.repos.get(RepoKey("models", "acme/model"))
    head = resolve_revision(repo.path, "main")
    changes = [Change("<b>&.txt", b"hello"), Change("d/x.txt", b"")]
    commit(repo.path, changes, message="m", author="local", when=0, parent=head)
    page = send("GET", f"{hub.url}/acme/model").body.decode()
    assert '<a href="/acme/model/resolve/main/%3Cb%3E%26.txt">&lt;b&gt;&amp;.txt</a>' in page
    assert '<a href="/acme/model/tree/main/d">d/</a>' in page
    assert "<b>" not in page
    assert "x.txt" in send("GET", f"{hub.url}/acme/model/tree/main/d").body.decode()


def test_blob_leads_to_the_file(hub, send):
    answer = send("GET", f"{hub.url}/acme/model/blob/main/.gitattributes")
    assert (answer.status, answer.headers["location"]) == (302, "/acme/model/resolve/main/.gitattributes")


def test_what_is_not_there_is_404(hub, send):
    for path in ("acme/nope", "acme/model/tree/nope", "acme/model/tree/main/nope", "acme/model/tree/main/..%2Fx"):
        assert send("GET", f"{hub.url}/{path}", token=hub.token).status == 404
    assert send("POST", f"{hub.url}/acme/model", b"", token=hub.token).status == 405


def test_a_very_long_list_is_cut_and_counted():
    text = _table((f"/{number}", str(number), "") for number in range(MAX_ROWS + 7))
    assert text.count("<tr>") == MAX_ROWS
    assert "and 7 more" in text
