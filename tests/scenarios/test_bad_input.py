"""Commands that cannot succeed: each ends with one clear finding, and nothing is sent or changed at the Hub."""

from __future__ import annotations

import http.server
import json
import os
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from support.command_line import CommandLine, Said, git, make_repo, objects_at
from support.slowly import mostly_slow

from hfpush.localhub import LocalHub

ONLY_ASKED = {"info", "git-refs"}
WITHOUT_RIGHTS = ["setpriv", "--inh-caps=-all", "--bounding-set=-all"]


@dataclass(frozen=True)
class Case:
    """What `make` prepares below a folder is published with `words`; it must end with `reference` and `code`."""

    name: str
    reference: str
    make: Callable[[Path], Path]
    words: tuple[str, ...] = ()
    code: int = 1
    settings: dict[str, str] = field(default_factory=dict)
    named: str = ""


def folder(place: Path, **files: bytes) -> Path:
    """A plain folder with a few files."""
    place.mkdir()
    for name, content in {"README.md": b"# Hello\n", **files}.items():
        (place / name).write_bytes(content)
    return place


def yaml(text: str | bytes) -> Callable[[Path], Path]:
    content = text.encode() if isinstance(text, str) else text
    return lambda place: folder(place / "folder", **{".hfpush.yaml": content})


def plain(place: Path) -> Path:
    return folder(place / "folder")


def repo(place: Path) -> Path:
    return make_repo(place / "repo", {"a.bin": b"a" * 5000}, {"README.md": b"# A model\n"})


def nothing(place: Path) -> Path:
    return place / "nothing"


def file(place: Path) -> Path:
    (place / "file").write_bytes(b"content")
    return place / "file"


def inside(place: Path) -> Path:
    (repo(place) / "part").mkdir()
    (place / "repo/part/x").write_bytes(b"x")
    return place / "repo/part"


def without_commit(place: Path) -> Path:
    git(folder(place / "repo"), "init", "-q")
    return place / "repo"


def broken(place: Path) -> Path:
    (repo(place) / ".git/HEAD").write_text("nonsense")
    return place / "repo"


def gitfile(place: Path) -> Path:
    folder(place / "repo", **{".git": b"gitdir: /nowhere\n"})
    return place / "repo"


def large_in_history(place: Path) -> Path:
    made = make_repo(place / "repo", {}, {"notes.txt": b"x" * (12 * 2**20)})
    git(made, "rm", "-q", "--cached", "notes.txt")
    git(made, "commit", "-q", "-m", "the file is gone, but its commit is not")
    return made


def odd_name(place: Path) -> Path:
    return folder(place / "folder", **{"a\nb.txt": b"x"})


def fifo_for_settings(place: Path) -> Path:
    os.mkfifo(folder(place / "folder") / ".hfpush.yaml")
    return place / "folder"


def link_out(place: Path) -> Path:
    (folder(place / "folder") / "link").symlink_to("/etc/passwd")
    return place / "folder"


def leads_elsewhere(place: Path) -> Path:
    return folder(place / "folder", **{".lfsconfig": b"[lfs]\n\turl = https://u:pw@evil.example/x\n"})


def leads_elsewhere_in_a_commit(place: Path) -> Path:
    config = b"[lfs]\n\n\tpushurl = https://evil.example/x\n"
    return make_repo(place / "repo", {}, {".lfsconfig": config, "README.md": b"# A model\n"})


TO = ("--to", "local/model")
CASES = [
    Case("a .lfsconfig that leads elsewhere", "lfs-elsewhere", leads_elsewhere, TO, named=".lfsconfig, line 2"),
    Case("one in a commit", "lfs-elsewhere", leads_elsewhere_in_a_commit, TO, named="line 3"),
    Case("one before a dry run", "lfs-elsewhere", leads_elsewhere, (*TO, "--dry-run"), named=".lfsconfig, line 2"),
    Case("no such path", "path-missing", nothing, TO, 2),
    Case("a file", "path-is-file", file, TO, 2),
    Case("no word of where to", "publish-where", plain, (), 2),
    Case("an id that is none", "repo-id-invalid", plain, ("--to", "a/b/c"), 2, named="a/b/c"),
    Case("an id with a dash too many", "repo-id-invalid", plain, ("--to", "-x/y"), 2),
    Case("a type that is none", "repo-type-unknown", plain, (*TO, "--type", "models"), 2, named="models"),
    Case("an endpoint that is none", "endpoint-unknown", plain, (*TO, "--endpoint", "nowhere"), 2),
    Case("a password in the endpoint", "endpoint-credentials", plain, (*TO, "--endpoint", "http://u:pw@h"), 2),
    Case("jobs that are no number", "jobs-invalid", plain, TO, 2, {"HFPUSH_JOBS": "many"}, named="many"),
    Case("attempts that are no number", "attempts-invalid", plain, TO, 2, {"HFPUSH_ATTEMPTS": "0"}),
    Case("a patience without end", "patience-invalid", plain, TO, 2, {"HFPUSH_IDLE_SECONDS": "inf"}),
    Case("a token of two lines", "token-malformed", plain, TO, 2, {"HF_TOKEN": "hf_secret\nhf_secret"}),
    *(
        Case(f"the branch {name!r} of a {make.__name__} folder", "branch-invalid", make, (*TO, f"--revision={name}"), 2)
        for name, make in (
            *((name, repo) for name in ("a..b", "two words", "-x", "a/../b", "refs/heads/x", "x.lock", "", "@")),
            *((name, plain) for name in ("a..b", "")),
        )
    ),
    Case("a part of a repository", "path-inside-repo", inside, TO, 2),
    Case("a repository without a commit", "repo-empty", without_commit, TO, 2),
    Case("a repository without a readable HEAD", "repo-damaged", broken, TO),
    Case("a repository that leads nowhere", "repo-damaged", gitfile, TO),
    Case("a large file in the history", "large-file-in-git", large_in_history, TO, named="notes.txt"),
    Case("a name that the Hub cannot hold", "name-unusable", odd_name, TO, named="a\\\\nb.txt"),
    Case("a link that leads out of the folder", "link-leaves-folder", link_out, TO, named="link"),
    Case("a state folder that cannot be", "state-unwritable", plain, TO, settings={"HFPUSH_STATE_DIR": "/dev/null/x"}),
    Case("settings that name an endpoint", "repo-file-endpoint", yaml("endpoint: http://x.example"), TO, 2),
    Case("settings that name the Hub in a list", "settings-value", yaml("endpoint: [hf]"), TO, 2, named="endpoint"),
    Case("settings that hold a token", "settings-unknown-key", yaml("token: hf_sssssssssss"), TO, 2, named="token"),
    Case("settings that choose a folder", "settings-unknown-key", yaml("state_dir: /"), TO, 2),
    Case("settings that are no YAML", "settings-unreadable", yaml("\t- :{"), TO, 2),
    Case("settings that are a list", "settings-unreadable", yaml("- to"), TO, 2),
    Case("settings nested without end", "settings-unreadable", yaml("[" * 60_000), TO, 2),
    Case("settings that are large", "settings-unreadable", yaml("#" * 100_000), TO, 2),
    Case("settings in another encoding", "settings-unreadable", yaml(b"to: \xff"), TO, 2),
    Case("settings that are a pipe", "settings-unreadable", fifo_for_settings, TO, 2),
    Case("settings with a number for an id", "settings-value", yaml("to: 5"), (), 2),
    Case("settings with a quoted no", "settings-value", yaml("to: a/b\nprivate: 'no'"), (), 2, named="private"),
]


def check_clear(said: Said, code: int, reference: str) -> None:
    """One finding, as a document, with something seen or something to try, and nothing besides."""
    assert (said.code, said.reference) == (code, reference), said
    assert said.err == ""
    finding = said.document["error"]
    assert said.document.keys() == {"error"}
    assert finding["message"].endswith((".", "'"))
    assert finding["evidence"] or finding["remedy"] or code == 2, "a wrong word needs no more than to be named"
    assert all(line.strip() for line in (*finding["evidence"], *finding["remedy"]))
    assert not any(ord(letter) < 32 and letter != "\n" for letter in json.dumps(finding))


ONE_OF_EACH_KIND = {
    *(
        "no such path",
        "a password in the endpoint",
        "a token of two lines",
    ),
    *("the branch 'a..b' of a repo folder", "a repository without a readable HEAD"),
    *("a large file in the history", "a name that the Hub cannot hold", "a state folder that cannot be"),
    *("settings that hold a token", "settings that are a pipe", "one in a commit"),
}


@pytest.mark.parametrize(("name", "case"), mostly_slow([(case.name, case) for case in CASES], quick=ONE_OF_EACH_KIND))
def test_publish_refuses(name: str, case: Case, tmp_path: Path, home: Path) -> None:
    path = case.make(tmp_path)
    with LocalHub(root=tmp_path / "hub") as hub:
        said = CommandLine(home, hub).run("publish", str(path), *case.words, "--json", **case.settings)
        check_clear(said, case.code, case.reference)
        assert case.named in str(said.document)
        for secret in ("hf_s", "pw@"):
            assert secret not in said.out
        assert {row.op for row in hub.seen.rows()} <= ONLY_ASKED
        assert list(hub.repos.list()) == []
        assert objects_at(hub) == set()


def test_publish_tells_it_to_a_person_as_well(tmp_path: Path, home: Path) -> None:
    with LocalHub(root=tmp_path / "hub") as hub:
        said = CommandLine(home, hub).run("publish", str(large_in_history(tmp_path)), *TO)
    first, message, seen, *tries = said.err.splitlines()
    assert (said.code, said.out) == (1, "")
    assert first == "error: large-file-in-git"
    assert message == "  There is a file over 10 MiB in the history of git itself, which the Hub refuses."
    assert seen.startswith("  seen   notes.txt: 12.6 MB, since commit ")
    assert tries[0].startswith("  try    hfpush fix ")


@pytest.mark.parametrize("kind", [pytest.param("detached", marks=pytest.mark.slow), "bare"])
def test_a_repository_without_a_branch_or_a_work_tree_is_published_all_the_same(
    kind: str, tmp_path: Path, home: Path
) -> None:
    path = repo(tmp_path)
    head = git(path, "rev-parse", "HEAD")
    if kind == "detached":
        git(path, "switch", "-q", "--detach")
    else:
        shutil.move(path / ".git", tmp_path / "bare.git")
        path = tmp_path / "bare.git"
        git(path, "config", "core.bare", "true")
    with LocalHub(root=tmp_path / "hub") as hub:
        said = CommandLine(home, hub).publish(path)
        assert (said.code, said.document["verified"]) == (0, 1), said
        assert git(tmp_path, "ls-remote", f"{hub.url}/local/model", "refs/heads/main").split()[0] == head


def test_a_binary_file_in_git_is_named_before_anything_is_made(tmp_path: Path, home: Path) -> None:
    path = make_repo(tmp_path / "repo", {}, {"weights.dat": b"\0" + os.urandom(2_000_000)})
    with LocalHub(root=tmp_path / "hub") as hub:
        said = CommandLine(home, hub).publish(path)
        check_clear(said, 1, "binary-file-in-git")
        (seen,) = said.document["error"]["evidence"]
        assert seen.startswith("weights.dat: 2.0 MB, since commit ")
        assert said.document["error"]["remedy"][0].startswith("hfpush fix ")
        assert not hub.seen.count("create")


# ------------------------------------------------------------------ what cannot be read or written


@pytest.fixture
def rightless(home: Path) -> Callable[[LocalHub], CommandLine]:
    """The command line without the rights of root, which may read everything."""

    class Rightless(CommandLine):
        def command(self, *arguments: str) -> list[str]:
            command = super().command(*arguments)
            return [*WITHOUT_RIGHTS, *command] if os.geteuid() == 0 else command

    return lambda hub: Rightless(home, hub)


CLOSED: list[tuple[str, str, str, int]] = [
    ("the folder", ".", "path-unreadable", 1),
    ("a folder inside, which git alone would leave out", "inner", "file-unreadable", 1),
    ("a file", "README.md", "file-unreadable", 1),
    ("the settings", ".hfpush.yaml", "settings-unreadable", 2),
    ("the folder around it", "..", "path-unreadable", 1),
]


@pytest.mark.needs("setpriv")
@pytest.mark.parametrize(("case", "name", "reference", "code"), mostly_slow(CLOSED, quick={"a file", "the settings"}))
def test_what_may_not_be_read_stops_the_publish(
    case: str, name: str, reference: str, code: int, tmp_path: Path, rightless: Callable[[LocalHub], CommandLine]
) -> None:
    (tmp_path / "outer").mkdir()
    path = folder(tmp_path / "outer/folder", **{".hfpush.yaml": b"revision: main\n"})
    (path / "inner").mkdir()
    (path / "inner/x.txt").write_bytes(b"x")
    closed = path / name
    before = closed.stat().st_mode
    closed.chmod(0)
    try:
        with LocalHub(root=tmp_path / "hub") as hub:
            said = rightless(hub).publish(path)
            check_clear(said, code, reference)
            assert {row.op for row in hub.seen.rows()} <= ONLY_ASKED
    finally:
        (closed if name != ".." else tmp_path / "outer").chmod(before)


@pytest.mark.needs("setpriv")
def test_a_folder_that_may_not_be_written_is_told(tmp_path: Path, rightless: Callable[[LocalHub], CommandLine]) -> None:
    path = plain(tmp_path)
    path.chmod(0o555)
    try:
        with LocalHub(root=tmp_path / "hub") as hub:
            said = rightless(hub).publish(path)
            check_clear(said, 1, "place-unwritable")
            assert list(hub.repos.list()) == []
    finally:
        path.chmod(0o755)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 300 kB, which takes root to be made."""
    place = tmp_path / "small"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", str(place)], capture_output=True, text=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"a small disk could not be mounted: {mounted.stderr.strip()}")
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)


def fill(disk: Path) -> None:
    """Leave no room at all."""
    with suppress(OSError), (disk / "filler").open("wb", buffering=0) as filler:
        while True:
            filler.write(b"x" * 4096)


@pytest.mark.slow
@pytest.mark.needs("mount")
def test_a_full_disk_is_told_wherever_it_is_and_passes(small_disk: Path, tmp_path: Path, home: Path) -> None:
    with LocalHub(root=tmp_path / "hub", part_size=100_000, multipart_threshold=200_000) as hub:
        hfpush = CommandLine(home, hub)
        large = folder(tmp_path / "large", **{"a.bin": os.urandom(400_000)})
        fill(small_disk)
        said = hfpush.publish(large, HFPUSH_STATE_DIR=str(small_disk / "state"))
        check_clear(said, 1, "disk-full")
        (small_disk / "filler").unlink()
        assert hfpush.publish(large, HFPUSH_STATE_DIR=str(small_disk / "state")).code == 0

        tight = folder(small_disk / "folder")
        fill(small_disk)
        said = hfpush.run("publish", str(tight), "--to", "local/tight", "--json")
        check_clear(said, 1, "disk-full")
        (small_disk / "filler").unlink()
        assert hfpush.run("publish", str(tight), "--to", "local/tight", "--json").code == 0

        for where in ("--local-dir", "--cache-dir"):
            said = hfpush.run("fetch", "local/model", where, str(small_disk / where), "--json")
            check_clear(said, 1, "disk-full")


# ------------------------------------------------------------------ endpoints that are no Hub


class _Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = b"<html><title>Welcome to our network</title></html>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_PUT = do_HEAD = do_GET

    def log_message(self, format: str, *arguments: object) -> None: ...


class _Tls(http.server.ThreadingHTTPServer):
    def get_request(self) -> tuple[socket.socket, object]:
        connection, address = super().get_request()
        connection.settimeout(10)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        return context.wrap_socket(connection, server_side=True), address  # fails: what comes is no TLS

    def handle_error(self, request: object, client_address: object) -> None: ...


@contextmanager
def server(kind: type[http.server.ThreadingHTTPServer]) -> Iterator[int]:
    with kind(("127.0.0.1", 0), _Page) as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield running.server_address[1]
        finally:
            running.shutdown()
            thread.join(10)


@contextmanager
def closed_port() -> Iterator[int]:
    with closing(socket.socket()) as taken:  # bound and not listening: nobody else gets it, and nobody answers
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


STRANGERS: list[tuple[str, str, object, str]] = [
    ("a page for people", "http", lambda: server(http.server.ThreadingHTTPServer), "not-a-hub"),
    ("a port where nobody listens", "http", closed_port, "connection-refused"),
    ("http spoken to TLS", "http", lambda: server(_Tls), "connection-cut"),
    ("TLS spoken to http", "https", lambda: server(http.server.ThreadingHTTPServer), "tls-plaintext"),
]


@pytest.mark.parametrize("command", ["publish", pytest.param("fetch", marks=pytest.mark.slow)])
@pytest.mark.parametrize(("case", "scheme", "begin", "reference"), STRANGERS, ids=[row[0] for row in STRANGERS])
def test_an_endpoint_that_is_no_hub_is_told(
    case: str,
    scheme: str,
    begin: Callable[[], object],
    reference: str,
    command: str,
    tmp_path: Path,
    home: Path,
) -> None:
    with LocalHub(root=tmp_path / "hub") as hub, begin() as port:  # type: ignore[attr-defined]
        hfpush = CommandLine(home, hub)
        settings = {"HF_ENDPOINT": f"{scheme}://127.0.0.1:{port}", "HFPUSH_ATTEMPTS": "2"}
        what = [str(plain(tmp_path)), *TO] if command == "publish" else ["local/model"]
        said = hfpush.run(command, *what, "--json", **settings)
        check_clear(said, 1, reference)
        assert f"127.0.0.1:{port}" in str(said.document)
        assert hub.seen.count() == 0
    assert not (tmp_path / "folder/.git").exists(), "the folder was left as it is"


# ------------------------------------------------------------------ fetch


FETCHES: list[tuple[str, list[str], int, str]] = [
    ("no such repository", ["local/none"], 1, "repo-not-found"),
    ("a repository of another type", ["local/model", "--type", "dataset"], 1, "repo-not-found"),
    ("no such branch", ["local/model", "--revision", "none"], 1, "revision-not-found"),
    ("no such commit", ["local/model", "--revision", "0" * 40], 1, "revision-not-found"),
    ("no such file", ["local/model", "none.txt"], 1, "file-not-found"),
    ("no file of such a pattern", ["local/model", "*.none"], 1, "file-not-found"),
    ("a revision that climbs", ["local/model", "--revision", "../../x"], 2, "revision-invalid"),
    ("an id that is none", ["local/model/x"], 2, "repo-id-invalid"),
]
NOT_FOUND_OR_WRONG = {"no such repository", "no such file", "a revision that climbs"}


@pytest.mark.parametrize(("case", "words", "code", "reference"), mostly_slow(FETCHES, quick=NOT_FOUND_OR_WRONG))
def test_fetch_refuses(case: str, words: list[str], code: int, reference: str, tmp_path: Path, home: Path) -> None:
    with LocalHub(root=tmp_path / "hub") as hub:
        hub.create("local/model")
        said = CommandLine(home, hub).run("fetch", *words, "--local-dir", str(tmp_path / "here"), "--json")
        check_clear(said, code, reference)
        assert not any(file.is_file() for file in (tmp_path / "here").rglob("*") if ".cache" not in file.parts)
