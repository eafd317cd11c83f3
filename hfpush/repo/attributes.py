"""`.gitattributes`: which paths go to LFS, and the lines that send further ones there.

git itself answers (`check-attr`), in a scratch repository that holds nothing but the attribute files: neither a user's
own attributes nor a repository's info/attributes count, because they do not travel with a push. Lines are only ever
added at the end of a file; what stands there is kept byte for byte.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from hfpush.errors import LocalTrouble
from hfpush.repo.scratch import scratch

FILE = ".gitattributes"
_TO_LFS = "filter=lfs diff=lfs merge=lfs -text"
_MANY = 8
_LINE_BYTES = 2048  # git leaves out longer lines
_PLAIN_EXTENSION = re.compile(r"[A-Za-z0-9_+-]{1,40}")
# Extensions of text: one such file may be large, but the next one is small and wants to be read and compared.
_TEXT = frozenset(
    {
        *("c", "cfg", "conf", "cpp", "csv", "h", "html", "ini", "ipynb", "js", "json", "jsonl", "md", "py", "rst"),
        *("sh", "srt", "tex", "toml", "ts", "tsv", "txt", "xml", "yaml", "yml"),
    }
)

Attributes = Mapping[str, bytes]
"""Content of each `.gitattributes` file by the folder it stands in: `""` for the top, else `a/b`."""


def template() -> bytes:
    """What a folder without a `.gitattributes` starts with: the file that this project ships at its top."""
    packaged = resources.files("hfpush.repo") / "gitattributes.template"
    if packaged.is_file():
        return packaged.read_bytes()
    checkout = Path(__file__).parents[2] / ".gitattributes.template"
    if checkout.is_file():
        return checkout.read_bytes()
    raise LocalTrouble.of(
        "installation-damaged",
        "hfpush's list of files for LFS is missing from its installation.",
        seen=(str(checkout),),
        to_try=("install hfpush again",),
    )


def lfs_paths(attributes: Attributes, paths: Collection[str]) -> set[str]:
    """Those of `paths` that the attribute files send to LFS."""
    if not paths:
        return set()
    with scratch() as git:
        for folder, content in attributes.items():
            place = git.directory / folder
            place.mkdir(parents=True, exist_ok=True)
            (place / FILE).write_bytes(content)
        asked = b"".join(path.encode("utf-8", "surrogateescape") + b"\0" for path in paths)
        settings = ("core.attributesFile=/dev/null", "core.ignoreCase=false")
        answer = git.read("check-attr", "--stdin", "-z", "filter", stdin=asked, settings=settings)
    fields = answer.decode("utf-8", "surrogateescape").split("\0")
    return {path for path, value in zip(fields[0::3], fields[2::3], strict=False) if value == "lfs"}


@dataclass(frozen=True)
class Covered:
    """Attribute files after lines were added. `added` are the new lines by folder; `uncovered` are paths that no line
    at the end of a file could send to LFS."""

    attributes: Attributes
    added: Mapping[str, tuple[str, ...]]
    uncovered: tuple[str, ...]


def cover(attributes: Attributes, needing: Sequence[str], others: Iterable[str]) -> Covered:
    """Adds what it takes for each path of `needing` to go to LFS; no path of `others` goes there through it.

    Lines go into the file at the top; where a file in a folder below overrules it, they go there.
    """
    lines = {"": tuple(lfs_line(pattern) for pattern in patterns_for(needing, others))}
    result = extended(attributes, lines)
    left = sorted(set(needing) - lfs_paths(result, needing))
    for path in left:
        folder = _nearest(attributes, path)
        if folder:
            lines[folder] = (*lines.get(folder, ()), lfs_line(exact_pattern(path, below=folder)))
    if left:
        result = extended(attributes, lines)
        left = sorted(set(left) - lfs_paths(result, left))
    return Covered(result, {folder: more for folder, more in lines.items() if more}, tuple(left))


def extended(attributes: Attributes, lines: Mapping[str, tuple[str, ...]]) -> Attributes:
    """The attribute files with lines at their ends, in the line ends that each file has."""
    result = dict(attributes)
    for folder, more in lines.items():
        if more:
            before = result.get(folder, b"")
            end = b"\r\n" if b"\r\n" in before else b"\n"
            gap = end if before and not before.endswith(b"\n") else b""
            text = [line.encode("utf-8", "surrogateescape") + end for line in more]
            result[folder] = before + gap + b"".join(text)
    return result


def lfs_line(pattern: str) -> str:
    """The line that sends a pattern to LFS."""
    return f"{pattern} {_TO_LFS}"


def exact_pattern(path: str, *, below: str = "", loosely: bool = False) -> str:
    """The pattern that matches `path` alone, in the attribute file of the folder `below`, for git and git-lfs alike.

    A leading slash anchors it and takes the meaning from a first `!`, `#` or quote; glob characters are escaped;
    blanks, which end a pattern, become a character class, or `loosely` any one character, which is shorter.
    """
    relative = path[len(below) + 1 :] if below else path
    escaped = re.sub(r"[*?\[\]\\]", r"\\\g<0>", relative)
    return "/" + re.sub(r"[ \t\r\n]", "?" if loosely else "[[:space:]]", escaped)


def patterns_for(needing: Sequence[str], others: Iterable[str]) -> list[str]:
    """The fewest patterns of ours for `needing` that match no path of `others`: an extension or a folder where many
    files share it, else the exact path. A line each, so that thousands of files do not make thousands of lines."""
    spared_extensions, spared_folders = set[str](), set[str]()
    for path in others:
        spared_extensions.add(_extension(path))
        spared_folders.add(_folder(path))
    by_extension: dict[str, list[str]] = defaultdict(list)
    for path in needing:
        by_extension[_extension(path)].append(path)
    patterns, rest = [], []
    for extension, paths in by_extension.items():
        shared = extension not in spared_extensions and extension.lower() not in _TEXT
        if len(paths) >= _MANY and shared and _PLAIN_EXTENSION.fullmatch(extension):
            patterns.append(f"*.{extension}")
        else:
            rest += paths
    by_folder: dict[str, list[str]] = defaultdict(list)
    for path in rest:
        by_folder[_folder(path)].append(path)
    for folder, paths in by_folder.items():
        if len(paths) >= _MANY and folder and folder not in spared_folders:
            patterns.append(f"{exact_pattern(folder)}/*")
        else:
            patterns += [_exact_line_that_fits(path) for path in paths]
    return sorted(patterns)


def _exact_line_that_fits(path: str) -> str:
    pattern = exact_pattern(path)
    fits = len(lfs_line(pattern).encode("utf-8", "surrogateescape")) < _LINE_BYTES
    return pattern if fits else exact_pattern(path, loosely=True)


def _nearest(attributes: Attributes, path: str) -> str:
    folder = _folder(path)
    while folder and folder not in attributes:
        folder = _folder(folder)
    return folder


def _folder(path: str) -> str:
    return path.rpartition("/")[0]


def _extension(path: str) -> str:
    name = path.rpartition("/")[2]
    return name.rpartition(".")[2] if "." in name.lstrip(".") else ""
