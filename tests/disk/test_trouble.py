import errno
import os
from pathlib import Path

import pytest

from hfpush.disk.trouble import disk_trouble

TABLE = {
    errno.ENOSPC: "disk-full",
    errno.EDQUOT: "disk-full",
    errno.EACCES: "place-unwritable",
    errno.EPERM: "place-unwritable",
    errno.EROFS: "place-unwritable",
    errno.ENOTDIR: "not-a-folder",
    errno.EEXIST: "not-a-folder",
    errno.EISDIR: "not-a-file",
    errno.ENOTEMPTY: "not-a-file",
    errno.EFBIG: "file-too-large-for-disk",
    errno.ENAMETOOLONG: "name-too-long",
    errno.EIO: "disk-failed",
}


@pytest.mark.parametrize("number", TABLE, ids=errno.errorcode.get)
def test_each_trouble_has_one_finding(number: int) -> None:
    finding = disk_trouble(OSError(number, os.strerror(number)), Path("some/file")).finding
    assert finding.reference == TABLE[number]
    assert finding.evidence == (f"some/file: {os.strerror(number)}",)
    assert finding.remedy


def test_the_systems_own_file_name_is_the_better_evidence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(OSError) as error:
        (tmp_path / "file" / "below").mkdir()
    finding = disk_trouble(error.value, tmp_path).finding
    assert finding.reference == "not-a-folder"
    assert str(tmp_path / "file" / "below") in finding.evidence[0]
