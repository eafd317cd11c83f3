"""Doctor given a log and nothing else: its first finding is what went wrong then."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.ailing import Ailment, Record, Room, Told, rows, told_rightly
from support.ailments.logs import REAL, ROWS, TOKEN, read


@pytest.mark.parametrize("ailment", rows(ROWS))
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


@pytest.mark.slow
@pytest.mark.needs("git-lfs", "ip", "nft")
@pytest.mark.parametrize("still", [True, False], ids=["it is still so", "it is so no more"])
def test_the_network_confirms_a_log_or_knows_nothing_of_it(still: bool, tmp_path: Path) -> None:
    log = str(REAL / "git-lfs-trace-hub-dropped.log")
    with Room(tmp_path) as room:
        hub = room.hub()
        hub.create("local/model")
        if still:
            room.stage.drop("hf.test", "s3.hf.test")
        told = Told(environment={"HF_TOKEN": hub.token}, arguments=("--repo", "local/model", "--log", log))
        said = room.doctor(told)
    found = [one for one in said.document["findings"] if one["reference"] == "connect-timeout"]
    assert len(found) == 1, said.text
    assert found[0]["severity"] == ("error" if still else "warning")
    assert ("The probes find nothing of it now." in found[0]["message"]) is not still
    assert any("i/o timeout" in line for line in found[0]["evidence"])
