from __future__ import annotations

import pytest

from hfpush.diagnose.mounts import mount_of, over_network

MOUNTS = """\
overlay / overlay rw,relatime 0 0
proc /proc proc rw 0 0
server:/export /data nfs4 rw,vers=4.2 0 0
/dev/sdb1 /data/local ext4 ro,noatime 0 0
//nas/share /mnt/my\\040files cifs rw 0 0
tmpfs /scratch tmpfs rw 0 0
host: /scratch fuse.sshfs rw 0 0
odd line
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/somewhere/cache", "overlay"),
        ("/data", "nfs4"),
        ("/data/hub", "nfs4"),
        ("/database", "overlay"),
        ("/data/local/hub", "ext4"),
        ("/mnt/my files/hub", "cifs"),
        ("/scratch/hub", "fuse.sshfs"),
    ],
)
def test_a_path_is_on_the_nearest_mount_above_it_and_of_two_on_the_later(path: str, kind: str) -> None:
    found = mount_of(path, MOUNTS)
    assert found is not None
    assert found.kind == kind


def test_options_tell_what_is_mounted_read_only() -> None:
    found = mount_of("/data/local", MOUNTS)
    assert found is not None
    assert "ro" in found.options


def test_without_a_list_nothing_is_known() -> None:
    assert mount_of("/data", "") is None


@pytest.mark.parametrize(
    "kind", ["nfs", "nfs4", "cifs", "smb3", "lustre", "9p", "ceph", "fuse.sshfs", "fuse.s3fs", "fuse.rclone"]
)
def test_file_systems_of_other_machines_are_known(kind: str) -> None:
    assert over_network(kind)


@pytest.mark.parametrize(
    "kind", ["ext4", "xfs", "btrfs", "overlay", "tmpfs", "zfs", "apfs", "fuseblk", "fuse.gocryptfs", ""]
)
def test_file_systems_of_this_machine_are_not_taken_for_one(kind: str) -> None:
    assert not over_network(kind)
