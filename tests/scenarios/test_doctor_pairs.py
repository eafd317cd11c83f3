"""Doctor where two things are wrong: both are told, each once, and nothing that follows from them."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.ailing import Room
from support.ailments.pairs import ROWS, Pair
from support.ailments.proxies import LFS
from support.slowly import mostly_rare


@pytest.mark.slow
@pytest.mark.needs(*LFS, "proxychains4")
@pytest.mark.parametrize("pair", mostly_rare({one.name: one for one in ROWS}, slow=3))
def test_doctor_names_both_troubles_and_no_symptom(pair: Pair, tmp_path: Path) -> None:
    with Room(tmp_path) as room:
        said = room.doctor(pair.stage(room))
    bad = [one for one in said.document["findings"] if one["severity"] != "note"]
    assert tuple(one["reference"] for one in bad) == pair.references, said.text
    assert not any(line.startswith("unset ") for one in bad for line in one["remedy"]), "straight is no better"
