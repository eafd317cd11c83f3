"""What a commit's attribute files must say so that all its targets go to LFS.

The file at the top gets a line for each target that it does not send there by itself. A file in a folder below
overrules the top, so it gets lines of its own where it would keep a target of its folder out. Each answer depends on
one file and the targets under it alone, so that it is found once, whatever the commit.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from hfpush.repo.attributes import exact_pattern, lfs_line
from hfpush.repo.rewrite.answers import AttributeAnswers
from hfpush.repo.rewrite.block import with_lines
from hfpush.repo.rewrite.targets import Node, Targets

LINE_BYTES = 2048
"""git leaves out a line of an attribute file that is as long as this, or longer."""
_ENCODING = re.compile(rb"(?<![!-])working-tree-encoding")
_ALL_TO_LFS = b"* filter=lfs\n"
_KEPT = 64  # commits beside each other share files; those of long ago are made again where they come back
_OURS = lfs_line("").encode()
_HARMLESS = frozenset(
    {
        *(b"text", b"eol", b"diff", b"merge", b"crlf", b"binary", b"whitespace", b"export-ignore", b"export-subst"),
        *(b"delta", b"encoding", b"conflict-marker-size"),
    }
)


class Cover:
    """Makes attribute files, and remembers what it made last. Files are told apart by the ids of their blobs."""

    def __init__(self, answers: AttributeAnswers) -> None:
        self._answers = answers
        self._top_lfs: dict[bytes, dict[bytes, bool]] = {}
        self._top: dict[tuple[bytes, Targets], bytes] = {}
        self._lines: dict[tuple[bytes, bool], bytes] = {}
        self._below: dict[tuple[bytes, Node, bytes], bytes] = {}

    def top(self, id: bytes, content: bytes, targets: Targets) -> bytes:
        """The file at the top, with what it lacks; `content` itself where it lacks nothing."""
        made = self._top.get((id, targets))
        if made is None:
            _make_room(self._top)
            _make_room(self._top_lfs)
            known = self._top_lfs.setdefault(id, {})
            exact = targets.exact
            unknown = [path for path in exact if path not in known]
            lfs = self._answers.lfs({b"": content}, unknown) if content else set()
            known.update((path, path in lfs) for path in unknown)
            encoded = _encodes(content)
            lines = [self._line(path, encoded) for path in exact if not known[path]]
            lines += _extension_lines(content, targets.extensions, encoded)
            made = self._top[id, targets] = with_lines(content, lines)
        return made

    def below(self, id: bytes, content: bytes, node: Node, macros: bytes) -> bytes:
        """The file in the folder of `node`, where it would keep a target out if nothing but it had a say; `content`
        itself where it does not. `macros` are the definitions that the top makes."""
        if is_harmless(content):
            return content
        made = self._below.get((id, node, macros))
        if made is None:
            _make_room(self._below)
            exact = node.below()
            asked = {b"": macros + _ALL_TO_LFS, b"d": content}
            lfs = self._answers.lfs(asked, [b"d/" + path for path in exact])
            encoded = _encodes(macros + content)
            lines = [_line(path, encoded) for path in exact if b"d/" + path not in lfs]
            lines += [lfs_line(f"*.{one.decode()}", encoded=encoded).encode() for one in sorted(node.extensions)]
            made = self._below[id, node, macros] = with_lines(content, lines)
        return made

    def _line(self, path: bytes, encoded: bool) -> bytes:
        line = self._lines.get((path, encoded))
        if line is None:
            line = self._lines[path, encoded] = _line(path, encoded)
        return line


def _make_room(kept: dict[Any, Any]) -> None:
    while len(kept) >= _KEPT:
        del kept[next(iter(kept))]


def macros_of(content: bytes) -> bytes:
    """The lines of the file at the top that define macros."""
    if b"[attr]" not in content:
        return b""
    rows = content.removeprefix(b"\xef\xbb\xbf").splitlines()
    return b"".join(row + b"\n" for row in rows if row.lstrip().startswith(b"[attr]"))


def is_harmless(content: bytes) -> bool:
    """Whether no line of an attribute file could keep anything out of LFS. False where that is not certain."""
    return all(_harmless(row) for row in content.removeprefix(b"\xef\xbb\xbf").splitlines())


def only_gains(before: bytes, after: bytes) -> bool:
    """Whether an attribute file has lost no line and gained none but ours, so that whatever went to LFS still does."""
    old = iter(before.splitlines())
    expected = next(old, None)
    for row in after.splitlines():
        if row == expected:
            expected = next(old, None)
        elif not row.endswith(_OURS) and not row.startswith(b"#"):
            return False
    return expected is None


def line_fits(path: bytes) -> bool:
    """Whether git would read a line that names this path."""
    return len(_line(path, True)) < LINE_BYTES


def _harmless(row: bytes) -> bool:
    row = row.strip()
    if not row or row.startswith(b"#"):
        return True
    if row.startswith((b'"', b"[attr]")):
        return False
    words = row.split()[1:]
    return all(word == b"filter=lfs" or word.lstrip(b"-!").partition(b"=")[0] in _HARMLESS for word in words)


def _encodes(content: bytes) -> bool:
    """Whether a line may give files an encoding in the work tree."""
    return _ENCODING.search(content) is not None


def _extension_lines(content: bytes, extensions: Iterable[bytes], encoded: bool) -> list[bytes]:
    said = {row.split()[0] for row in content.splitlines() if b" filter=lfs" in row} if is_harmless(content) else set()
    return [
        lfs_line(f"*.{one.decode()}", encoded=encoded).encode() for one in sorted(extensions) if b"*." + one not in said
    ]


def _line(path: bytes, encoded: bool) -> bytes:
    text = path.decode("utf-8", "surrogateescape")
    line = lfs_line(exact_pattern(text), encoded=encoded).encode("utf-8", "surrogateescape")
    if len(line) < LINE_BYTES:
        return line
    return lfs_line(exact_pattern(text, loosely=True), encoded=encoded).encode("utf-8", "surrogateescape")
