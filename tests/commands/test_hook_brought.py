"""What commits bring in is judged, also where a later one takes it away; the words for commits that are not here."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from support.hooked import Place

from hfpush.commands.hook_brought import check_brought
from hfpush.errors import Misuse, Refused

pytestmark = pytest.mark.needs("git")


def test_a_file_that_a_later_commit_deletes_is_told_and_an_older_one_is_not(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", "repo"], cwd=tmp_path, check=True, timeout=60)
    place = Place(tmp_path / "repo")
    for name in ("old.dat", "new.dat"):
        place.write(name, b"\0" + name.encode())
        place.done("add", ".")
        place.done("commit", "-qm", name)
    place.done("rm", "-q", "new.dat")
    place.done("commit", "-qm", "gone again")
    with pytest.raises(Refused) as told:
        check_brought(place.path, "HEAD~2", "HEAD", place="here")
    finding = told.value.finding
    assert finding.reference == "commit-refused"
    assert [line.partition(":")[0] for line in finding.evidence] == ["new.dat"]
    assert finding.remedy[-1].endswith("hfpush fix here")
    check_brought(place.path, "HEAD~1", "HEAD")
    with pytest.raises(Misuse):
        check_brought(place.path, "nowhere", "HEAD")
