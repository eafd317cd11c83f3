from __future__ import annotations

from pathlib import Path

from hfpush.repo.attributes import template
from hfpush.repo.scratch import scratch
from hfpush.repo.survey import Survey, survey

LIMIT = 10 * 2**20


def surveyed(folder: Path) -> Survey:
    with scratch() as git:
        assert git.git_dir is not None
        return survey(folder, git.git_dir)


def write(folder: Path, **files: bytes) -> None:
    for name, content in files.items():
        place = folder / name.replace("__", "/").replace("_dot_", ".")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)


def test_large_and_binary_files_go_to_lfs_and_text_does_not(tmp_path: Path) -> None:
    write(
        tmp_path, text=b"words", exact=b"0" * LIMIT, large=b"0" * (LIMIT + 1), nul=b"a\0", latin=b"caf\xe9", empty=b""
    )
    write(tmp_path, model_dot_bin=b"text, but named", void_dot_bin=b"")
    seen = surveyed(tmp_path)
    assert seen.lfs == {"large", "nul", "latin", "model.bin"}
    assert seen.writes[".gitattributes"].startswith(template())
    assert [line.text.split()[0] for line in seen.added] == ["/large", "/latin", "/nul"]
    assert not (tmp_path / ".gitattributes").exists()


def test_attributes_of_the_folder_stay_as_they_are_where_nothing_is_missing(tmp_path: Path) -> None:
    write(tmp_path, _dot_gitattributes=b"*.w filter=lfs\n", a_dot_w=b"1")
    seen = surveyed(tmp_path)
    assert (seen.lfs, dict(seen.writes), seen.findings) == ({"a.w"}, {}, ())


def test_hidden_attributes_still_count(tmp_path: Path) -> None:
    write(tmp_path, _dot_gitattributes=b"*.w filter=lfs\n", _dot_gitignore=b".*\n", a_dot_w=b"1")
    seen = surveyed(tmp_path)
    assert seen.lfs == {"a.w"}
    assert ".gitattributes" in seen.entries
    assert seen.writes == {}


def test_a_line_below_that_overrules_is_answered_there(tmp_path: Path) -> None:
    write(tmp_path, sub___dot_gitattributes=b"* -filter\n", sub__nul=b"\0")
    seen = surveyed(tmp_path)
    assert seen.lfs == {"sub/nul"}
    assert seen.writes["sub/.gitattributes"].startswith(b"* -filter\n/nul filter=lfs")


def test_files_that_git_reads_never_go_to_lfs(tmp_path: Path) -> None:
    write(tmp_path, _dot_gitattributes=b"* filter=lfs\n", _dot_gitignore=b"#" * (LIMIT + 1), a=b"1")
    seen = surveyed(tmp_path)
    assert seen.lfs == {"a"}
    assert [finding.reference for finding in seen.findings] == ["attributes-too-large"]


def test_a_linked_attributes_file_and_an_empty_folder_are_told(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    assert [finding.reference for finding in surveyed(tmp_path / "one").findings] == ["folder-empty"]
    write(tmp_path / "two", real=b"*.w filter=lfs\n")
    (tmp_path / "two/.gitattributes").symlink_to("real")
    assert [finding.reference for finding in surveyed(tmp_path / "two").findings] == ["attributes-link"]


def test_a_card_in_lfs_is_a_warning(tmp_path: Path) -> None:
    write(tmp_path, README_dot_md=b"caf\xe9")
    (finding,) = surveyed(tmp_path).findings
    assert (finding.reference, finding.severity) == ("card-in-lfs", "warning")
