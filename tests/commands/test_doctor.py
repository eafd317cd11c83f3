"""Doctor on this machine, with a Hub on it: what it is asked about, what it does not raise, and what it says again."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.command_line import git, make_repo

from hfpush.commands.doctor import DoctorRequest, doctor, network_facts, replay
from hfpush.errors import HfpushError, Misuse
from hfpush.localhub import LocalHub
from hfpush.settings import Settings, load_settings


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalHub]:
    with LocalHub(root=tmp_path_factory.mktemp("hub")) as hub:
        hub.create("local/model")
        yield hub


def settings_at(url: str, place: Path, token: str = "") -> Settings:
    environment = {"HF_ENDPOINT": url, "HFPUSH_STATE_DIR": str(place / "state"), "HF_HOME": str(place / "hf")}
    return load_settings({}, {**environment, **({"HF_TOKEN": token} if token else {})}, user_file=place / "none.yaml")


def test_a_healthy_machine_has_no_error_and_no_warning(hub: LocalHub, tmp_path: Path) -> None:
    report = doctor(settings_at(hub.url, tmp_path, hub.token), DoctorRequest(repo="local/model"))
    assert [one for one in report.findings if one.severity != "note"] == []
    assert report.well
    assert report.facts.account.may_write
    assert report.facts.lfs.puts


def test_the_repository_is_the_one_of_a_remote(hub: LocalHub, tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "repo", {}, {"README.md": b"# A model\n"})
    git(repo, "remote", "add", "elsewhere", "https://git.example/a/b")
    git(repo, "remote", "add", "origin", f"{hub.url}/datasets/local/data")
    found = network_facts(settings_at(hub.url, tmp_path), DoctorRequest(path=repo, offline=True))
    assert (found.question.repo_id, found.question.repo_type) == ("local/data", "dataset")


def test_a_name_that_is_none_is_misuse(hub: LocalHub, tmp_path: Path) -> None:
    with pytest.raises(Misuse):
        doctor(settings_at(hub.url, tmp_path), DoctorRequest(repo="a/b/c/d", offline=True))


def test_offline_nobody_is_asked(hub: LocalHub, tmp_path: Path) -> None:
    before = len(hub.seen.rows())
    report = doctor(settings_at(hub.url, tmp_path, hub.token), DoctorRequest(repo="local/model", offline=True))
    assert len(hub.seen.rows()) == before
    assert report.facts.ways
    assert (report.facts.dials, report.facts.exchanges) == ((), ())


def test_quick_uploads_nothing(hub: LocalHub, tmp_path: Path) -> None:
    before = len(hub.seen.rows("put"))
    report = doctor(settings_at(hub.url, tmp_path, hub.token), DoctorRequest(repo="local/model", quick=True))
    assert report.facts.lfs.puts == ()
    assert len(hub.seen.rows("put")) == before


def test_a_report_says_the_same_when_it_is_replayed(tmp_path: Path) -> None:
    settings = settings_at("http://127.0.0.1:9", tmp_path)
    report = doctor(settings, DoctorRequest(repo="local/model"))
    assert not report.well
    (tmp_path / "report.json").write_text(json.dumps(report.as_json()))
    again = replay(tmp_path / "report.json")
    assert again.findings == report.findings
    assert again.facts == report.facts


def test_a_log_is_taken_into_account(hub: LocalHub, tmp_path: Path) -> None:
    log = io.BytesIO(b"remote: Your push was rejected because it contains files larger than 10 MiB.\n")
    report = doctor(settings_at(hub.url, tmp_path), DoctorRequest(offline=True, log=log))
    assert report.findings[0].reference == "large-file-in-git"


@pytest.mark.parametrize("name", ["none.json", "."])
def test_a_report_that_cannot_be_read_is_told(tmp_path: Path, name: str) -> None:
    with pytest.raises(HfpushError) as caught:
        replay(tmp_path / name)
    assert caught.value.finding.reference == "report-unreadable"
