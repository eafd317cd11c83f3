"""What is staged is judged by the setting, and its pointers by the attribute files that are staged with them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from support.hooked import Place

from hfpush.commands.hook_staged import check_staged, size_limit
from hfpush.errors import Refused
from hfpush.repo.repository import Repository

pytestmark = pytest.mark.needs("git")
POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"1" * 64 + b"\nsize 12345\n"


@pytest.fixture
def place(tmp_path: Path) -> Place:
    subprocess.run(["git", "init", "-q", "repo"], cwd=tmp_path, check=True, timeout=60)
    return Place(tmp_path / "repo")


@pytest.mark.parametrize(("setting", "limit"), [(None, 10 * 2**20), ("2k", 2048), ("lots", 10 * 2**20)])
def test_the_limit_is_the_hubs_unless_a_number_is_set(place: Place, setting: str | None, limit: int) -> None:
    if setting is not None:
        place.done("config", "hfpush.limit", setting)
    assert size_limit(Repository.around(place.path)) == limit


def test_what_is_staged_is_judged_by_the_limit(place: Place) -> None:
    place.write("a.txt", b"x" * 2000)
    place.done("add", ".")
    check_staged(place.path, None)
    place.done("config", "hfpush.limit", "1k")
    with pytest.raises(Refused) as told:
        check_staged(place.path, None, place="my repo")
    assert told.value.finding.remedy[-1].endswith("hfpush track 'my repo'")


def test_a_pointer_whose_line_is_not_staged_is_refused_until_it_is(place: Place) -> None:
    place.write("w.bin", POINTER)
    place.done("add", "w.bin")
    check_staged(place.path, None)  # no line anywhere: a text about pointers, perhaps
    place.write(".gitattributes", b"*.bin filter=lfs -text\n")
    with pytest.raises(Refused) as told:
        check_staged(place.path, None)
    finding = told.value.finding
    assert (finding.reference, finding.evidence) == ("attributes-unstaged", ("w.bin",))
    assert finding.remedy == ("git add .gitattributes",)
    place.done(*finding.remedy[0].split()[1:])
    check_staged(place.path, None)
