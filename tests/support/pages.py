"""Markdown pages, read: headings, links, tables, fenced blocks, command lines."""

from __future__ import annotations

import itertools
import re
import shlex


def headings(text: str) -> list[tuple[int, str]]:
    """Level and words of each heading."""
    return [(len(marks), words) for marks, words in re.findall(r"^(#+) (.+)$", without_fences(text), re.MULTILINE)]


def without_fences(text: str) -> str:
    return re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)


def fenced(text: str, language: str) -> list[str]:
    """The bodies of the fenced blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def anchor(heading: str) -> str:
    """What a heading is called in a link, on the usual code hosts."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def links(text: str) -> list[str]:
    """The targets of a page's links, but those that lead out."""
    found = re.findall(r"\[[^\]]*\]\(([^)\s]+)\)", without_fences(text))
    return [target for target in found if not re.match(r"[a-z]+:", target)]


def rows(text: str) -> list[list[str]]:
    """The cells of every table row."""
    cells = [re.split(r"(?<!\\)\|", line.strip("|")) for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in cells]


def command_lines(text: str) -> list[list[str]]:
    """The words of each command in the sh blocks of a page."""
    found = []
    for line in "".join(fenced(text, "sh")).replace("\\\n", " ").splitlines():
        words = shlex.split(line, comments=True)
        for _, group in itertools.groupby(words, lambda word: word in ("|", "||", "&&", ";")):
            found.append([*group])
    return [words for words in found if words and words[0] not in ("|", "||", "&&", ";")]
