"""What lines of `.gitattributes` mean to git and to git-lfs: the ground that the lines we write stand on."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from hfpush.repo.attributes import exact_pattern, lfs_line, lfs_paths

NewRepo = Callable[..., "Place"]  # noqa: F821
L = b" filter=lfs diff=lfs merge=lfs -text"
UNSURE = "the fsck of git-lfs 3.3.0 has another opinion than its filter, which git alone calls"
OVERRULED = {"": b"*.bin" + L}


def case(
    name: str, attributes: Mapping[str, bytes] | bytes, path: str, *, git: bool, git_lfs: bool | str | None = None
) -> object:
    files = {"": attributes} if isinstance(attributes, bytes) else attributes
    return pytest.param(files, path, git, git if git_lfs is None else git_lfs, id=name)


CASES = [
    case("a folder's name with a slash matches nothing below it", b"d/" + L, "d/a.bin", git=False),
    case("nor does its name alone", b"d" + L, "d/a.bin", git=False),
    case("a star is one level", b"d/*" + L, "d/a.bin", git=True),
    case("and no more", b"d/*" + L, "d/e/a.bin", git=False),
    case("two stars are all levels", b"d/**" + L, "d/e/a.bin", git=True),
    case("between slashes also none", b"a/**/z" + L, "a/z", git=True),
    case("or two", b"a/**/z" + L, "a/b/c/z", git=True),
    case("in front also none", b"**/ck/*.pt" + L, "ck/a.pt", git=True),
    case("a pattern with a slash is anchored", b"saved_model/**/*" + L, "x/saved_model/a", git=False),
    case("at its own folder", b"saved_model/**/*" + L, "saved_model/a", git=True),
    case("one without is any file's name", b"a.bin" + L, "d/e/a.bin", git=True),
    case("a slash in front anchors a name", b"/a.bin" + L, "d/a.bin", git=False, git_lfs=UNSURE),
    case("the last line wins", b"*.bin" + L + b"\n*.bin -filter", "a.bin", git=False),
    case("and the last one again", b"*.bin -filter\n*.bin" + L, "a.bin", git=True, git_lfs=UNSURE),
    case("a file below beats the top with -filter", {**OVERRULED, "d": b"* -filter"}, "d/a.bin", git=False),
    case("and with !filter", {**OVERRULED, "d": b"* !filter"}, "d/a.bin", git=False),
    case("a macro at the top", b"[attr]big" + L + b"\n*.bin big", "a.bin", git=True),
    case("an exclamation mark negates nothing", b"!a.bin" + L, "!a.bin", git=False, git_lfs=True),
    case("one that is escaped is itself", b"\\!a.bin" + L, "!a.bin", git=True),
    case("a comment behind a line kills it", b"*.bin" + L + b" # weights", "a.bin", git=False, git_lfs=True),
    case("braces mean nothing", b"*.{bin,pt}" + L, "a.bin", git=False),
    case("a dot in front matches nothing in git", b"./a.bin" + L, "a.bin", git=False, git_lfs=True),
    case("tabs between fields", b"*.bin\tfilter=lfs\tdiff=lfs", "a.bin", git=True, git_lfs=False),
    case(
        "a byte order mark hides the first line of git-lfs", b"\xef\xbb\xbf*.bin" + L, "a.bin", git=True, git_lfs=False
    ),
    case("and only that", b"\xef\xbb\xbf# first\n*.bin" + L, "a.bin", git=True),
    case("carriage returns", b"*.txt text\r\n*.bin" + L + b"\r\n", "a.bin", git=True),
    case("no newline at the end", b"*.bin" + L, "a.bin", git=True),
    case("case counts", b"*.bin" + L, "A.BIN", git=False),
    case("*.tar.* is any name with it", b"*.tar.*" + L, "b.tar.md", git=True),
    case("a folder's name does not match as a file of it", b"*.d" + L, "x.d/a", git=False),
]


@pytest.mark.parametrize(("attributes", "path", "git", "git_lfs"), CASES)
def test_git_reads_a_line_as_we_take_it_to(
    attributes: Mapping[str, bytes], path: str, git: bool, git_lfs: object
) -> None:
    assert lfs_paths(attributes, [path]) == ({path} if git else set())


@pytest.mark.needs("git-lfs")
def test_git_lfs_reads_the_lines_as_we_take_it_to(new_repo: NewRepo) -> None:
    """All in one repository for each: a raw file that git-lfs takes for one of its own is named by its fsck."""
    wrong = []
    for number, one in enumerate(CASES):
        attributes, path, _, wanted = one.values
        if wanted == UNSURE:
            continue
        place = new_repo(f"r{number}")
        for folder, text in attributes.items():
            place.write(f"{folder}/.gitattributes" if folder else ".gitattributes", text)
        place.write(path, b"\0raw")
        place.git("-c", "filter.lfs.clean=cat", "-c", "filter.lfs.process=", "-c", "filter.lfs.required=0", "add", "-A")
        place.git("commit", "-q", "-m", "raw")
        if seen_by_git_lfs(place.path, path) != wanted:
            wrong.append(one.id)
    assert wrong == []


def seen_by_git_lfs(repo: Path, path: str) -> bool:
    done = subprocess.run(["git", "lfs", "fsck", "--pointers"], cwd=repo, capture_output=True, timeout=60, text=True)
    assert done.returncode in (0, 1), done.stderr
    return f'"{path}"' in done.stdout


def test_a_macro_in_a_folder_is_dead() -> None:
    assert lfs_paths({"d": b"[attr]big filter=lfs\n*.bin big\n"}, ["d/a.bin"]) == set()


@pytest.mark.parametrize(("length", "read"), [(2047, True), (2048, False)])
def test_a_line_of_2048_bytes_is_left_out(length: int, read: bool) -> None:
    names = ["n" * 250] * 8
    line = lfs_line("/" + "/".join(names))
    path = "/".join([*names[:-1], names[-1][: length - len(line)] if length < len(line) else names[-1]])
    line = lfs_line(f"/{path}")
    assert lfs_paths({"": line.encode() + b" " * (length - len(line)) + b"\n"}, [path]) == ({path} if read else set())


@pytest.mark.needs("git-lfs")
def test_info_attributes_is_for_git_alone(new_repo: NewRepo) -> None:
    place = new_repo()
    place.write(".git/info/attributes", b"*.bin" + L + b"\n")
    place.write("a.bin", b"\0")
    assert place.git("check-attr", "filter", "a.bin").endswith(": lfs")
    place.git("-c", "filter.lfs.clean=cat", "-c", "filter.lfs.process=", "-c", "filter.lfs.required=0", "add", "-A")
    place.git("commit", "-q", "-m", "raw")
    assert not seen_by_git_lfs(place.path, "a.bin")


NAMES = [
    *("plain.bin", "a b.bin", " lead.bin", "trail .bin ", "tab\there.bin", "new\nline.bin", "cr\rhere.bin"),
    *('quo"te.bin', '"both".bin', "back\\slash.bin", "[x].bin", "[x", "star*.bin", "what?.bin", "-dash.bin"),
    *(
        ":colon.bin",
        "!bang.bin",
        "#hash.bin",
        "{a,b}.bin",
        "$dollar.bin",
        "per%cent.bin",
        "é-nfc.bin",
        "e\u0301-nfd.bin",
    ),
    *(
        "日本.bin",
        b"caf\xe9.bin".decode("utf-8", "surrogateescape"),
        "a  two.bin",
        "\x7f.bin",
        "v\vt.bin",
        "~.bin",
        "=x.bin",
    ),
]


def test_there_are_thirty_nasty_names() -> None:
    assert len(set(NAMES)) == 30


@pytest.mark.needs("git-lfs")
@pytest.mark.parametrize("folder", ["", "d [1]/"])
def test_our_spelling_of_thirty_nasty_names_holds_in_git_and_in_git_lfs(new_repo: NewRepo, folder: str) -> None:
    place = new_repo()
    place.git("lfs", "install", "--local")
    paths = [folder + name for name in NAMES]
    text = "".join(lfs_line(exact_pattern(path)) + "\n" for path in paths)
    place.write(".gitattributes", text.encode("utf-8", "surrogateescape"))
    for path in paths:
        place.write(path, b"\0" + path.encode("utf-8", "surrogateescape"))
    assert lfs_paths({"": (place.path / ".gitattributes").read_bytes()}, paths) == set(paths)
    place.commit()
    for path in paths:
        assert place.git("cat-file", "blob", f":{path}").startswith("version https://git-lfs"), path
    place.git("lfs", "fsck", "--pointers")
    assert len(place.git("lfs", "ls-files").split("\n")) >= 30
