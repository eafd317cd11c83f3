"""Lines of a `.gitattributes` that do not do what they say: text in, flaws out. Pure.

Only lines that have to do with LFS get a word: those that git leaves out or reads as something else, and those that git
and git-lfs read differently. What git does is in its attr.c and gitattributes(5); git-lfs has a parser of its own.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Literal

from hfpush.repo.attributes import exact_pattern

MAX_LINE_BYTES = 2048
"""git leaves out a line that is as long as this, or longer."""
_BOM = b"\xef\xbb\xbf"
_BLANK = b" \t\r\n"
_MACRO = b"[attr]"
_NAME = re.compile(rb"(?!-)[-A-Za-z0-9_.]+")
_QUOTED = re.compile(rb'"((?:[^"\\]|\\.)*)"')
_BRACES = re.compile(rb"(.*?)\{([^{},]*(?:,[^{},]*)+)\}(.*)", re.DOTALL)
_GLOB = re.compile(rb"[*?\[\\]")
# What may stand between a pattern and filter=lfs; any other word there is most likely the rest of a name with a blank.
_COMMON = (b"filter", b"diff", b"merge", b"text", b"eol", b"crlf", b"binary", b"lockable", b"ident", b"whitespace")
_NOT_LFS = b"-filter -diff -merge"

Kind = Literal["ignored", "differs"]


@dataclass(frozen=True)
class Flaw:
    """A line (`number`, from 1) of the attribute file in `folder` (`""` for the top). `kind` is `ignored` where git
    does not do what the line says, `differs` where git does and git-lfs does not. `better` is the line (or lines) to
    write instead, None where there is none."""

    folder: str
    number: int
    line: str
    kind: Kind
    why: str
    better: str | None = None


def lint(text: bytes, folder: str = "", folders: Collection[str] = ()) -> tuple[Flaw, ...]:
    """The flaws of one attribute file. `folders` are the folders of the tree, whole paths: a pattern that names one of
    them matches nothing below it."""
    macros = {b"lfs"} | {name for _, name, words in _macros(text) if b"filter=lfs" in words}
    flaws = []
    for number, raw in enumerate(text.split(b"\n"), 1):
        for kind, why, better in _flaws_of(raw, number, folder, folders, macros):
            shown_better = None if better is None else _text(better)
            flaws.append(Flaw(folder, number, _text(raw.strip(_BLANK)), kind, why, shown_better))
    return tuple(flaws)


_Found = tuple[Kind, str, "bytes | None"]


def _flaws_of(
    raw: bytes, number: int, folder: str, folders: Collection[str], macros: Collection[bytes]
) -> Iterator[_Found]:
    line = raw.rstrip(b"\r")
    marked = number == 1 and line.startswith(_BOM)
    plain = line.removeprefix(_BOM) if marked else line
    body = plain.strip(_BLANK)
    if not body or body.startswith(b"#"):
        return
    pattern, rest = _split(body)
    words = rest.split()
    if not _is_about_lfs(pattern, words, macros):
        return
    fatal = _ignored(raw, pattern, words, folder)
    if fatal is not None:
        yield fatal
        return
    if pattern == _MACRO or pattern.startswith(_MACRO):
        return
    yield from _misread(pattern, words, folders)
    if marked:
        why = (
            "the file begins with a byte order mark: git-lfs loses this line, and so does git in a fresh clone, where "
            "the pointers that it covers stay text; save the file as UTF-8 without the mark"
        )
        yield "differs", why, body
    elif b"\t" in rest or b"\t" in body[len(pattern) : len(pattern) + 1]:
        yield "differs", "git-lfs wants blanks between the words, not tabs", b" ".join([pattern, *words])
    quoted = _QUOTED.fullmatch(pattern)
    if quoted and _octal_bytes(quoted[1]):
        better = exact_pattern(_unquoted(quoted[1]).decode("utf-8", "surrogateescape").removeprefix("/"))
        spelled = better.encode("utf-8", "surrogateescape")
        yield "differs", "git-lfs does not read quoted bytes that are not UTF-8", b" ".join([spelled, *words])


def _ignored(raw: bytes, pattern: bytes, words: list[bytes], folder: str) -> _Found | None:
    """Why git leaves the whole line out; the first reason."""
    if len(raw) >= MAX_LINE_BYTES:
        return "ignored", f"git leaves out lines of {MAX_LINE_BYTES} bytes and more", None
    if pattern.startswith(_MACRO):
        if folder:
            return "ignored", "a macro may only be defined in the file at the top", None
        return None
    if pattern.startswith(b"!"):
        negated = b" ".join([pattern[1:], _NOT_LFS])
        return (
            "ignored",
            "patterns cannot be negated (a name that begins with ! is written \\!)",
            negated if len(pattern) > 1 else None,
        )
    comment = next((at for at, word in enumerate(words) if word.startswith(b"#")), None)
    if comment is not None:
        better = b" ".join([pattern, *words[:comment]])
        return "ignored", "a comment cannot follow on the same line, so git leaves the line out", better
    bad = next((word for word in words if not _NAME.fullmatch(word.lstrip(b"-!").partition(b"=")[0])), None)
    if bad is not None:
        better = b" ".join([pattern, *(word for word in words if word != bad)])
        return "ignored", f"{_text(bad)} is no attribute, so git leaves the line out", better
    return None


def _misread(pattern: bytes, words: list[bytes], folders: Collection[str]) -> Iterator[_Found]:
    """What git takes for another pattern than was meant."""
    if pattern.startswith(b'"'):
        return
    tail = b" ".join(words)
    if pattern.startswith(b"./"):
        yield "ignored", "git matches no pattern that begins with ./ (git-lfs does)", pattern[1:] + b" " + tail
        return
    braces = _BRACES.fullmatch(pattern)
    if braces:
        each = [braces[1] + part + braces[3] + b" " + tail for part in braces[2].split(b",")]
        yield "ignored", "git knows no {a,b} in a pattern", b"\n".join(each)
        return
    name = pattern.strip(b"/")
    if pattern.endswith(b"/"):
        yield "ignored", "a pattern for a folder matches nothing in it", pattern + b"** " + tail
    elif not _GLOB.search(pattern) and _names_folder(_text(name), anchored=b"/" in pattern, folders=folders):
        yield "ignored", "it is a folder, and the pattern matches nothing in it", pattern + b"/** " + tail
    cut = _rest_of_name(words)
    if cut:
        whole = b"[[:space:]]".join([pattern, *words[:cut]])
        yield "ignored", "a blank ends a pattern", b" ".join([whole, *words[cut:]])


def _names_folder(name: str, *, anchored: bool, folders: Collection[str]) -> bool:
    if not name:
        return False
    return name in folders or (not anchored and any(folder.endswith(f"/{name}") for folder in folders))


def _rest_of_name(words: list[bytes]) -> int:
    """How many of the words are the rest of a file name with blanks; 0 where none is."""
    for at, word in enumerate(words):
        if word.lstrip(b"-!").partition(b"=")[0] in _COMMON:
            # Only with a dot in it: `my model.bin`; what else stands there may be an attribute of somebody's own.
            return at if at and b"." in words[at - 1] else 0
    return 0


def _is_about_lfs(pattern: bytes, words: list[bytes], macros: Collection[bytes]) -> bool:
    if pattern.startswith(_MACRO):
        return b"filter=lfs" in words
    return any(word == b"filter=lfs" or word in macros for word in words)


def _split(body: bytes) -> tuple[bytes, bytes]:
    """The pattern of a line and what follows it, as git divides them."""
    if body.startswith(_MACRO):
        name = body[len(_MACRO) :].strip(_BLANK).split(None, 1)
        return _MACRO + (name[0] if name else b""), name[1] if len(name) > 1 else b""
    quoted = _QUOTED.match(body)
    if quoted:
        return quoted[0], body[quoted.end() :]
    parts = body.split(None, 1)
    return parts[0], body[len(parts[0]) :]


def _macros(text: bytes) -> Iterator[tuple[int, bytes, list[bytes]]]:
    for number, line in enumerate(text.removeprefix(_BOM).split(b"\n"), 1):
        body = line.strip(_BLANK)
        if body.startswith(_MACRO):
            pattern, rest = _split(body)
            yield number, pattern.removeprefix(_MACRO), rest.split()


_OCTAL = re.compile(rb"\\([0-3][0-7]{2})")


def _unquoted(inside: bytes) -> bytes:
    octal = _OCTAL.sub(lambda match: bytes([int(match[1], 8)]), inside)
    return re.sub(rb"\\(.)", rb"\1", octal)


def _octal_bytes(inside: bytes) -> bool:
    try:
        _unquoted(inside).decode("utf-8")
    except UnicodeDecodeError:
        return True
    return False


def _text(line: bytes) -> str:
    return line.decode("utf-8", "surrogateescape")
