"""The REST calls of publish and fetch, against the local Hub; and against servers that are no Hub."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from hfpush.endpoints import Endpoint, RepoAddress
from hfpush.errors import Damaged, HfpushError, NotFound, Refused, Unavailable
from hfpush.hub.api import Candidate, HubApi
from hfpush.hub.tree import TreeFile, Unsafe
from hfpush.localhub import LocalHub, bad_json, html, lost_answer, status
from hfpush.net.http import Http
from hfpush.net.network import Network
from hfpush.net.patience import Patience
from hfpush.net.retry import RetryPolicy

BLOB = "d670460b4b4aece5915caf5c68d12f560a9fe3e4"


@contextmanager
def api_of(url: str, token: str | None, repo_id: str = "local/m", kind: str = "model", **more: Any) -> Iterator[HubApi]:
    """Calls about one repository, that wait for nothing between their tries."""
    endpoint = Endpoint("here", url)
    with Http(endpoint, token, network=Network(Patience(connect=5, idle=5, answer=5, whole=5))) as http:
        more = {"sleep": lambda _: None, "policy": RetryPolicy(attempts=3)} | more
        yield HubApi(http, RepoAddress.parse(endpoint, repo_id, kind), **more)


@contextmanager
def page_server(answer: Callable[[str], tuple[dict[str, str], Any]]) -> Iterator[str]:
    """A server that gives `answer(path)`, headers and a JSON body, to each GET and POST."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.do_GET()

        def do_GET(self) -> None:
            headers, value = answer(self.path)
            body = json.dumps(value).encode()
            self.send_response(200)
            for name, text in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, text)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Silence."""

    with closing(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as server:
        server.close = server.server_close  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join(10)


@pytest.mark.needs("git")
def test_a_repository_without_a_commit_is_there(tmp_path: Path) -> None:
    with LocalHub(root=tmp_path) as hub, api_of(hub.url, hub.token) as api:
        hub.create(api.repo.id, empty=True)
        assert api.exists()
        with pytest.raises(Refused):
            api.info()


@pytest.mark.needs("git")
@pytest.mark.parametrize("kind", ["model", "dataset", "space"])
def test_a_repository_is_created_once_and_then_there(tmp_path: Path, kind: str) -> None:
    with LocalHub(root=tmp_path) as hub, api_of(hub.url, hub.token, kind=kind) as api:
        assert not api.exists()
        assert api.create(private=True)
        assert not api.create(private=True)
        assert api.exists()
        info = api.info()
        assert info.private
        assert api.info("main") == api.info(info.commit) == info
        assert api.commit_titles("main") == ["initial commit"]
        assert ".gitattributes" in {file.path for file in api.files("main")}


@pytest.mark.needs("git")
def test_what_is_not_there_is_told_apart(tmp_path: Path) -> None:
    with LocalHub(root=tmp_path) as hub, api_of(hub.url, hub.token) as api:
        with pytest.raises(NotFound) as caught:
            api.info()
        assert caught.value.finding.reference == "repo-not-found"
        api.create(private=True)
        for call in (api.info, lambda revision: list(api.files(revision)), api.commit_titles):
            with pytest.raises(NotFound) as caught:
                call("refs/pr/7")
            assert caught.value.finding.reference == "revision-not-found"
        with api_of(hub.url, None) as stranger, pytest.raises(HfpushError) as hidden:
            stranger.info()
        assert hidden.value.finding.reference in ("token-missing", "repo-not-found")


@pytest.mark.needs("git")
def test_nobody_creates_without_a_token_that_may_write(tmp_path: Path) -> None:
    with LocalHub(root=tmp_path) as hub:
        for token in (None, "hf_of_nobody_at_all", hub.read_token):
            with api_of(hub.url, token) as api, pytest.raises(Refused) as caught:
                api.create()
            assert caught.value.finding.reference in ("token-missing", "token-refused", "no-permission")
        assert hub.seen.count("create") == 3


@pytest.mark.needs("git")
def test_a_long_list_comes_page_by_page(tmp_path: Path) -> None:
    with LocalHub(root=tmp_path, page_size=2) as hub, api_of(hub.url, hub.token) as api:
        api.create()
        whole = [TreeFile(f"d/{n}.txt", 1, BLOB) for n in range(5)]
        commit(hub, {file.path: b"x" for file in whole})
        hub.seen.clear()
        assert [file.path for file in api.files("main")] == [".gitattributes", *(file.path for file in whole)]
        assert hub.seen.count("tree") > 2
        assert api.commit_titles("main") == ["more", "initial commit"]


def commit(hub: LocalHub, files: dict[str, bytes]) -> None:
    """Add small files in one commit, the way huggingface_hub does."""
    import base64
    import urllib.request

    lines: list[dict[str, Any]] = [{"key": "header", "value": {"summary": "more", "description": ""}}]
    for path, data in files.items():
        value = {"path": path, "content": base64.b64encode(data).decode(), "encoding": "base64"}
        lines.append({"key": "file", "value": value})
    request = urllib.request.Request(
        f"{hub.url}/api/models/local/m/commit/main",
        data="".join(json.dumps(line) + "\n" for line in lines).encode(),
        headers={"Authorization": f"Bearer {hub.token}", "Content-Type": "application/x-ndjson"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.status == 200


@pytest.mark.needs("git")
def test_what_passes_by_itself_is_asked_again_and_each_wait_is_told(tmp_path: Path) -> None:
    slept: list[float] = []
    told: list[str] = []
    faults = (status(503, on="info", times=1), status(429, on="info", times=1, retry_after=7))
    with LocalHub(*faults, root=tmp_path) as hub:
        more: dict[str, Any] = {
            "sleep": slept.append,
            "on_wait": lambda _, error: told.append(error.finding.reference),
        }
        with api_of(hub.url, hub.token, **more) as api:
            api.create()
            assert api.exists()
    ours, asked = sorted(slept)
    assert 0.5 <= ours <= 0.625, "a little is added at random"
    assert 7.0 <= asked <= 7.7
    assert sorted(told) == ["hub-unavailable", "rate-limited"]


@pytest.mark.needs("git")
def test_a_creation_whose_answer_was_lost_is_a_creation(tmp_path: Path) -> None:
    with LocalHub(lost_answer(on="create"), root=tmp_path) as hub, api_of(hub.url, hub.token) as api:
        assert not api.create()  # the second request found it there
        assert api.exists()


@pytest.mark.needs("git")
def test_trying_ends(tmp_path: Path) -> None:
    with LocalHub(status(503, on="info", times=None), root=tmp_path) as hub, api_of(hub.url, hub.token) as api:
        with pytest.raises(Unavailable):
            api.info()
        assert hub.seen.count("info") == 3


@pytest.mark.needs("git")
@pytest.mark.parametrize("fault", [html(on="info", times=None), bad_json(on="info", times=None)], ids=str)
def test_a_page_in_place_of_json_is_no_hub_and_soon_given_up(tmp_path: Path, fault: Any) -> None:
    with LocalHub(fault, root=tmp_path) as hub, api_of(hub.url, hub.token) as api:
        with pytest.raises(Unavailable) as caught:
            api.info()
        assert caught.value.finding.reference == "not-a-hub"
        assert hub.seen.count("info") <= 3


@pytest.mark.needs("git")
@pytest.mark.parametrize("fault", [html(on="info"), bad_json(on="info")], ids=str)
def test_one_page_in_place_of_json_is_got_over(tmp_path: Path, fault: Any) -> None:
    with LocalHub(root=tmp_path) as hub, api_of(hub.url, hub.token) as api:
        hub.create("local/m")
        hub.faults.add(fault)
        assert len(api.info().commit) == 40


@pytest.mark.needs("git")
@pytest.mark.parametrize("fault", [html(on="tree"), bad_json(on="tree")], ids=str)
def test_one_page_in_place_of_a_list_of_files_is_got_over(tmp_path: Path, fault: Any) -> None:
    with LocalHub(root=tmp_path) as hub, api_of(hub.url, hub.token) as api:
        hub.create("local/m")
        hub.faults.add(fault)
        assert [file.path for file in api.files("main")] == [".gitattributes"]


@pytest.mark.needs("git")
def test_named_files_come_without_the_whole_list(tmp_path: Path) -> None:
    with LocalHub(root=tmp_path) as hub, api_of(hub.url, hub.token) as api:
        api.create()
        commit(hub, {f"d/{n}.txt": b"x" for n in range(5)})
        names = ["d/1.txt", "nothing", "d", *(f"d/{n}.none" for n in range(600)), "d/3.txt"]
        hub.seen.clear()
        files, folders = api.named("main", names)
        assert ([file.path for file in files], folders) == (["d/1.txt", "d/3.txt"], ("d",))
        assert [row.method for row in hub.seen.rows()] == ["POST", "POST"]


@pytest.mark.needs("git")
@pytest.mark.parametrize("elsewhere", [False, True])
def test_one_file_is_known_by_one_question(tmp_path: Path, elsewhere: bool) -> None:
    with (
        LocalHub(root=tmp_path, redirect_lfs=elsewhere, redirect_small=elsewhere) as hub,
        api_of(hub.url, hub.token) as api,
    ):
        api.create()
        commit(hub, {"a b.txt": b"x"})
        found = api.resolved("main", "a b.txt")
        assert found is not None
        listed = {file.path: file for file in api.files("main")}
        assert (found.commit, found.file) == (api.info("main").commit, listed["a b.txt"])
        with pytest.raises(NotFound, match="file-not-found"):
            api.resolved("main", "b.txt")
        api.check_access()


@pytest.mark.parametrize("value", [{}, [], None, {"sha": None}, {"sha": "main"}, {"sha": "A" * 40}, {"sha": "../x"}])
def test_an_answer_without_a_commit_is_no_hub(value: Any) -> None:
    with page_server(lambda _: ({}, value)) as url, api_of(url, None) as api, pytest.raises(Refused) as caught:
        api.info()
    assert caught.value.finding.reference == "not-a-hub"


ENTRY = {"type": "file", "path": "a.txt", "size": 1, "oid": BLOB}


def test_the_next_page_may_be_said_without_a_host() -> None:
    def answer(path: str) -> tuple[dict[str, str], Any]:
        more = {} if "cursor" in path else {"Link": '</api/models/local/m/tree/main?cursor=2>; rel="next"'}
        return more, [ENTRY]

    with page_server(answer) as url, api_of(url, None) as api:
        assert list(api.files("main")) == [TreeFile("a.txt", 1, BLOB)] * 2


@pytest.mark.parametrize(
    ("link", "kind", "reference"),
    [
        ("https://elsewhere.example/api/x?cursor=SECRET", Refused, "page-elsewhere"),
        ("/api/models/local/m/tree/main?cursor=1", Damaged, "tree-unreadable"),
    ],
)
def test_pages_that_lead_elsewhere_or_in_circles_are_not_followed(
    link: str, kind: type[HfpushError], reference: str
) -> None:
    asked: list[str] = []

    def answer(path: str) -> tuple[dict[str, str], Any]:
        asked.append(path)
        return {"Link": f'<{link}>; rel="next"'}, [ENTRY]

    with page_server(answer) as url, api_of(url, "hf_abcdefgh") as api, pytest.raises(kind) as caught:
        list(api.files("main"))
    assert caught.value.finding.reference == reference
    assert "SECRET" not in repr(caught.value.finding)
    assert len(asked) <= 2


def test_a_name_that_must_not_be_written_is_listed_with_its_reason() -> None:
    answer = [{"path": "../x", "type": "file"}, ENTRY]
    with page_server(lambda _: ({}, answer)) as url, api_of(url, None) as api:
        listed = list(api.files("main"))
    assert listed == [Unsafe("../x", "has a path that could lead out of its folder"), TreeFile("a.txt", 1, BLOB)]


@pytest.mark.parametrize("value", [{}, None, "x", [7], [{"path": "x", "type": "file"}]])
def test_a_list_that_is_none_is_damaged(value: Any) -> None:
    with page_server(lambda _: ({}, value)) as url, api_of(url, None) as api, pytest.raises(Damaged):
        list(api.files("main"))


def test_a_list_of_commits_that_is_none_is_damaged() -> None:
    with page_server(lambda _: ({}, {})) as url, api_of(url, None) as api, pytest.raises(Damaged) as caught:
        api.commit_titles("main")
    assert caught.value.finding.reference == "commits-unreadable"


@pytest.mark.needs("git")
def test_the_hub_says_which_files_go_to_lfs_in_as_many_questions_as_it_takes(tmp_path: Path) -> None:
    binary, text = b"\x89PNG\r\n\x1a\n\0\0", b"word " * 100
    files = [Candidate(f"pictures/{number}.png", 700, binary) for number in range(300)]
    files += [Candidate("notes.txt", 500, text), Candidate("big.txt", 11 * 2**20, text), Candidate("\udcff", 9, text)]
    with LocalHub(root=tmp_path) as hub, api_of(hub.url, hub.token) as api:
        hub.create("local/m")
        modes = api.upload_modes("main", files)
        asked = hub.seen.count("preupload")
    assert asked == 2
    assert {modes[f"pictures/{number}.png"] for number in range(300)} == {"lfs"}
    assert (modes["notes.txt"], modes["big.txt"]) == ("regular", "lfs")
    assert "\udcff" not in modes


@pytest.mark.parametrize("value", [[], {"files": 7}, None])
def test_an_answer_about_uploads_that_is_none_is_damaged(value: Any) -> None:
    with page_server(lambda _: ({}, value)) as url, api_of(url, None) as api, pytest.raises(Damaged) as caught:
        api.upload_modes("main", [Candidate("a", 1, b"a")])
    assert caught.value.finding.reference == "preupload-unreadable"
