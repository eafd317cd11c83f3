"""On which line of a git configuration file each setting stands: `git config` tells the file, and not the line. Pure.

The syntax is that of git-config(1). What a value means is git's business; here it only has to be known where it ends.
"""

from __future__ import annotations

_BLANK = " \t\r\f\v"


def key_lines(text: str) -> tuple[tuple[str, int], ...]:
    """The settings of a file in their order, each as its name (as `git config --list` writes it) and the number of the
    line on which it begins, counted from 1. Reading ends where git would no longer understand the text."""
    return tuple(_Reader(text.removeprefix("\ufeff").replace("\r\n", "\n")).settings())


class _Reader:
    """Goes through the text once, from character to character."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._line = 1

    def settings(self) -> list[tuple[str, int]]:
        found: list[tuple[str, int]] = []
        section: str | None = None
        while letter := self._peek():
            if letter in _BLANK or letter == "\n":
                self._take()
            elif letter in "#;":
                self._skip_comment()
            elif letter == "[":
                section = self._section()
                if section is None:
                    return found
            elif section is not None and letter.isascii() and letter.isalpha():
                line = self._line
                name = self._name()
                if not self._skip_value():
                    return found
                found.append((f"{section}.{name.lower()}", line))
            else:
                return found
        return found

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _take(self) -> str:
        letter = self._peek()
        self._at += 1
        if letter == "\n":
            self._line += 1
        return letter

    def _skip_comment(self) -> None:
        while self._peek() not in ("", "\n"):
            self._take()

    def _name(self) -> str:
        name = ""
        while (letter := self._peek()) and letter.isascii() and (letter.isalnum() or letter == "-"):
            name += self._take()
        return name

    def _section(self) -> str | None:
        """`[name]`, `[name.sub]` or `[name "sub"]`, as the beginning of the names of its settings; None if it is
        none."""
        self._take()
        name = ""
        while (letter := self._peek()) and letter.isascii() and (letter.isalnum() or letter in "-."):
            name += self._take()
        while self._peek() and self._peek() in _BLANK:
            self._take()
        sub = ""
        if self._peek() == '"':
            self._take()
            while (letter := self._take()) != '"':
                if letter == "\\":
                    letter = self._take()
                if letter in ("", "\n"):
                    return None
                sub += letter
            sub = f".{sub}"
        return name.lower() + sub if self._take() == "]" else None

    def _skip_value(self) -> bool:
        """Past what follows a name, to the end of the line on which the value ends. False for what git cannot read."""
        while self._peek() and self._peek() in _BLANK:
            self._take()
        if self._peek() in ("", "\n"):
            return True
        if self._take() != "=":
            return False
        quoted = False
        while letter := self._take():
            if letter == "\n":
                return not quoted
            if letter == "\\":
                self._take()  # a newline, too: then the value goes on in the next line
            elif letter == '"':
                quoted = not quoted
            elif letter in "#;" and not quoted:
                self._skip_comment()
        return not quoted
