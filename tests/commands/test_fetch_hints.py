"""What somebody may have meant whose repository or revision is not there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from hfpush.commands.fetch import fetch
from hfpush.commands.fetch_hints import with_hint
from hfpush.commands.fetch_report import FetchRequest
from hfpush.endpoints import RepoAddress, endpoint_of
from hfpush.errors import HfpushError
from hfpush.findings import Finding
from hfpush.localhub import LocalHub, status
from hfpush.localhub.gitcmd import git_text
from hfpush.localhub.gitcommit import Change, commit
from hfpush.localhub.repos import RepoKey
from hfpush.settings import load_settings


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[LocalHub]:
    with LocalHub(root=tmp_path / "hub") as running:
        running.create("local/model")
        running.create("local/data", type="dataset")
        yield running


def found(hub: LocalHub, tmp_path: Path, repo: str, kind: str = "model", revision: str | None = None) -> Finding:
    """The finding of a fetch that fails, with its hint."""
    settings = load_settings({"endpoint": hub.url}, os.environ)
    address = RepoAddress.parse(endpoint_of(hub.url), repo, kind)
    request = FetchRequest(address, revision, local_dir=tmp_path / "to", attempts=1)
    with pytest.raises(HfpushError) as caught:
        fetch(request)
    return with_hint(settings, request, caught.value)


@pytest.mark.needs("git")
def test_the_type_that_was_meant_is_named(hub: LocalHub, tmp_path: Path) -> None:
    finding = found(hub, tmp_path, "local/data")
    assert finding.reference in ("token-missing", "repo-not-found")
    assert finding.remedy[0] == "local/data is a dataset: add --type dataset"
    assert found(hub, tmp_path, "local/model", "space").remedy[0] == "local/model is a model: add --type model"


@pytest.mark.needs("git")
def test_an_id_of_no_type_is_only_not_there(hub: LocalHub, tmp_path: Path) -> None:
    finding = found(hub, tmp_path, "local/modle")
    assert finding.remedy[0] == "check the spelling of the id, and --type"


@pytest.mark.needs("git")
def test_branches_that_look_like_it_are_named(hub: LocalHub, tmp_path: Path) -> None:
    finding = found(hub, tmp_path, "local/model", revision="mian")
    assert finding.message == "The model local/model has no revision 'mian'."
    assert finding.evidence[-1] == "it has 1 branch: main"
    assert finding.remedy[0] == "--revision main"


@pytest.mark.needs("git")
def test_behind_a_list_without_digests_stands_a_gate(hub: LocalHub, tmp_path: Path) -> None:
    key = RepoKey.parse("models", "local/model")
    repo = hub.repos.get(key)
    oid = hub.objects.add_bytes(b"x" * 1000)
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize 1000\n"
    parent = git_text(repo.path, "rev-parse", "refs/heads/main")
    commit(repo.path, [Change("a.bin", pointer.encode())], message="m", author="ada", when=0.0, parent=parent)
    hub.repos.update(key, lambda record: replace(record, gated="auto"))
    finding = found(hub, tmp_path, "local/model")
    assert finding.reference == "repo-gated"
    assert finding.remedy[0] == f"open {hub.url}/local/model and accept its conditions"


@pytest.mark.needs("git")
def test_where_the_question_fails_the_finding_stays(hub: LocalHub, tmp_path: Path) -> None:
    hub.faults.add(status(500, on="api", times=None))
    finding = found(hub, tmp_path, "local/model", revision="mian")
    assert (finding.reference, finding.message) == ("revision-not-found", "The model local/model has no such revision.")


def test_nobody_is_asked_about_another_failure_or_offline(tmp_path: Path) -> None:
    settings = load_settings({"endpoint": "http://127.0.0.1:9"}, os.environ)
    address = RepoAddress.parse(endpoint_of("http://127.0.0.1:9"), "local/model")
    other = HfpushError.of("disk-full", "The disk is full.")
    assert with_hint(settings, FetchRequest(address), other) == other.finding
    missing = HfpushError.of("repo-not-found", "There is none.")
    assert with_hint(settings, FetchRequest(address, offline=True), missing) == missing.finding
