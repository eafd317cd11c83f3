from __future__ import annotations

import pytest
from support.scans import FIRST, POINTER, SECOND, at, blob, scan_of

from hfpush.lfs.pointer import Pointer
from hfpush.repo.audit import pointer_rules
from hfpush.repo.audit.pointer_rules import MAX_OBJECT, PLAIN_OBJECT

LOST = blob(130, at("w", FIRST), pointer=POINTER, stored=False)


def test_an_object_that_is_nowhere_here_is_missing() -> None:
    found = pointer_rules.missing(scan_of(LOST), "my model", {})
    assert found is not None
    assert found.evidence == (f"w: 1.0 kB, since commit aaaaaaaaaa, on main, object {POINTER.oid}",)
    assert found.remedy[0].startswith("git -C 'my model' lfs fetch --all")


@pytest.mark.parametrize("stored", [True, None])
def test_one_that_is_here_or_that_nobody_looked_for_is_not(stored: bool | None) -> None:
    assert pointer_rules.missing(scan_of(blob(130, pointer=POINTER, stored=stored)), ".", {}) is None


def test_one_that_the_hub_or_the_work_tree_has_is_not() -> None:
    assert pointer_rules.missing(scan_of(LOST), ".", {}, at_hub={FIRST}) is None
    assert pointer_rules.missing(scan_of(LOST), ".", {}, in_tree={POINTER.oid}) is None
    both = blob(130, at("w", FIRST), at("w", SECOND), pointer=POINTER, stored=False)
    assert pointer_rules.missing(scan_of(both), ".", {}, at_hub={FIRST}) is not None


def test_a_pointer_to_nothing_needs_no_object() -> None:
    assert pointer_rules.missing(scan_of(blob(130, pointer=Pointer("e" * 64, 0), stored=False)), ".", {}) is None


@pytest.mark.parametrize(("in_tree", "severity"), [((), "error"), ((POINTER.oid,), "warning")])
def test_a_file_of_the_store_with_another_size(in_tree: tuple[str, ...], severity: str) -> None:
    damaged = {POINTER.oid: 7}
    found = pointer_rules.wrong_size(scan_of(LOST), ".", damaged, in_tree=in_tree)
    assert found is not None
    assert found.evidence[0].endswith("7 bytes instead of 1,000")
    assert found.severity == severity
    assert pointer_rules.missing(scan_of(LOST), ".", damaged) is None


@pytest.mark.parametrize(
    ("size", "too_large", "noted"),
    [
        (PLAIN_OBJECT, False, False),
        (PLAIN_OBJECT + 1, False, True),
        (MAX_OBJECT, False, True),
        (MAX_OBJECT + 1, True, False),
    ],
)
def test_the_sizes_of_objects(size: int, too_large: bool, noted: bool) -> None:
    scan = scan_of(blob(135, pointer=Pointer("2" * 64, size)))
    assert (pointer_rules.too_large(scan) is not None) is too_large
    note = pointer_rules.needs_agent(scan, "my model")
    assert (note is not None) is noted
    if note is not None:
        assert note.severity == "note"
        assert note.remedy[1] == "or, for git push: hfpush lfs enable-largefiles 'my model'"


def test_a_broken_pointer_and_one_in_another_form_are_warnings() -> None:
    broken = pointer_rules.broken(scan_of(blob(90, broken_pointer=True)), ".")
    other = pointer_rules.not_canonical(scan_of(blob(140, pointer=POINTER, canonical=False)), ".")
    assert broken is not None
    assert other is not None
    assert {broken.severity, other.severity} == {"warning"}
    plain = scan_of(blob(130, pointer=POINTER), blob(5))
    assert pointer_rules.broken(plain, ".") is pointer_rules.not_canonical(plain, ".") is None
