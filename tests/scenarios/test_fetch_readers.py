"""What `hfpush fetch` leaves behind is what huggingface_hub, transformers and datasets read; and the other way round.

The readers run in processes of their own, because they read their environment when they are imported. CLIENT_PYTHON
may name the interpreter of another environment, to try another release:

    CLIENT_PYTHON=~/old/bin/python pytest tests/scenarios/test_fetch_readers.py
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from support.command_line import CommandLine, Said

from hfpush.localhub import LocalHub

PYTHON = os.environ.get("CLIENT_PYTHON", sys.executable)
REPO = "local/demo"
LARGE = random.Random(3).randbytes(1_300_000)
FILES = {
    "README.md": b"---\nlicense: mit\n---\n# Demo\n",
    "config.json": b"{}\n",
    "empty.txt": b"",
    "sub/deeper/notes.txt": "ünï\r\n".encode(),
    "sub/same.txt": "ünï\r\n".encode(),
    "model.safetensors": LARGE,
    "copy/model.safetensors": LARGE,
    "odd ü #1 %20.bin": b"odd",
}
PRELUDE = """
import os
from pathlib import Path
from huggingface_hub import *
from huggingface_hub.utils import logging
"""


class Reader:
    """A Python with huggingface_hub, and a home of its own. A warning is an error, and so is a word on stderr."""

    def __init__(self, home: Path, url: str, token: str) -> None:
        self.home = home
        self.cache = home / "hub"
        self.env = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "XDG_"))}
        self.env |= {
            "HF_ENDPOINT": url,
            "HF_TOKEN": token,
            "HF_HOME": str(home),
            "HF_HUB_DISABLE_XET": "1",
            "HF_HUB_DISABLE_PROGRESS_BARS": "1",
            "HF_HUB_DISABLE_TELEMETRY": "1",
            "HF_HUB_DISABLE_UPDATE_CHECK": "1",
            "DO_NOT_TRACK": "1",
            "NO_COLOR": "1",
        }

    def run(self, script: str, *, quiet: bool = True, **env: str) -> str:
        """What the script prints."""
        command = [PYTHON, *(["-W", "error"] if quiet else []), "-c", PRELUDE + script]
        return self._run(command, env, quiet)

    def hf(self, *arguments: str, quiet: bool = True, **env: str) -> str:
        """What the command line prints; `hf`, or in old releases `huggingface-cli`. Skips where there is none."""
        programs = [Path(PYTHON).parent / name for name in ("hf", "huggingface-cli")]
        program = next((str(path) for path in programs if path.exists()), None) or shutil.which("hf")
        if program is None:
            pytest.skip("no command line of huggingface_hub")
        return self._run([program, *arguments], env, quiet)

    def has(self, name: str) -> bool:
        """Whether huggingface_hub has something of that name."""
        return self.run(f"import huggingface_hub; print(hasattr(huggingface_hub, {name!r}))", quiet=False) == "True\n"

    def version(self) -> tuple[int, ...]:
        """The release of huggingface_hub."""
        text = self.run("import huggingface_hub; print(huggingface_hub.__version__)", quiet=False)
        return tuple(int(part) for part in text.split(".")[:2])

    def _run(self, command: list[str], env: dict[str, str], quiet: bool) -> str:
        done = subprocess.run(command, env=self.env | env, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, f"{command[-1]}\n{done.stdout}\n{done.stderr}"
        assert not quiet or done.stderr == "", done.stderr
        return done.stdout


@pytest.fixture
def running() -> Iterator[ExitStack]:
    """What runs; `close` it, and the Hub is gone."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def hub(tmp_path: Path, running: ExitStack) -> LocalHub:
    hub = running.enter_context(LocalHub(root=tmp_path / "the-hub"))
    upload(hub, tmp_path / "uploader", FILES, REPO)
    hub.seen.clear()
    return hub


@pytest.fixture
def reader(tmp_path: Path, hub: LocalHub) -> Reader:
    return Reader(tmp_path / "home", hub.url, hub.token)


def upload(hub: LocalHub, home: Path, files: dict[str, bytes], *repos: str, type: str = "model") -> None:
    """Put files into repositories, with the release that is installed here."""
    source = home / "source"
    for name, data in files.items():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_bytes(data)
    script = f"""
from huggingface_hub import HfApi
for repo in {repos!r}:
    HfApi().create_repo(repo, repo_type={type!r}, exist_ok=True)
    HfApi().upload_folder(repo_id=repo, repo_type={type!r}, folder_path={str(source)!r})
"""
    env = Reader(home, hub.url, hub.token).env
    subprocess.run([sys.executable, "-c", script], env=env, capture_output=True, timeout=60, check=True)


def fetch(hub: LocalHub, reader: Reader, *arguments: str, repo: str = REPO) -> Said:
    """`hfpush fetch` into the cache that the reader has."""
    said = CommandLine(reader.home / "hfpush", hub).run(
        "fetch", repo, *arguments, "--json", HF_HUB_CACHE=str(reader.cache)
    )
    assert said.code == 0, said
    return said


def traces(folder: Path) -> dict[str, tuple[int, ...]]:
    """Every file, link and folder with its inode and its times: any write shows."""
    found = {}
    for path in folder.rglob("*"):
        facts = path.lstat()
        found[str(path.relative_to(folder))] = (facts.st_ino, facts.st_mtime_ns, facts.st_size, facts.st_mode)
    return found


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    named = {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}
    return {name: data for name, data in named.items() if not name.startswith((".cache/", ".gitattributes"))}


def content_requests(hub: LocalHub) -> list[str]:
    """What was asked of the Hub that is a file's bytes."""
    return [f"{row.method} {row.path}" for row in hub.seen.rows() if "/resolve" in row.path or row.op == "get"]


# ------------------------------------------------------------------ what hfpush fetched, others read


@pytest.mark.needs("git")
def test_a_fetched_cache_is_read_with_the_hub_gone(running: ExitStack, hub: LocalHub, reader: Reader) -> None:
    folder = Path(fetch(hub, reader).document["folder"])
    assert contents(folder) == FILES
    running.close()
    script = f"""
folder = snapshot_download({REPO!r}, local_files_only=True)
assert folder == {str(folder)!r}, folder
for name in {list(FILES)!r}:
    assert hf_hub_download({REPO!r}, name, local_files_only=True) == f"{{folder}}/{{name}}"
    assert try_to_load_from_cache({REPO!r}, name) == f"{{folder}}/{{name}}"
commit = Path(folder).name
assert snapshot_download({REPO!r}, revision=commit, local_files_only=True) == folder
print(len(scan_cache_dir().repos), scan_cache_dir().warnings)
"""
    assert reader.run(script) == "1 []\n"
    assert reader.run(script, HF_HUB_OFFLINE="1") == "1 []\n"
    assert reader.run(f"print(snapshot_download({REPO!r}))", HF_HUB_OFFLINE="1") == f"{folder}\n"


@pytest.mark.slow
@pytest.mark.needs("git")
def test_a_fetched_cache_saves_every_download(hub: LocalHub, reader: Reader) -> None:
    fetch(hub, reader)
    hub.seen.clear()
    reader.run(f"snapshot_download({REPO!r})")
    assert "get" not in {row.op for row in hub.seen.rows()}
    assert {row.method for row in hub.seen.rows() if "/resolve" in row.path} <= {"HEAD"}
    reader.run(f"hf_hub_download({REPO!r}, 'model.safetensors')")
    assert hub.seen.bytes_out("get") == 0


@pytest.mark.needs("git")
def test_the_hub_librarys_command_line_finds_nothing_wrong(hub: LocalHub, reader: Reader, tmp_path: Path) -> None:
    fetch(hub, reader)
    fetch(hub, reader, "--local-dir", str(tmp_path / "here"))
    if reader.version() >= (1, 0):
        listed = reader.hf("cache", "ls", "--format", "json")
        assert REPO in listed
        said = reader.hf("cache", "verify", REPO, quiet=False)
        assert "verified 9 file(s)" in said.lower(), said
        reader.hf("cache", "verify", REPO, "--local-dir", str(tmp_path / "here"), quiet=False)
    elif reader.version() >= (0, 30):
        assert "warning" not in reader.hf("cache", "scan").lower()
    else:
        assert "warning" not in reader.hf("scan-cache").lower()


@pytest.mark.needs("git")
def test_a_fetched_folder_is_the_librarys_own(
    running: ExitStack, hub: LocalHub, reader: Reader, tmp_path: Path
) -> None:
    here = tmp_path / "here"
    commit = fetch(hub, reader, "--local-dir", str(here)).document["commit"]
    assert contents(here) == FILES
    before = traces(here)
    hub.seen.clear()
    reader.run(f"snapshot_download({REPO!r}, local_dir={str(here)!r}, revision={commit!r})")
    assert content_requests(hub) == []
    after = {name: facts for name, facts in traces(here).items() if ".cache" not in name}
    assert after == {name: facts for name, facts in before.items() if ".cache" not in name}
    reader.run(f"snapshot_download({REPO!r}, local_dir={str(here)!r})")
    assert {row.method for row in hub.seen.rows() if "/resolve" in row.path} <= {"HEAD"}
    running.close()
    reader.run(f"snapshot_download({REPO!r}, local_dir={str(here)!r}, local_files_only=True)", quiet=False)


@pytest.mark.slow
@pytest.mark.needs("git")
def test_a_cache_without_links_is_read_as_well(running: ExitStack, hub: LocalHub, reader: Reader) -> None:
    line = CommandLine(reader.home / "hfpush", hub)
    said = line.run("fetch", REPO, "--json", HF_HUB_CACHE=str(reader.cache), HF_HUB_DISABLE_SYMLINKS="1")
    assert said.code == 0, said
    folder = Path(said.document["folder"])
    assert contents(folder) == FILES
    assert not any(path.is_symlink() for path in reader.cache.rglob("*"))
    running.close()
    script = f"print(snapshot_download({REPO!r}, local_files_only=True), scan_cache_dir().warnings)"
    assert reader.run(script, HF_HUB_DISABLE_SYMLINKS="1") == f"{folder} []\n"


@pytest.mark.needs("git")
def test_without_a_file_that_is_refused_the_rest_is_read(hub: LocalHub, reader: Reader, tmp_path: Path) -> None:
    here, out = tmp_path / "here", tmp_path / "out"
    (here / "config.json").mkdir(parents=True)
    out.mkdir()
    (here / "sub").symlink_to(out)
    line = CommandLine(reader.home / "hfpush", hub)
    said = line.run("fetch", REPO, "--local-dir", str(here), "--json", HF_HUB_CACHE=str(reader.cache))
    assert (said.code, said.reference) == (1, "files-refused")
    assert contents(here) == {name: data for name, data in FILES.items() if not name.startswith(("config", "sub/"))}
    assert list(out.iterdir()) == []
    assert not list((here / ".cache/huggingface").rglob("trees/*"))
    assert not (here / ".cache/huggingface/download/config.json.metadata").exists()


# ------------------------------------------------------------------ what others downloaded, hfpush keeps


@pytest.mark.needs("git")
@pytest.mark.parametrize("links", [True, pytest.param(False, marks=pytest.mark.slow)], ids=["links", "no-links"])
def test_what_the_library_downloaded_is_kept(hub: LocalHub, reader: Reader, links: bool) -> None:
    env = {} if links else {"HF_HUB_DISABLE_SYMLINKS": "1"}
    if not links and reader.version() < (1, 0):
        pytest.skip("this release cannot do without links where there are any")
    reader.run(f"snapshot_download({REPO!r})", **env)
    before = traces(reader.cache)
    hub.seen.clear()
    document = fetch(hub, reader).document
    assert (document["bytes_wire"], content_requests(hub)) == (0, [])
    assert {file["how"] for file in document["files"]} == {"kept"}
    after = traces(reader.cache)
    assert {name: after.get(name) for name in before if "trees" not in name and not (reader.cache / name).is_dir()} == {
        name: facts for name, facts in before.items() if "trees" not in name and not (reader.cache / name).is_dir()
    }
    assert contents(Path(document["folder"])) == FILES


@pytest.mark.needs("git")
def test_a_folder_that_the_library_filled_is_kept(hub: LocalHub, reader: Reader, tmp_path: Path) -> None:
    here = tmp_path / "here"
    reader.run(f"snapshot_download({REPO!r}, local_dir={str(here)!r})", quiet=False)
    before = traces(here)
    hub.seen.clear()
    document = fetch(hub, reader, "--local-dir", str(here)).document
    assert (document["bytes_wire"], content_requests(hub)) == (0, [])
    after = traces(here)
    assert {name: after[name] for name in FILES} == {name: before[name] for name in FILES}


@pytest.mark.needs("git")
def test_a_second_fetch_writes_nothing_at_all(hub: LocalHub, reader: Reader, tmp_path: Path) -> None:
    here = tmp_path / "here"
    for arguments in ([], ["--local-dir", str(here)]):
        fetch(hub, reader, *arguments)
    before = traces(reader.cache), traces(here)
    for arguments in ([], ["--local-dir", str(here)]):
        assert fetch(hub, reader, *arguments).document["bytes_wire"] == 0
    assert (traces(reader.cache), traces(here)) == before


@pytest.mark.needs("git")
def test_a_folder_is_filled_from_the_cache(hub: LocalHub, reader: Reader, tmp_path: Path) -> None:
    fetch(hub, reader)
    document = fetch(hub, reader, "--local-dir", str(tmp_path / "here")).document
    assert document["bytes_wire"] < 3000  # the small ones only
    assert contents(tmp_path / "here") == FILES


@pytest.mark.needs("git")
def test_what_two_repositories_have_comes_once(hub: LocalHub, reader: Reader, tmp_path: Path) -> None:
    upload(hub, tmp_path / "other", {"weights/same.safetensors": LARGE}, "local/other")
    fetch(hub, reader)
    hub.seen.clear()
    document = fetch(hub, reader, repo="local/other").document
    assert hub.seen.bytes_out("get") == 0
    assert contents(Path(document["folder"])) == {"weights/same.safetensors": LARGE}
    assert reader.run("print(scan_cache_dir().warnings)") == "[]\n"


@pytest.mark.slow
@pytest.mark.needs("git")
def test_an_unfinished_download_of_the_library_is_gone_on_with(hub: LocalHub, reader: Reader) -> None:
    reader.run(f"snapshot_download({REPO!r})")
    blob = next(path for path in reader.cache.rglob("blobs/*") if path.stat().st_size == len(LARGE))
    blob.unlink()
    blob.with_name(f"{blob.name}.incomplete").write_bytes(LARGE[:1_200_000])
    hub.seen.clear()
    document = fetch(hub, reader).document
    assert document["bytes_wire"] == len(LARGE) - 1_200_000
    assert contents(Path(document["folder"])) == FILES


@pytest.mark.slow
@pytest.mark.needs("git")
def test_blobs_in_the_shared_store_are_kept_and_left_in_order(hub: LocalHub, reader: Reader, tmp_path: Path) -> None:
    if reader.version() < (1, 33):
        pytest.skip("this release shares no blobs")
    upload(hub, tmp_path / "other", {"weights/same.safetensors": LARGE}, "local/other")
    reader.run(f"""
snapshot_download({REPO!r})
from huggingface_hub.utils import _shared_blobs
blob = next(path for path in Path({str(reader.cache)!r}).glob("models--*/blobs/*") if path.stat().st_size > 1_000_000)
assert _shared_blobs.publish_blob_to_shared_store(
    blob_path=str(blob), xet_hash="ab" * 32, cache_dir={str(reader.cache)!r}, expected_size={len(LARGE)})
""")
    store = reader.cache / "blobs"
    before = {path: path.stat().st_mtime_ns for path in store.rglob("*") if path.suffix != ".lock"}
    hub.seen.clear()
    assert fetch(hub, reader).document["bytes_wire"] == 0
    fetch(hub, reader, repo="local/other")
    assert hub.seen.bytes_out("get") == 0
    assert {path: path.stat().st_mtime_ns for path in store.rglob("*") if path.suffix != ".lock"} == before
    assert reader.run("print(scan_cache_dir().warnings, len(scan_cache_dir().repos))") == "[] 2\n"
    rest = "next(iter(r for r in scan_cache_dir().repos if r.repo_id == 'local/demo')).revisions"
    reader.run(f"scan_cache_dir().delete_revisions(*[one.commit_hash for one in {rest}]).execute()")
    assert not list(store.rglob("ab" * 32))
    assert contents(next((reader.cache / "models--local--other" / "snapshots").iterdir())) == {
        "weights/same.safetensors": LARGE
    }


# ------------------------------------------------------------------ a cache that one may only read


@pytest.fixture
def read_only(hub: LocalHub, reader: Reader) -> Iterator[CommandLine]:
    """The command line for somebody who may not write into the cache, which the library has filled."""
    if os.geteuid() == 0 and shutil.which("setpriv") is None:
        pytest.skip("root writes everywhere")

    class Rightless(CommandLine):
        def command(self, *arguments: str) -> list[str]:
            without = ["setpriv", "--inh-caps=-all", "--bounding-set=-all"] if os.geteuid() == 0 else []
            return [*without, *super().command(*arguments)]

    reader.run(f"snapshot_download({REPO!r})")
    line = Rightless(reader.home.parent / "rightless", hub)
    line.environment["HF_HUB_CACHE"] = str(reader.cache)
    folders = [reader.cache, *(path for path in reader.cache.rglob("*") if path.is_dir() and not path.is_symlink())]
    for folder in folders:
        folder.chmod(0o555)
    yield line
    for folder in folders:
        folder.chmod(0o755)


@pytest.mark.needs("git")
def test_a_cache_that_one_may_only_read_serves_as_it_is(
    running: ExitStack, hub: LocalHub, reader: Reader, read_only: CommandLine
) -> None:
    before = traces(reader.cache)
    hub.seen.clear()
    said = read_only.run("fetch", REPO, "--json")
    assert said.code == 0, said
    assert said.document["bytes_wire"] == 0
    assert contents(Path(said.document["folder"])) == FILES
    assert hub.seen.bytes_out("get") == 0
    running.close()
    assert read_only.run("fetch", REPO, "--json", HF_HUB_OFFLINE="1").code == 0
    assert traces(reader.cache) == before


@pytest.mark.slow
@pytest.mark.needs("git")
def test_what_a_read_only_cache_lacks_is_told_to_be_unwritable(
    hub: LocalHub, read_only: CommandLine, tmp_path: Path
) -> None:
    upload(hub, tmp_path / "other", {"new.txt": b"new"}, REPO)
    said = read_only.run("fetch", REPO, "--json")
    assert (said.code, said.reference) == (1, "place-unwritable")


@pytest.mark.needs("git")
def test_a_cache_that_one_may_not_read_is_not_called_empty(reader: Reader, read_only: CommandLine) -> None:
    repo = reader.cache / f"models--{REPO.replace('/', '--')}"
    for closed in (repo / "snapshots", repo):
        closed.chmod(0)
        said = read_only.run("fetch", REPO, "--json", HF_HUB_OFFLINE="1")
        assert (said.code, said.reference) == (1, "not-on-disk")
        assert said.document["error"]["evidence"] == [f"{closed}: no right to read it"]
        closed.chmod(0o555)


# ------------------------------------------------------------------ transformers and datasets


def needs(reader: Reader, *packages: str) -> None:
    finds = f"import importlib.util as u; print([name for name in {packages!r} if not u.find_spec(name)])"
    missing = reader.run(finds, quiet=False).strip()
    if missing != "[]":
        pytest.skip(f"not installed beside {PYTHON}: {missing}")


@pytest.mark.slow
@pytest.mark.needs("git")
def test_transformers_loads_a_fetched_model_with_the_hub_gone(
    running: ExitStack, hub: LocalHub, reader: Reader, tmp_path: Path
) -> None:
    needs(reader, "transformers", "torch")
    made = tmp_path / "made"
    reader.run(
        f"""
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast
plain = Tokenizer(models.WordLevel({{"hello": 0, "world": 1, "[UNK]": 2}}, unk_token="[UNK]"))
plain.pre_tokenizer = pre_tokenizers.Whitespace()
PreTrainedTokenizerFast(tokenizer_object=plain, unk_token="[UNK]").save_pretrained({str(made)!r})
config = BertConfig(vocab_size=3, hidden_size=8, num_hidden_layers=1, num_attention_heads=1, intermediate_size=8)
BertModel(config).save_pretrained({str(made)!r})
""",
        quiet=False,
    )
    upload(hub, tmp_path / "models", {path.name: path.read_bytes() for path in made.iterdir()}, "local/tiny")
    fetch(hub, reader, repo="local/tiny")
    running.close()
    script = """
import warnings
from transformers import AutoModel, AutoTokenizer
warnings.simplefilter("error")
tokens = AutoTokenizer.from_pretrained("local/tiny")("hello world there", return_tensors="pt")
assert tokens["input_ids"].tolist() == [[0, 1, 2]]
print(AutoModel.from_pretrained("local/tiny")(input_ids=tokens["input_ids"]).last_hidden_state.shape[-1])
"""
    for mode in ({"HF_HUB_OFFLINE": "1"}, {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}):
        assert reader.run(script, quiet=False, **mode) == "8\n"


@pytest.mark.slow
@pytest.mark.needs("git")
def test_datasets_loads_a_fetched_dataset_with_the_hub_gone(
    running: ExitStack, hub: LocalHub, reader: Reader, tmp_path: Path
) -> None:
    needs(reader, "datasets")
    rows = [{"text": f"row {number}", "label": number} for number in range(20)]
    lines = "".join(json.dumps(row) + "\n" for row in rows).encode()
    upload(hub, tmp_path / "data", {"data/train.jsonl": lines, "README.md": b"# Rows\n"}, "local/rows", type="dataset")
    folder = fetch(hub, reader, "--type", "dataset", repo="local/rows").document["folder"]
    script = """
import warnings
from datasets import load_dataset
warnings.simplefilter("error")
print(load_dataset(NAME, split="train").to_list() == [{"text": f"row {n}", "label": n} for n in range(20)])
"""
    hub.seen.clear()
    by_name, by_folder = script.replace("NAME", "'local/rows'"), script.replace("NAME", repr(folder))
    assert reader.run(by_name, quiet=False).endswith("True\n")  # offline, a name is only known once it was loaded
    assert {row.method for row in hub.seen.rows() if "/resolve" in row.path} <= {"HEAD"}
    assert hub.seen.bytes_out("get") == 0
    running.close()
    assert reader.run(by_name, quiet=False, HF_HUB_OFFLINE="1").endswith("True\n")
    fresh = {"HF_HUB_OFFLINE": "1", "HF_DATASETS_CACHE": str(tmp_path / "fresh")}
    assert reader.run(by_folder, quiet=False, **fresh).endswith("True\n")
