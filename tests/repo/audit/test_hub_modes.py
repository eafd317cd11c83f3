from __future__ import annotations

import pytest
from support.scans import POINTER, at, blob, scan_of

from hfpush.repo.audit.found import FoundBlob
from hfpush.repo.audit.hub_modes import Mode, with_hub_modes


@pytest.mark.parametrize(
    ("found", "modes", "binary"),
    [
        (blob(5, at("a.png"), binary=True), {"a.png": "regular"}, False),
        (blob(5, at("a.png"), binary=True), {"a.png": "lfs"}, True),
        (blob(5, at("a.csv"), binary=False), {"a.csv": "lfs"}, True),
        (blob(5, at("a"), at("b"), binary=True), {"a": "regular", "b": "lfs"}, True),
        (blob(5, at("a"), binary=True), {"other": "regular"}, True),
        (blob(130, at("a"), pointer=POINTER), {"a": "lfs"}, False),
    ],
)
def test_the_hubs_word_stands_in_the_place_of_the_guess(found: FoundBlob, modes: dict[str, Mode], binary: bool) -> None:
    assert with_hub_modes(scan_of(found), modes).blobs[0].binary is binary
