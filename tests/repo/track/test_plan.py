from __future__ import annotations

import subprocess
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hfpush.repo.attributes import lfs_paths, template
from hfpush.repo.repository import Repository
from hfpush.repo.track.plan import TrackPlan, plan_track

NewRepo = Callable[..., "Place"]  # noqa: F821
LARGE = 10 * 2**20 + 1


def planned(place: Place, start: bytes = b"") -> TrackPlan:  # noqa: F821
    return plan_track(Repository.around(place.path), start)


def references(plan: TrackPlan) -> list[str]:
    return [finding.reference for finding in plan.findings]


def test_nothing_is_needed_where_there_is_only_text(new_repo: NewRepo) -> None:
    place = new_repo()
    place.write("a.md", b"text")
    place.write(".gitattributes", b"* text=auto\n")
    plan = planned(place, template())
    assert plan.nothing_to_do
    assert plan.findings == ()


def test_a_repository_without_any_attributes_starts_with_the_template(new_repo: NewRepo) -> None:
    place = new_repo()
    place.write("a.bin", b"few words, but named")
    place.write("b.q4", b"\0")
    place.git("add", ".")
    plan = planned(place, template())
    assert plan.started
    assert plan.writes[".gitattributes"].startswith(template())
    assert [line.text.split()[0] for line in plan.lines] == ["*.q4"]
    assert set(plan.restage) == {"a.bin", "b.q4"}
    place.write("d/.gitattributes", b"# mine\n")
    assert not planned(place, template()).started


def test_staged_content_that_a_line_sent_to_lfs_in_vain_is_taken_up_if_it_must_go(new_repo: NewRepo) -> None:
    place = new_repo()
    place.write(".gitattributes", b"*.bin filter=lfs -text\n")
    place.write("text.bin", b"never mind")
    place.write("binary.bin", b"\0")
    place.git("-c", "filter.lfs.clean=cat", "add", ".")
    plan = planned(place)
    assert (set(plan.restage), dict(plan.writes), dict(plan.staged_writes)) == ({"binary.bin"}, {}, {})


def test_only_the_new_lines_are_staged_where_the_file_has_other_edits(new_repo: NewRepo) -> None:
    place = new_repo()
    place.write(".gitattributes", b"*.a text")
    place.write("x.q4", b"\0")
    place.git("add", ".")
    place.write(".gitattributes", b"*.a text\n# not to be staged yet\n")
    plan = planned(place)
    line = b"*.q4 filter=lfs diff=lfs merge=lfs -text\n"
    assert plan.writes == {".gitattributes": b"*.a text\n# not to be staged yet\n" + line}
    assert plan.staged_writes == {".gitattributes": b"*.a text\n" + line}


def test_lines_that_were_written_and_not_staged_go_with_the_pointers(new_repo: NewRepo) -> None:
    place = new_repo()
    place.write("x.q4", b"\0")
    place.git("add", ".")
    place.write(".gitattributes", b"*.q4 filter=lfs\n")
    plan = planned(place)
    assert plan.writes == {}
    assert plan.staged_writes == {".gitattributes": b"*.q4 filter=lfs\n"}


def test_what_no_line_helps_is_told_and_the_rest_is_done(new_repo: NewRepo) -> None:
    place = new_repo()
    place.write(".gitignore", b"#" * LARGE)
    place.write("/".join(["*" * 200] * 6), b"\0")
    place.write("x.q4", b"\0")
    plan = planned(place)
    assert references(plan)[:2] == ["attributes-conflict", "attributes-too-large"]
    assert [line.text.split()[0] for line in plan.lines] == ["*.q4"]


def test_private_attributes_and_a_missing_filter_are_told(new_repo: NewRepo) -> None:
    place = new_repo()
    place.write(".git/info/attributes", b"x.q4 -filter\n")
    place.write("x.q4", b"\0")
    plan = planned(place)
    assert [line.text.split()[0] for line in plan.lines] == ["*.q4"]  # what stays here does not count
    assert references(plan) == ["attributes-private", "lfs-filter-missing"]
    place.git("config", "filter.lfs.process", "git-lfs filter-process")
    assert references(planned(place)) == ["attributes-private"]


def test_content_that_is_committed_already_is_told(new_repo: NewRepo) -> None:
    place = new_repo()
    place.git("config", "filter.lfs.process", "x")
    place.write("x.q4", b"\0")
    place.write("y.q4", b"\0old")
    place.commit()
    place.write("y.q4", b"\0new")
    place.git("add", ".")
    plan = planned(place)
    assert set(plan.restage) == {"x.q4", "y.q4"}
    assert [(one.reference, one.evidence) for one in plan.findings] == [("raw-in-history", ("x.q4: 1 B",))]


def test_a_pointer_that_no_line_covers_gets_one(new_repo: NewRepo) -> None:
    place = new_repo()
    text = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"ab" * 32 + b"\nsize 5\n"
    place.write("w.q4", text)
    place.git("add", ".")
    plan = planned(place)
    assert [(line.text.split()[0], "pointer" in line.reason) for line in plan.lines] == [("*.q4", True)]
    assert plan.restage == {}


folders = st.sampled_from(["", "d/", "d/e/", "f/"])
names = st.builds(
    "{}{}{}".format, folders, st.sampled_from("ab[ !#*é"), st.sampled_from(["", ".q4", ".json", ".x y", ".bin"])
)
contents = st.sampled_from([b"text", b"\0binary", b"", b"\xff"])
rules = st.lists(
    st.sampled_from(
        [
            "*.bin filter=lfs",
            "*.q4 -filter",
            "* !filter",
            "*.json filter=lfs -text",
            "# word",
            "a* filter=other",
            "[attr]m -filter",
        ]
    ),
    max_size=3,
)


@settings(max_examples=15)
@given(
    st.dictionaries(names, contents, max_size=8),
    st.dictionaries(folders, st.tuples(rules, st.sampled_from(["\n", "\r\n"]), st.booleans()), max_size=3),
)
def test_what_is_planned_covers_all_and_once_written_nothing_is_left(
    tmp_path_factory: pytest.TempPathFactory,
    found: dict[str, bytes],
    attributes: dict[str, tuple[list[str], str, bool]],
) -> None:
    root = tmp_path_factory.mktemp("repo")
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    before = {}
    for folder, (lines, end, ended) in attributes.items():
        before[f"{folder}.gitattributes"] = (end.join(lines) + (end if ended and lines else "")).encode()
    for name, content in {**found, **before}.items():
        place = root / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    plan = plan_track(Repository.around(root), b"")
    assert not [one for one in plan.findings if one.severity == "error"]
    for name, content in plan.writes.items():
        assert content.startswith(before.get(name, b""))
        (root / name).write_bytes(content)
    needing = {name for name, content in found.items() if b"\0" in content or b"\xff" in content}
    again = plan_track(Repository.around(root), b"")
    assert again.nothing_to_do
    assert lfs_paths(again.held.attributes, list(found)) >= needing
