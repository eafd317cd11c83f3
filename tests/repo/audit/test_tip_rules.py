from __future__ import annotations

import pytest

from hfpush.findings import Finding
from hfpush.repo.audit.flaws import Flaws
from hfpush.repo.audit.tip_rules import (
    ADVISED_IN_REPO,
    MOST_IN_FOLDER,
    MOST_IN_REPO,
    count_flaws,
    flaws_of,
    tip_findings,
)
from hfpush.repo.audit.tree import LINK, Tip, TipEntry

LIMIT = 10 * 2**20


def entry(path: str, size: int = 5, mode: str = "100644") -> TipEntry:
    return TipEntry(path, mode, f"blob of {path}", size)


def judged(*entries: TipEntry, told: frozenset[str] = frozenset(), **more: object) -> dict[str, Finding]:
    tip = Tip("a" * 40, ("refs/heads/main",), entries, **more)  # type: ignore[arg-type]
    flaws = Flaws()
    flaws.add(flaws_of(tip, told), tip.refs)
    return {finding.reference: finding for finding in tip_findings(flaws, "my model")}


def test_a_plain_tree_gets_no_word() -> None:
    pointers = frozenset({"w.bin"})
    assert judged(entry("w.bin", 130), entry("README.md"), entry("d/a.py"), lfs=pointers, pointers=pointers) == {}


def test_content_that_a_later_pattern_covers() -> None:
    found = judged(
        entry("a.bin"),
        entry("empty.bin", 0),
        entry("b.bin"),
        lfs=frozenset({"a.bin", "empty.bin", "b.bin"}),
        told=frozenset({"blob of b.bin"}),
    )
    assert found["should-be-pointer"].evidence == ("a.bin: 5 B, on main",)
    assert found["should-be-pointer"].remedy[0] == "git -C 'my model' add --renormalize .   # then commit"


def test_a_pointer_that_no_pattern_covers_any_longer() -> None:
    found = judged(entry("a b.onnx", 130), pointers=frozenset({"a b.onnx"}))
    assert found["pointer-uncovered"].remedy == (
        "hfpush track 'my model'   # then commit .gitattributes",
        "or, if it is not needed any more: git -C 'my model' rm --cached -- 'a b.onnx'",
    )


def test_what_is_not_here_is_not_judged() -> None:
    assert judged(entry("a.bin", -1), lfs=frozenset({"a.bin"}), unknown=frozenset({"a.bin"})) == {}


@pytest.mark.parametrize(
    ("size", "pointers", "told"), [(LIMIT, (), False), (LIMIT + 1, (), True), (130, ("d/w",), True)]
)
def test_a_nearer_file_that_takes_a_large_file_out(size: int, pointers: tuple[str, ...], told: bool) -> None:
    found = judged(
        entry("d/w", size),
        attributes={"": b"* filter=lfs", "d": b"* -filter"},
        by_top=frozenset({"d/w"}),
        pointers=frozenset(pointers),
    )
    assert ("attributes-shadowed" in found) is told
    if told:
        assert found["attributes-shadowed"].evidence == ("d/w: d/.gitattributes keeps it out of LFS, on main",)


def test_a_card_in_lfs_and_an_attribute_file_that_is_a_link() -> None:
    both = frozenset({"README.md"})
    found = judged(entry("README.md", 130), entry("d/.gitattributes", 5, LINK), lfs=both, pointers=both)
    assert set(found) == {"card-in-lfs", "attributes-link"}


def test_names_are_told_each_in_its_finding() -> None:
    found = judged(
        entry("a.txt"),
        entry("A.txt"),
        entry("aux.py"),
        entry("x\ny"),
        entry("d/.git/config"),
        entry("l", 3, LINK),
        links={"l": "/etc/passwd"},
    )
    assert set(found) == {"names-collide", "name-not-portable", "name-unusable", "path-into-git", "link-leaves-repo"}
    assert found["path-into-git"].severity == "error"
    assert found["names-collide"].remedy == ("git -C 'my model' mv -- A.txt A-2.txt   # or another name; then commit",)
    assert "\n" not in found["name-unusable"].evidence[0]


def test_names_that_look_the_same_are_written_out() -> None:
    assert judged(entry("caf\u00e9"), entry("cafe\u0301"))["names-collide"].evidence == (
        "'cafe\\u0301' and 'caf\\xe9', on main",
    )


@pytest.mark.parametrize(("count", "refused"), [(MOST_IN_FOLDER, False), (MOST_IN_FOLDER + 1, True)])
def test_the_most_entries_of_a_folder(count: int, refused: bool) -> None:
    found = judged(*(entry(f"d/f{n}") for n in range(count)))
    assert ("too-many-files" in found) is refused
    assert not refused or found["too-many-files"].evidence == ("d: 10,001 entries, on main",)


@pytest.mark.parametrize(
    ("count", "reference"),
    [
        (ADVISED_IN_REPO, None),
        (ADVISED_IN_REPO + 1, "repo-crowded"),
        (MOST_IN_REPO, "repo-crowded"),
        (MOST_IN_REPO + 1, "too-many-files"),
    ],
)
def test_the_most_files_of_a_repository(count: int, reference: str | None) -> None:
    found = [flaw.kind for flaw in count_flaws({"": 1}, count)]
    assert found == ([reference] if reference else [])
