"""What a publish makes of git's configuration, and of a .lfsconfig that leads elsewhere."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from hfpush.commands.config_check import check_config
from hfpush.commands.publish_report import PublishRequest
from hfpush.endpoints import RepoAddress, endpoint_of
from hfpush.errors import Refused
from hfpush.repo.repository import Repository

pytestmark = pytest.mark.needs("git")
TOKEN = "hf_" + "s" * 30


@pytest.fixture
def request_of(tmp_path: Path) -> PublishRequest:
    place = tmp_path / "place"
    place.mkdir()
    (place / "README.md").write_text("x\n")
    return PublishRequest(place, RepoAddress.parse(endpoint_of("hf"), "ada/model"), tmp_path / "state")


def committed(place: Path, *settings: tuple[str, str]) -> Repository:
    for words in (("init", "-q"), ("add", "."), ("commit", "-q", "-m", "x"), *(("config", *one) for one in settings)):
        subprocess.run(["git", *words], cwd=place, check=True)
    return Repository.open(place)


@pytest.mark.parametrize("is_folder", [True, False])
def test_a_lfsconfig_that_leads_elsewhere_stops_until_the_user_agrees(
    request_of: PublishRequest, is_folder: bool
) -> None:
    (request_of.path / ".lfsconfig").write_text(f"[lfs]\n\turl = https://u:{TOKEN}@evil.example/x\n")
    repository = None if is_folder else committed(request_of.path)
    with pytest.raises(Refused) as caught:
        check_config(request_of, repository)
    assert caught.value.finding.reference == "lfs-elsewhere"
    assert f"{request_of.path}/.lfsconfig, line 2: lfs.url" in caught.value.finding.evidence[0]
    assert TOKEN not in str(caught.value.finding)
    (finding,) = check_config(replace(request_of, allow_lfsconfig=True), repository)
    assert (finding.reference, finding.severity) == ("lfs-elsewhere", "warning")


def test_odd_settings_are_warnings_and_a_plain_place_has_none(request_of: PublishRequest) -> None:
    assert check_config(request_of, None) == ()
    repository = committed(
        request_of.path,
        ("remote.origin.url", "https://huggingface.co/ada/model"),
        ("lfs.customtransfer.multipart.path", "/nowhere/agent"),
    )
    (finding,) = check_config(request_of, repository)
    assert (finding.reference, finding.severity) == ("lfs-agent-missing", "warning")
