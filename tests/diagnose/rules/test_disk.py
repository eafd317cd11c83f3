from __future__ import annotations

from typing import Any

import pytest

from hfpush.diagnose.facts.all import Facts
from hfpush.diagnose.facts.asked import Purpose, Question
from hfpush.diagnose.facts.repository import Disk, Repository
from hfpush.diagnose.rules.disk import causes

WELL: dict[str, Any] = {"file_system": "ext4", "free": 10**10, "locks": True, "renames": True, "sync_seconds": 0.001}
NFS: dict[str, Any] = {**WELL, "file_system": "nfs4", "over_network": True}


def told(purpose: Purpose = "all", text_bytes: int = 0, **disk: Any) -> list[tuple[str, str]]:
    one = Disk("/data/hub", **disk)
    facts = Facts(Question(purpose), disks=(one,), repository=Repository(text_bytes=text_bytes))
    return [(cause.finding.reference, cause.finding.severity) for cause in causes(facts)]


@pytest.mark.parametrize(
    ("disk", "expected"),
    [
        (WELL, []),
        ({**WELL, "rate": 1e6, "sync_seconds": 3.0}, []),
        ({"late": True, "problem": "writing a file to the disk (fsync) did not end within 0.3 s", **WELL}, []),
        (NFS, [("cache-over-network", "note")]),
        ({**NFS, "sync_seconds": 2.0}, [("cache-over-network", "warning")]),
        ({**NFS, "rate": 1e6}, [("cache-over-network", "warning")]),
        (
            {**NFS, "late": True, "problem": "looking at the folder did not end within 6.0 s"},
            [("cache-over-network", "warning")],
        ),
        ({**NFS, "locks": False}, [("cache-without-locks", "warning")]),
        ({**WELL, "locks": False}, [("cache-without-locks", "warning")]),
        ({**WELL, "free": 1000}, [("disk-full", "error")]),
        (
            {"free": 10**9, "refused": "ENOSPC", "problem": "making a file: No space left on device"},
            [("disk-full", "error")],
        ),
        ({**WELL, "free": 10**9, "needed": 2 * 10**9}, [("disk-full", "error")]),
        ({"read_only": True, "refused": "EROFS", "free": 10**9}, [("place-read-only", "error")]),
        ({"refused": "EACCES", "free": 10**9}, [("place-unwritable", "error")]),
        ({}, []),
    ],
)
def test_what_is_wrong_with_a_disk_is_one_finding(disk: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    assert told(**disk) == expected


def test_a_repository_that_cannot_be_written_to_can_be_published() -> None:
    assert told("publish", role="repository", read_only=True) == [("place-read-only", "warning")]
    assert told("fetch", role="repository", read_only=True) == [("place-read-only", "error")]


def test_files_that_are_to_be_fetched_need_room_twice() -> None:
    room = {**WELL, "free": 10**9, "role": "repository"}
    assert told(text_bytes=6 * 10**8, **room) == [("disk-full", "error")]
    assert told(text_bytes=4 * 10**8, **room) == []
    assert told("publish", text_bytes=6 * 10**8, **room) == []


def test_a_cache_goes_elsewhere_by_its_variable() -> None:
    (cause,) = causes(Facts(disks=(Disk("/data/hub", **NFS),)))
    assert cause.finding.remedy[0].startswith("export HF_HUB_CACHE=")
    assert "/data/hub, on nfs4" in cause.finding.evidence
