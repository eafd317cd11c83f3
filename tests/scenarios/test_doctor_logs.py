"""Doctor given a log and nothing else: its first finding is what went wrong then."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.ailing import Ailment, Record, Room, told_rightly
from support.ailments.logs import REAL, ROWS, TOKEN, read


@pytest.mark.parametrize(
    "ailment",
    [pytest.param(row, id=row.name, marks=[] if row.quick else [pytest.mark.slow]) for row in ROWS],
)
def test_doctor_names_what_a_log_tells_of(ailment: Ailment, tmp_path: Path, record_property: Record) -> None:
    told_rightly(ailment, tmp_path, record_property)


def test_a_report_with_a_log_holds_no_secret_of_it(tmp_path: Path) -> None:
    log = (REAL / "git-lfs-storage-dropped.log").read_bytes().replace(b"?***", b"?X-Amz-Signature=" + b"Z" * 64)
    log += f"fatal: unable to access 'https://me:{TOKEN}@hf.test/m/': Could not resolve host: hf.test\n".encode()
    with Room(tmp_path) as room:
        said = room.doctor(read(room, log, {}))
    assert said.code == 1, said.text
    assert "Z" * 16 not in said.text
    assert {one["reference"] for one in said.document["findings"]} == {
        "connect-timeout",
        "name-unresolved",
        "token-in-remote",
    }
