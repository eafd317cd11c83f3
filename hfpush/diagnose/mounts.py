"""Which file system a path is on, by the kernel's list of mounts. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

_OCTAL = re.compile(r"\\([0-7]{3})")
_NETWORK = frozenset(
    {
        *(
            "nfs",
            "nfs3",
            "nfs4",
            "cifs",
            "smb2",
            "smb3",
            "smbfs",
            "9p",
            "afs",
            "ncpfs",
            "coda",
            "ceph",
            "lustre",
            "gpfs",
        ),
        *("beegfs", "fhgfs_client", "glusterfs", "pvfs2", "orangefs", "panfs", "wekafs", "vboxsf", "prl_fs", "davfs"),
    }
)
_NETWORK_FUSE = re.compile(
    r"fuse\.(?:sshfs|s3fs|rclone|gcsfuse|goofys|mount-s3|glusterfs|ceph.*|blobfuse.*|juicefs|.*juice.*|mfs.*|moosefs"
    r"|davfs2?|curlftpfs|httpfs.*|hdfs.*|alluxio.*|seaweed.*|weed|cvmfs.*|drive.*|google-drive.*|onedriver?|hf-mount)"
)
"""Kinds of FUSE whose files are elsewhere; the others (encryption, NTFS, archives) are on this machine's disk."""


@dataclass(frozen=True)
class Mount:
    """One line of the list: where, of which kind (`ext4`, `nfs4`, `fuse.sshfs`), with which options."""

    place: str
    kind: str
    options: tuple[str, ...] = ()


def mount_of(path: str, mounts: str) -> Mount | None:
    """The mount that an absolute path without links is on, by the text of /proc/mounts; None where none is told."""
    best = None
    for line in mounts.splitlines():
        fields = line.split(" ")
        if len(fields) < 4:
            continue
        place = _OCTAL.sub(lambda match: chr(int(match[1], 8)), fields[1])
        inside = place == "/" or path == place or path.startswith(place.rstrip("/") + "/")
        if inside and (best is None or len(place) >= len(best.place)):  # of two on one place the later one counts
            best = Mount(place, fields[2], tuple(fields[3].split(",")))
    return best


def over_network(kind: str) -> bool:
    """Whether files of this kind of file system are on another machine."""
    return kind in _NETWORK or _NETWORK_FUSE.fullmatch(kind) is not None
