"""huggingface_hub, as it is installed, does its daily work against the local Hub.

The client runs in a process of its own, because it reads its environment when it is imported. CLIENT_PYTHON may name
the interpreter of another environment, to try another release of it:

    CLIENT_PYTHON=~/old/bin/python pytest tests/scenarios/test_hf_client_against_hub.py
"""

import os
import random
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from hfpush.localhub import LocalHub, no_commit_header, race

PYTHON = os.environ.get("CLIENT_PYTHON", sys.executable)
PRELUDE = """
import os, sys
from pathlib import Path
from huggingface_hub import *
from huggingface_hub.errors import *
api = HfApi()
def fails(kind, call, *args, **kwargs):
    try:
        call(*args, **kwargs)
    except Exception as error:
        assert type(error).__name__ in kind.split("|"), repr(error)
        return str(error)
    raise AssertionError(f"{kind} was expected")
"""


@pytest.fixture
def hub(tmp_path):
    with LocalHub(root=tmp_path / "hub", part_size=100_000, multipart_threshold=250_000, page_size=7) as hub:
        yield hub


class Client:
    """huggingface_hub in another process, with a home of its own and the Hub as its endpoint."""

    def __init__(self, hub, home, token):
        self.env = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "XDG_"))}
        self.env |= {
            "HF_ENDPOINT": hub.url,
            "HF_HOME": str(home),
            "HF_HUB_DISABLE_XET": "1",
            "HF_HUB_DISABLE_TELEMETRY": "1",
            "HF_HUB_DISABLE_PROGRESS_BARS": "1",
            "HF_HUB_DISABLE_UPDATE_CHECK": "1",
            "HF_HUB_DISABLE_IMPLICIT_TOKEN": "0",
            "NO_COLOR": "1",
        }
        if token:
            self.env["HF_TOKEN"] = token

    def run(self, script):
        """What the script prints; it fails as a test would."""
        return self._run([PYTHON, "-c", PRELUDE + script])

    def hf(self, *arguments):
        """What the command line prints: `hf`, or `huggingface-cli` where that is all there is."""
        programs = [Path(PYTHON).parent / name for name in ("hf", "huggingface-cli")]
        program = next((str(path) for path in programs if path.exists()), None) or shutil.which("hf")
        return self._run([program, *map(str, arguments)])

    def _run(self, command):
        done = subprocess.run(command, env=self.env, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, f"{command[-1]}\n{done.stdout}\n{done.stderr}"
        return done.stdout


@pytest.fixture
def client(hub, tmp_path):
    return Client(hub, tmp_path / "hf-home", hub.token)


@pytest.fixture
def folder(tmp_path):
    """A model folder: metadata, text, an empty file, a small LFS file, one that goes in parts, odd names."""
    random_bytes = random.Random(1).randbytes
    files = {
        "README.md": b"---\nlicense: mit\ntags:\n- demo\n---\n# Demo\n",
        "config.json": b"{}\n",
        "empty.txt": b"",
        "sub/notes.txt": "ünï\r\n".encode(),
        "sub/small.bin": random_bytes(3000),
        "model.safetensors": random_bytes(630_001),
        "odd ü #1 %20.png": random_bytes(500),
    }
    for name, content in files.items():
        (tmp_path / "model" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "model" / name).write_bytes(content)
    return tmp_path / "model"


def contents(folder):
    files = (path for path in folder.rglob("*") if path.is_file())
    named = {str(path.relative_to(folder)): path.read_bytes() for path in files}
    return {name: data for name, data in named.items() if not name.startswith((".cache", ".gitattributes"))}


@pytest.mark.needs("hf")
def test_hf_uploads_a_folder_and_downloads_the_same(hub, client, folder, tmp_path):
    client.hf("upload", "local/demo", folder, ".")
    client.hf("download", "local/demo", "--local-dir", tmp_path / "back")
    assert contents(tmp_path / "back") == contents(folder)
    assert {row.part for row in hub.seen.rows("put") if row.part} == {1, 2, 3, 4, 5, 6, 7}
    assert hub.seen.bytes_in("put") == 630_001 + 3000 + 500
    assert "/api/validate-yaml" in {row.path for row in hub.seen.rows()}
    assert {row.status for row in hub.seen.rows()} <= {200, 404}


@pytest.mark.needs("hf")
def test_hf_uploads_one_file_and_downloads_it_into_its_cache(hub, client, folder):
    client.hf("upload", "local/demo", folder / "model.safetensors", "weights/model.safetensors")
    place = client.hf("download", "local/demo", "weights/model.safetensors").split("path: ")[-1].strip()
    assert Path(place).read_bytes() == (folder / "model.safetensors").read_bytes()
    assert hub.seen.bytes_out("get") == 630_001


@pytest.mark.needs("hf")
def test_a_second_upload_of_the_same_sends_no_object(hub, client, folder):
    client.hf("upload", "local/demo", folder, ".")
    hub.seen.clear()
    client.hf("upload", "local/demo", folder, ".")
    assert hub.seen.bytes_in("put") == 0


@pytest.mark.needs("hf")
def test_broken_metadata_is_refused_before_anything_is_sent(hub, client, folder):
    (folder / "README.md").write_text("---\na: [\n---\n")
    with pytest.raises(AssertionError, match=r"(?i)yaml"):
        client.hf("upload", "local/demo", folder, ".")
    assert hub.seen.count("put") == 0


def test_create_settings_move_and_delete(hub, client):
    client.run("""
url = api.create_repo("local/a", repo_type="dataset", private=True)
assert (url.repo_id, url.repo_type) == ("local/a", "dataset"), url
fails("HfHubHTTPError", api.create_repo, "local/a", repo_type="dataset")
assert api.create_repo("local/a", repo_type="dataset", exist_ok=True).repo_id == "local/a"
assert api.repo_info("local/a", repo_type="dataset").private
fails("RepositoryNotFoundError", api.repo_info, "local/a", repo_type="dataset", token=False)
update = getattr(api, "update_repo_visibility", None) or api.update_repo_settings  # 0.25 has the first only for this
update("local/a", repo_type="dataset", private=False)
assert not api.repo_info("local/a", repo_type="dataset", token=False).private
api.move_repo("local/a", "acme/b", repo_type="dataset")
fails("RepositoryNotFoundError", api.repo_info, "local/a", repo_type="dataset")
assert api.repo_exists("acme/b", repo_type="dataset")
api.delete_repo("acme/b", repo_type="dataset")
assert not api.repo_exists("acme/b", repo_type="dataset")
fails("RepositoryNotFoundError", api.delete_repo, "acme/b", repo_type="dataset")
api.delete_repo("acme/b", repo_type="dataset", missing_ok=True)
""")


@pytest.mark.needs("hf")
def test_the_command_line_creates_a_repository(hub, client):
    release = tuple(map(int, client.run("import huggingface_hub as h; print(h.__version__)").split(".")[:2]))
    if release < (0, 30):
        client.hf("repo", "create", "demo", "-y")
    else:
        client.hf("repo" if release < (1, 0) else "repos", "create", "demo")
    assert [str(repo.key) for repo in hub.repos.list()] == ["models/local/demo"]


def test_whoami_tells_user_and_role(hub, client):
    assert client.run('me = api.whoami(); print(me["name"], me["auth"]["accessToken"]["role"])') == "local write\n"
    client.env["HF_TOKEN"] = "hf_wrong"
    client.run("""
fails("HfHubHTTPError|HTTPError", api.whoami)
fails("RepositoryNotFoundError|HfHubHTTPError", api.repo_info, "local/demo")
""")


@pytest.mark.slow
def test_deletions_of_files_and_folders_and_copies(hub, client):
    hub.create("local/demo")
    client.run("""
adds = [CommitOperationAdd(path, path.encode()) for path in ("a.txt", "d/1.txt", "d/2.txt", "d/e/3.txt")]
api.create_commit("local/demo", adds, commit_message="add\\n\\nbody")
api.delete_file("a.txt", "local/demo")
api.delete_folder("d/e", "local/demo")
assert set(api.list_repo_files("local/demo")) == {".gitattributes", "d/1.txt", "d/2.txt"}
zeros = b"\\0" * 2000
api.create_commit("local/demo", [CommitOperationAdd("x.bin", zeros)], commit_message="an lfs file")
api.create_commit("local/demo", [CommitOperationCopy("x.bin", "y.bin")], commit_message="copied")
assert Path(hf_hub_download("local/demo", "y.bin")).read_bytes() == zeros
fails("EntryNotFoundError|RemoteEntryNotFoundError", api.delete_file, "nope.txt", "local/demo")
""")


@pytest.mark.slow
def test_branches_tags_and_history(hub, client):
    hub.create("local/demo")
    client.run("""
first = api.repo_info("local/demo").sha
for number in range(10):
    api.create_commit("local/demo", [CommitOperationAdd("n.txt", b"%d" % number)], commit_message=f"n {number}")
titles = [commit.title for commit in api.list_repo_commits("local/demo")]
assert titles == [f"n {number}" for number in reversed(range(10))] + ["initial commit"], titles
api.create_branch("local/demo", branch="feature/x", revision=first)
fails("HfHubHTTPError", api.create_branch, "local/demo", branch="feature/x")
api.create_branch("local/demo", branch="feature/x", exist_ok=True)
api.create_tag("local/demo", tag="v1", tag_message="one")
fails("HfHubHTTPError", api.create_tag, "local/demo", tag="v1")
refs = api.list_repo_refs("local/demo")
assert {branch.name: branch.target_commit for branch in refs.branches}["feature/x"] == first
assert [tag.ref for tag in refs.tags] == ["refs/tags/v1"]
api.upload_file(path_or_fileobj=b"x", path_in_repo="x.txt", repo_id="local/demo", revision="feature/x")
assert set(api.list_repo_files("local/demo", revision="feature/x")) == {".gitattributes", "x.txt"}
assert Path(hf_hub_download("local/demo", "x.txt", revision="feature/x")).read_bytes() == b"x"
assert Path(hf_hub_download("local/demo", "n.txt", revision="v1")).read_bytes() == b"9"
api.delete_branch("local/demo", branch="feature/x")
api.delete_tag("local/demo", tag="v1")
fails("RevisionNotFoundError", api.delete_tag, "local/demo", tag="v1")
fails("RevisionNotFoundError", api.repo_info, "local/demo", revision="feature/x")
api.super_squash_history("local/demo", commit_message="all in one")
assert [commit.title for commit in api.list_repo_commits("local/demo")] == ["all in one"]
assert Path(hf_hub_download("local/demo", "n.txt", force_download=True)).read_bytes() == b"9"
""")


def test_refusals_become_the_right_exceptions(hub, client):
    hub.create("acme/open")
    hub.create("acme/private", private=True)
    hub.repos.update(hub.create("acme/gated").key, lambda record: replace(record, gated="manual"))
    anonymous = Client(hub, Path(client.env["HF_HOME"]), None)
    anonymous.run("""
entry = "EntryNotFoundError|RemoteEntryNotFoundError"
fails("RepositoryNotFoundError", hf_hub_download, "acme/nope", "x")
fails("RepositoryNotFoundError", api.repo_info, "acme/private")
fails("RepositoryNotFoundError", hf_hub_download, "acme/private", ".gitattributes")
fails("GatedRepoError", hf_hub_download, "acme/gated", ".gitattributes")
fails("GatedRepoError", hf_hub_download, "acme/gated", "nonsense")
assert api.repo_info("acme/gated").gated == "manual"
fails("RevisionNotFoundError", hf_hub_download, "acme/open", ".gitattributes", revision="nope")
fails("RevisionNotFoundError", api.list_repo_files, "acme/open", revision="nope")
fails(entry, hf_hub_download, "acme/open", "nope.txt")
assert try_to_load_from_cache("acme/open", "nope.txt") is _CACHED_NO_EXIST
fails(entry, lambda: list(api.list_repo_tree("acme/open", "nope")))
assert not api.file_exists("acme/open", "nope.txt")
assert api.file_exists("acme/open", ".gitattributes")
fails("GatedRepoError", api.auth_check, "acme/gated")
api.auth_check("acme/open")
""")


def test_a_reader_may_not_write(hub, client, folder):
    hub.create("local/demo")
    client.env["HF_TOKEN"] = hub.read_token
    client.run(f"""
text = fails("HfHubHTTPError", api.upload_file, path_or_fileobj=b"x", path_in_repo="x.txt", repo_id="local/demo")
assert "403" in text and "read access" in text, text
text = fails("HfHubHTTPError", api.upload_folder, folder_path={str(folder)!r}, repo_id="local/demo")
fails("HfHubHTTPError", api.create_repo, "local/other")
""")
    assert hub.seen.count("put") == 0


@pytest.mark.slow
def test_listings_longer_than_a_page_are_whole(hub, client):
    hub.create("local/demo")
    for number in range(9):
        hub.create(f"acme/m{number}", empty=True)
    client.run("""
paths = [f"d{number % 3}/f{number:02}.txt" for number in range(30)]
api.create_commit("local/demo", [CommitOperationAdd(path, b"x") for path in paths], commit_message="many")
tree = list(api.list_repo_tree("local/demo", recursive=True))
assert [entry.path for entry in tree] == sorted([".gitattributes", "d0", "d1", "d2", *paths])
inside = list(api.list_repo_tree("local/demo", "d1", expand=True))
assert len(inside) == 10 and all(entry.last_commit.title == "many" for entry in inside), inside
infos = api.get_paths_info("local/demo", [*paths, "d0", "nope"], expand=True)
assert len(infos) == 31 and infos[0].last_commit.title == "many"
assert len(list(api.list_models(author="acme"))) == 9
""")
    assert hub.seen.count("tree") >= 5


@pytest.mark.slow
def test_six_hundred_files_in_one_upload(hub, client, tmp_path):
    for number in range(600):
        (tmp_path / "many" / f"d{number % 7}").mkdir(parents=True, exist_ok=True)
        (tmp_path / "many" / f"d{number % 7}" / f"{number}.txt").write_text(str(number))
    client.run(f"""
api.create_repo("local/many")
api.upload_folder(folder_path={str(tmp_path / "many")!r}, repo_id="local/many")
assert len(api.list_repo_files("local/many")) == 601
""")


def test_a_commit_on_a_moved_parent_is_refused_and_one_without_parent_is_not(tmp_path):
    with LocalHub(race(times=2), root=tmp_path / "hub") as hub:
        hub.create("local/demo")
        Client(hub, tmp_path / "home", hub.token).run("""
head = api.repo_info("local/demo").sha
add = CommitOperationAdd("a.txt", b"a")
text = fails("HfHubHTTPError", api.create_commit, "local/demo", [add], commit_message="m", parent_commit=head)
assert "412" in text and "A commit has happened since" in text, text
api.create_commit("local/demo", [add], commit_message="m")
assert len(api.list_repo_files("local/demo")) == 4
head = api.repo_info("local/demo").sha
add = CommitOperationAdd("b.txt", b"b")
api.create_commit("local/demo", [add], commit_message="m", parent_commit=head[:8])
""")


@pytest.mark.slow
def test_commits_at_once_all_arrive(hub, client):
    hub.create("local/demo")
    client.run("""
from concurrent.futures import ThreadPoolExecutor
def put(number):
    api.create_commit("local/demo", [CommitOperationAdd(f"{number}.txt", b"x")], commit_message=str(number))
with ThreadPoolExecutor(4) as pool:
    list(pool.map(put, range(8)))
assert len(api.list_repo_files("local/demo")) == 9
assert len(api.list_repo_commits("local/demo")) == 9
""")


@pytest.mark.slow
def test_a_pull_request_is_a_ref_of_its_own(hub, client):
    hub.create("local/demo")
    client.run("""
done = api.create_commit("local/demo", [CommitOperationAdd("a.txt", b"a")], commit_message="m", create_pr=True)
assert done.pr_url.endswith("/local/demo/discussions/1") and done.pr_revision == "refs/pr/1", done
assert api.list_repo_files("local/demo") == [".gitattributes"]
assert Path(hf_hub_download("local/demo", "a.txt", revision="refs/pr/1")).read_bytes() == b"a"
assert [ref.ref for ref in api.list_repo_refs("local/demo", include_pull_requests=True).pull_requests] == ["refs/pr/1"]
""")


@pytest.mark.slow
def test_downloads_through_a_redirect_to_the_storage(tmp_path, folder):
    with LocalHub(root=tmp_path / "hub", redirect_lfs=True) as hub:
        hub.create("local/demo")
        Client(hub, tmp_path / "home", hub.token).run(f"""
api.upload_folder(folder_path={str(folder)!r}, repo_id="local/demo")
snapshot_download("local/demo", local_dir={str(tmp_path / "back")!r})
""")
        assert contents(tmp_path / "back") == contents(folder)
        assert {row.status for row in hub.seen.rows("resolve")} == {200, 302}


@pytest.mark.slow
def test_a_second_start_on_the_same_folder_serves_what_the_first_took(tmp_path, folder):
    with LocalHub(root=tmp_path / "hub") as hub:
        Client(hub, tmp_path / "home", hub.token).run(f"""
api.create_repo("local/demo", private=True)
api.upload_folder(folder_path={str(folder)!r}, repo_id="local/demo")
""")
    with LocalHub(root=tmp_path / "hub") as again:
        assert again.token == hub.token
        Client(again, tmp_path / "home", again.token).run(f"""
snapshot_download("local/demo", local_dir={str(tmp_path / "back")!r})
""")
    assert contents(tmp_path / "back") == contents(folder)


@pytest.mark.slow
def test_equal_contents_under_two_names(hub, client):
    hub.create("local/demo")
    client.run("""
adds = [CommitOperationAdd(name, b"\\0" * 300_000) for name in ("a.bin", "b.bin")]
api.create_commit("local/demo", adds, commit_message="m")
assert Path(hf_hub_download("local/demo", "b.bin")).read_bytes() == b"\\0" * 300_000
""")


@pytest.mark.slow
def test_without_commit_header_the_client_knows_no_hub(tmp_path):
    with LocalHub(no_commit_header(), root=tmp_path / "hub") as hub:
        hub.create("local/demo")
        out = Client(hub, tmp_path / "home", None).run("""
try:
    hf_hub_download("local/demo", ".gitattributes")
except Exception as error:
    print(repr(error), repr(error.__cause__))
""")
        assert "FileMetadataError" in out or "LocalEntryNotFoundError" in out


@pytest.mark.slow
def test_the_large_folder_upload_of_older_releases(hub, client, folder, tmp_path):
    if client.run("print(hasattr(api, 'upload_large_folder'))") == "False\n":
        pytest.skip("this release of huggingface_hub has no upload_large_folder any more")
    client.run(f"""
api.upload_large_folder("local/demo", {str(folder)!r}, repo_type="model", num_workers=2, print_report=False)
snapshot_download("local/demo", local_dir={str(tmp_path / "back")!r})
""")
    assert contents(tmp_path / "back") == contents(folder)
