"""Files that come with hfpush."""

from __future__ import annotations

import pytest

from hfpush.disk.shipped import shipped
from hfpush.errors import LocalTrouble


def test_what_comes_with_it_is_read() -> None:
    assert b"lfs" in shipped("repo/gitattributes.template", ".gitattributes.template", "list of files for LFS")


def test_what_is_at_neither_place_is_told() -> None:
    with pytest.raises(LocalTrouble) as caught:
        shipped("none", "none at all", "list of nothing")
    assert caught.value.finding.reference == "installation-damaged"
    assert "list of nothing" in caught.value.finding.message
    assert caught.value.finding.evidence[0].endswith("none at all")
