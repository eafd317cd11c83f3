"""transformers and datasets load from, and push to, the local Hub.

Both are large and no dependency of ours: without them these tests are skipped. CLIENT_PYTHON may name the interpreter
of an environment that has them.
"""

import os
import subprocess
import sys

import pytest

from hfpush.localhub import LocalHub

PYTHON = os.environ.get("CLIENT_PYTHON", sys.executable)


@pytest.fixture
def hub(tmp_path):
    with LocalHub(root=tmp_path / "hub") as hub:
        yield hub


def run(hub, home, script, *, needs):
    """Run a script beside this process; skip the test where the packages are missing."""
    finds = f"import importlib.util as u; print([name for name in {needs!r} if not u.find_spec(name)])"
    missing = subprocess.run(
        [PYTHON, "-c", finds], capture_output=True, text=True, timeout=30, check=True
    ).stdout.strip()
    if missing != "[]":
        pytest.skip(f"not installed beside {PYTHON}: {missing}")
    env = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "XDG_"))}
    env |= {
        "HF_ENDPOINT": hub.url,
        "HF_TOKEN": hub.token,
        "HF_HOME": str(home),
        "HF_HUB_DISABLE_XET": "1",
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "DO_NOT_TRACK": "1",
        "USE_TORCH": "0",
    }
    done = subprocess.run([PYTHON, "-c", script], env=env, capture_output=True, text=True, timeout=110, check=False)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


def test_a_tokenizer_is_pushed_and_loaded(hub, tmp_path):
    script = """
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import AutoTokenizer, PreTrainedTokenizerFast
plain = Tokenizer(models.WordLevel({"hello": 0, "world": 1, "[UNK]": 2}, unk_token="[UNK]"))
plain.pre_tokenizer = pre_tokenizers.Whitespace()
made = PreTrainedTokenizerFast(tokenizer_object=plain, unk_token="[UNK]")
made.push_to_hub("local/tiny")
loaded = AutoTokenizer.from_pretrained("local/tiny")
assert loaded("hello world there")["input_ids"] == [0, 1, 2]
assert loaded.tokenize("world") == ["world"]
"""
    run(hub, tmp_path / "home", script, needs=["transformers", "tokenizers"])
    assert {row.status for row in hub.seen.rows()} <= {200, 404, 409}


def test_data_files_are_loaded_as_datasets(hub, tmp_path):
    script = """
import json
from datasets import load_dataset
from huggingface_hub import CommitOperationAdd, HfApi
rows = [{"text": f"row {number}", "label": number} for number in range(20)]
lines = "".join(json.dumps(row) + "\\n" for row in rows).encode()
table = ("text,label\\n" + "".join(f"{row['text']},{row['label']}\\n" for row in rows)).encode()
api = HfApi()
for name, files in {
    "jsonl": {"train.jsonl": lines},
    "csv": {"data/train.csv": table, "data/test.csv": table},
}.items():
    api.create_repo(f"local/{name}", repo_type="dataset")
    adds = [CommitOperationAdd(path, content) for path, content in files.items()]
    api.create_commit(f"local/{name}", adds, repo_type="dataset", commit_message="data")
    loaded = load_dataset(f"local/{name}")
    assert loaded["train"].to_list() == rows
    assert set(loaded) == {path.split("/")[-1].split(".")[0] for path in files}
"""
    run(hub, tmp_path / "home", script, needs=["datasets"])


def test_a_dataset_is_pushed_as_parquet_and_loaded(hub, tmp_path):
    script = """
from datasets import Dataset, load_dataset
made = Dataset.from_dict({"a": list(range(50)), "b": [str(number) for number in range(50)]})
made.push_to_hub("local/pushed", private=True)
made.select(range(10)).push_to_hub("local/pushed", config_name="small")
assert load_dataset("local/pushed", split="train").to_list() == made.to_list()
assert len(load_dataset("local/pushed", "small", split="train")) == 10
assert sum(1 for row in load_dataset("local/pushed", split="train", streaming=True)) == 50
"""
    run(hub, tmp_path / "home", script, needs=["datasets"])
    [repo] = hub.repos.list("datasets")
    assert repo.record.private
    assert hub.seen.count("put") >= 2
