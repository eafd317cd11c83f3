"""What people call a repository: ids, hf:// addresses, URLs of pages."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfpush.endpoints.endpoint import Endpoint
from hfpush.endpoints.known import HF, HF_MIRROR
from hfpush.endpoints.repo_address import RepoType
from hfpush.endpoints.repo_reference import RepoReference
from hfpush.errors import Misuse

CORP = Endpoint("corp", "https://artifacts.example.com/api/hf", "artifactory")
ROOM = Endpoint("room", "http://127.0.0.1:8080")
KNOWN = (HF, HF_MIRROR, CORP, ROOM)
COMMIT = "607a30d783dfa663caf39e06633721c8d4cfcd7e"
HUB = HF.url


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("ada/model", RepoReference("ada/model")),
        ("gpt2", RepoReference("gpt2")),
        ("ada/model@v1", RepoReference("ada/model", None, "v1")),
        ("ada/model@refs/pr/1", RepoReference("ada/model", None, "refs/pr/1")),
        ("datasets/ada/data", RepoReference("ada/data", "dataset")),
        ("datasets/squad", RepoReference("squad", "dataset")),
        ("models/gpt2", RepoReference("gpt2", "model")),
    ],
)
def test_an_id(text: str, told: RepoReference) -> None:
    assert RepoReference.parse(text, KNOWN) == told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("hf://ada/model", RepoReference("ada/model", "model")),
        ("hf://gpt2", RepoReference("gpt2", "model")),
        ("hf://gpt2@main/config.json", RepoReference("gpt2", "model", "main", ("config.json",))),
        ("hf://models/gpt2", RepoReference("gpt2", "model")),
        ("hf://datasets/ada/data", RepoReference("ada/data", "dataset")),
        ("hf://spaces/ada/app/app.py", RepoReference("ada/app", "space", None, ("app.py",))),
        ("hf://datasets/ada/data@v1/x/y.parquet", RepoReference("ada/data", "dataset", "v1", ("x/y.parquet",))),
        ("hf://ada/model@refs%2Fpr%2F1", RepoReference("ada/model", "model", "refs/pr/1")),
        ("hf://ada/model@refs%2Fpr%2F1/a.bin", RepoReference("ada/model", "model", "refs/pr/1", ("a.bin",))),
        ("hf://ada/model@refs/pr/1/a.bin", RepoReference("ada/model", "model", "refs/pr/1", ("a.bin",))),
        (
            "hf://datasets/ada/data@refs/convert/parquet/default/train/0000.parquet",
            RepoReference("ada/data", "dataset", "refs/convert/parquet", ("default/train/0000.parquet",)),
        ),
        ("hf://ada/model@feature%2Fx/a", RepoReference("ada/model", "model", "feature/x", ("a",))),
        ("hf://ada/model@refs/a", RepoReference("ada/model", "model", "refs", ("a",))),
        ("hf://ada/data/train/*.parquet", RepoReference("ada/data", "model", None, ("train/*.parquet",))),
        ("hf://ada/data/train/", RepoReference("ada/data", "model", None, ("train/",))),
        ("hf://ada/data/a file@home.txt", RepoReference("ada/data", "model", None, ("a file@home.txt",))),
    ],
)
def test_an_address_of_the_hubs_file_system(text: str, told: RepoReference) -> None:
    assert RepoReference.parse(text, KNOWN) == told


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("ada/model", ("ada/model", "model", None, ())),
        ("ada/model/", ("ada/model", "model", None, ())),
        ("ada/model.git", ("ada/model", "model", None, ())),
        ("gpt2", ("gpt2", "model", None, ())),
        ("gpt2/tree/main", ("gpt2", "model", "main", ())),
        ("gpt2/resolve/main/config.json", ("gpt2", "model", "main", ("config.json",))),
        ("ada/model/tree/main", ("ada/model", "model", "main", ())),
        ("ada/model/tree/main/onnx", ("ada/model", "model", "main", ("onnx/",))),
        ("ada/model/blob/main/onnx/a.onnx", ("ada/model", "model", "main", ("onnx/a.onnx",))),
        ("ada/model/resolve/main/a.bin?download=true", ("ada/model", "model", "main", ("a.bin",))),
        ("ada/model/raw/v1.0/a%20b%2B.txt", ("ada/model", "model", "v1.0", ("a b+.txt",))),
        ("ada/model/blob/main/日本.txt#L3", ("ada/model", "model", "main", ("日本.txt",))),
        ("ada/model/tree/refs%2Fpr%2F1", ("ada/model", "model", "refs/pr/1", ())),
        ("ada/model/tree/refs/pr/1/x", ("ada/model", "model", "refs/pr/1", ("x/",))),
        ("ada/model/tree/feature%2Fx", ("ada/model", "model", "feature/x", ())),
        (f"ada/model/commit/{COMMIT}", ("ada/model", "model", COMMIT, ())),
        ("ada/model/commits/main", ("ada/model", "model", "main", ())),
        ("ada/tree/tree/main", ("ada/tree", "model", "main", ())),
        ("ada/tree", ("ada/tree", "model", None, ())),
        ("datasets/squad", ("squad", "dataset", None, ())),
        ("datasets/ada/data/blob/main/a.csv", ("ada/data", "dataset", "main", ("a.csv",))),
        ("spaces/ada/app", ("ada/app", "space", None, ())),
        ("api/models/ada/model/revision/v1", ("ada/model", "model", "v1", ())),
        ("api/datasets/ada/data", ("ada/data", "dataset", None, ())),
    ],
)
@pytest.mark.parametrize("endpoint", KNOWN, ids=lambda endpoint: endpoint.name)
def test_a_page_of_any_endpoint_that_is_known(
    endpoint: Endpoint, path: str, told: tuple[str, RepoType, str | None, tuple[str, ...]]
) -> None:
    assert RepoReference.parse(f"{endpoint.url}/{path}", KNOWN) == RepoReference(*told, endpoint.url)


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://hf.co/ada/model", HUB),
        ("http://huggingface.co/ada/model", HUB),
        ("https://www.huggingface.co/ada/model", HUB),
        ("https://HuggingFace.co/ada/model", HUB),
        ("huggingface.co/ada/model", HUB),
        ("hf.co/ada/model", HUB),
        ("hf-mirror.com/ada/model", HF_MIRROR.url),
        ("127.0.0.1:8080/ada/model", ROOM.url),
    ],
)
def test_other_ways_to_write_a_host(text: str, url: str) -> None:
    assert RepoReference.parse(text, KNOWN) == RepoReference("ada/model", "model", None, (), url)


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        ("", "repo-id-invalid"),
        ("not an id", "repo-id-invalid"),
        ("ada/model/config.json", "repo-id-invalid"),
        ("ada/model/config.json@main", "repo-id-invalid"),
        ("ada/model@", "repo-url-unreadable"),
        ("hf://", "repo-id-invalid"),
        ("hf://ada/model@", "repo-url-unreadable"),
        ("hf://ada/model@/x", "repo-url-unreadable"),
        ("hf://datasets/", "repo-id-invalid"),
        ("https://huggingface.co", "repo-url-unreadable"),
        ("https://huggingface.co/", "repo-url-unreadable"),
        ("https://huggingface.co/ada/model/discussions/3", "repo-url-unreadable"),
        ("https://huggingface.co/ada/mo del", "repo-id-invalid"),
        ("https://huggingface.co/a%2Fb", "repo-id-invalid"),
        ("https://huggingface.co.example/ada/model", "repo-url-elsewhere"),
        ("https://artifacts.example.com/ada/model", "repo-url-elsewhere"),
        ("https://user:hunter2@huggingface.co/ada/model", "repo-url-elsewhere"),
        ("http://127.0.0.1:9/ada/model", "repo-url-elsewhere"),
        ("ftp://huggingface.co/ada/model", "repo-url-elsewhere"),
        ("https://", "repo-url-elsewhere"),
    ],
)
def test_what_names_no_repository_is_told_and_no_password_with_it(text: str, reference: str) -> None:
    with pytest.raises(Misuse) as error:
        RepoReference.parse(text, KNOWN)
    assert error.value.finding.reference == reference
    assert error.value.finding.remedy
    assert "hunter2" not in repr(error.value.finding)


def test_a_path_behind_an_id_is_answered_with_the_command_that_was_meant() -> None:
    with pytest.raises(Misuse) as error:
        RepoReference.parse("ada/model/onnx/a.onnx", KNOWN)
    assert error.value.finding.remedy[0].endswith("hfpush fetch ada/model onnx/a.onnx")


def test_a_strangers_page_is_answered_with_how_to_name_it() -> None:
    with pytest.raises(Misuse) as error:
        RepoReference.parse("https://hub.example:8443/ada/model/tree/main", KNOWN)
    assert "--endpoint https://hub.example:8443" in error.value.finding.remedy[0]


@pytest.mark.parametrize(("text", "url"), [("ada/m", None), (f"{HUB}/ada/m", None), (f"{ROOM.url}/ada/m", ROOM.url)])
def test_a_page_of_the_hub_only_names_the_repository_and_any_other_where_to_ask(text: str, url: str | None) -> None:
    assert RepoReference.parse(text, KNOWN).fetched_from == url


@pytest.mark.parametrize(
    ("said", "option", "agreed"),
    [(None, None, "model"), (None, "space", "space"), ("dataset", None, "dataset"), ("dataset", "dataset", "dataset")],
)
def test_the_type_of_the_address_and_of_the_option_agree(
    said: RepoType | None, option: str | None, agreed: str
) -> None:
    assert RepoReference("ada/x", said).agreed_type(option) == agreed


def test_two_types_or_two_revisions_are_a_mistake_of_the_command() -> None:
    reference = RepoReference("ada/x", "dataset", "v1")
    assert reference.agreed_revision(None) == reference.agreed_revision("v1") == "v1"
    with pytest.raises(Misuse, match="is a dataset, and --type says 'model'"):
        reference.agreed_type("model")
    with pytest.raises(Misuse, match="names the revision 'v1', and --revision says 'v2'"):
        reference.agreed_revision("v2")


segments = st.from_regex(r"[a-z0-9_][a-z0-9_.]{0,5}[a-z0-9_]", fullmatch=True).filter(
    lambda text: (
        ".." not in text
        and text not in ("models", "datasets", "spaces", "api", "hf.co")
        and text not in ("tree", "blob", "resolve", "raw", "blame", "commit", "commits", "revision")
        and not text.endswith(".git")
    )
)
ids = segments | st.tuples(segments, segments).map("/".join)
names = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="/"), min_size=1, max_size=8)
paths = st.lists(names, min_size=1, max_size=3).map("/".join)
revisions = st.sampled_from(
    ["main", "refs/pr/12", "refs/convert/parquet", "feature/x@y", "v1.0", "%2F", "refs/heads/a"]
)
types: st.SearchStrategy[RepoType] = st.sampled_from(get_args(RepoType))


@st.composite
def references(draw: st.DrawFn) -> RepoReference:
    """References of each of the three forms, with all that the form can say."""
    form = draw(st.sampled_from(["id", "address", "url"]))
    repo_id, revision = draw(ids), draw(st.none() | revisions)
    if form == "id":
        return RepoReference(repo_id, None, revision)
    kind = draw(types)
    if form == "url":
        path = draw(paths | paths.map(lambda path: f"{path}/")) if revision is not None and draw(st.booleans()) else ""
        return RepoReference(repo_id, kind, revision, (path,) if path else (), draw(st.sampled_from(KNOWN)).url)
    path = draw(paths) if ("/" in repo_id or revision is not None) and draw(st.booleans()) else ""
    return RepoReference(repo_id, kind, revision, (path,) if path else ())


@given(references())
def test_what_is_printed_is_read_as_the_same(reference: RepoReference) -> None:
    assert RepoReference.parse(str(reference), KNOWN) == reference


@given(st.text(), st.sampled_from(["", "hf://", "https://huggingface.co/", "https://", "datasets/", "ada/model@"]))
def test_any_text_is_a_repository_or_a_misuse(text: str, before: str) -> None:
    try:
        reference = RepoReference.parse(before + text, KNOWN)
    except Misuse:
        return
    assert RepoReference.parse(str(reference), KNOWN) == reference
