"""What is wrong with the disks that files are written to. Pure.

A disk over the network whose locks and renames work is worth a note, and no more: many a cluster has nothing else.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from hfpush import units
from hfpush.diagnose.cause import Cause
from hfpush.diagnose.facts.all import Facts
from hfpush.diagnose.facts.repository import Disk
from hfpush.findings import Finding, Severity

_LEAST_FREE = 8 * 2**20
_SLOW_SYNC, _SLOW_RATE = 1.0, 5e6
_FULL = ("ENOSPC", "EDQUOT")
_VARIABLES = {
    "cache": 'export HF_HUB_CACHE="/var/tmp/huggingface-$(id -u)"   # or another folder on a disk of this machine',
    "state": 'export HFPUSH_STATE_DIR="/var/tmp/hfpush-$(id -u)"   # or another folder on a disk of this machine',
}
_NAMES = {"cache": "cache of huggingface_hub", "state": "folder in which hfpush keeps what it has done"}


def causes(facts: Facts) -> Iterator[Cause]:
    """One for each folder at most."""
    for disk in facts.disks:
        for found in (_unwritable(facts, disk), _full(facts, disk), _without_locks(disk), _over_network(disk)):
            if found is not None:
                yield found
                break


def _unwritable(facts: Facts, disk: Disk) -> Cause | None:
    refused = disk.refused in ("EACCES", "EPERM")
    if not (disk.read_only or refused):
        return None
    kept = disk.role == "repository" and facts.question.purpose == "publish"
    severity: Severity = "warning" if kept else "error"
    if disk.read_only:
        finding = Finding(
            "place-read-only",
            f"Nothing can be written to the {_name(disk)}: its file system is mounted read-only.",
            (_where(disk), *_said(disk)),
            (f"findmnt -T {shlex.quote(disk.path)}   # shows what is mounted there", *_elsewhere(disk)),
            severity,
        )
    else:
        finding = Finding(
            "place-unwritable",
            f"This user may not write to the {_name(disk)}.",
            (_where(disk), *_said(disk)),
            (f"ls -ld {shlex.quote(disk.path)}   # shows whose it is", *_elsewhere(disk)),
            severity,
        )
    return Cause(finding, 70, frozenset({"place-read-only", "place-unwritable"}))


def _full(facts: Facts, disk: Disk) -> Cause | None:
    needed = disk.needed
    if disk.role == "repository" and facts.question.purpose != "publish":
        needed = max(needed, 2 * facts.repository.text_bytes)  # once in git-lfs's store, once in the work tree
    known = disk.free or disk.refused in _FULL or disk.locks is not None
    if disk.refused not in _FULL and not (known and disk.free < max(needed, _LEAST_FREE)):
        return None
    wants = f", and {units.size(needed)} are needed" if needed > disk.free else ""
    finding = Finding(
        "disk-full",
        f"There is not enough room for the {_name(disk)}: {units.size(disk.free)} are free{wants}.",
        (_where(disk), *_said(disk)),
        (
            f"df -h {shlex.quote(disk.path)}   # shows the disk; make room on it",
            *(("git lfs prune   # deletes old LFS objects that the remote has",) if disk.role == "repository" else ()),
            *_elsewhere(disk),
        ),
    )
    return Cause(finding, 71, frozenset({"disk-full"}))


def _without_locks(disk: Disk) -> Cause | None:
    if disk.locks is not False:
        return None
    finding = Finding(
        "cache-without-locks",
        f"Files cannot be locked in the {_name(disk)}: two programs that write there at once spoil each other's files.",
        (_where(disk), "flock was refused", *_said(disk)),
        _elsewhere(disk) or ("mount it with locks (for NFS: without the option nolock)",),
        "warning",
    )
    return Cause(finding, 72, frozenset({"cache-over-network"}))


def _over_network(disk: Disk) -> Cause | None:
    if not disk.over_network:
        return None
    slow = disk.late or (disk.sync_seconds or 0.0) >= _SLOW_SYNC or (disk.rate is not None and disk.rate < _SLOW_RATE)
    measured = []
    if disk.sync_seconds is not None:
        measured.append(f"a write reached the disk (fsync) after {units.duration(disk.sync_seconds)}")
    if disk.rate is not None:
        measured.append(f"4 MB were written at {units.rate(disk.rate)}")
    finding = Finding(
        "cache-over-network",
        f"The {_name(disk)} is on a network file system ({disk.file_system})"
        + (", and it is slow." if slow else ", which is slower than a disk of this machine."),
        (_where(disk), *measured, *_said(disk)),
        _elsewhere(disk) or ("put the repository on a disk of this machine",),
        "warning" if slow else "note",
    )
    return Cause(finding, 73)


def _name(disk: Disk) -> str:
    return _NAMES.get(disk.role, disk.role)


def _where(disk: Disk) -> str:
    return f"{disk.path}, on {disk.file_system}" if disk.file_system else disk.path


def _said(disk: Disk) -> tuple[str, ...]:
    return (disk.problem,) if disk.problem else ()


def _elsewhere(disk: Disk) -> tuple[str, ...]:
    return (_VARIABLES[disk.role],) if disk.role in _VARIABLES else ()
