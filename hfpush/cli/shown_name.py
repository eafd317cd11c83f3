"""A file's name for people, in one line and in so much room. The name is a server's, so it is made harmless first.

Pure. Room is counted in columns of a terminal, of which some letters take two and some none.
"""

from __future__ import annotations

from rich.cells import cell_len

from hfpush.net.redact import redact

_LEAST_ROOM = 3


def shown(name: str, room: int | None = None) -> str:
    """The name without line breaks and control characters, shortened in its middle to `room` columns.

    Of a name that is too long three fifths are its beginning, in which model-00001-of-00002.safetensors still differs
    from its sister, and the rest its end.
    """
    text = " ".join(redact(name).split())
    if room is None or cell_len(text) <= room:
        return text
    room = max(room, _LEAST_ROOM)
    head = _fitting(text, (room - 1) * 3 // 5)
    tail = _fitting(text[::-1], room - 1 - cell_len(head))[::-1]
    return f"{head}…{tail}"


def _fitting(text: str, room: int) -> str:
    """As many letters from the beginning as have room."""
    taken = 0
    for at, letter in enumerate(text):
        taken += cell_len(letter)
        if taken > room:
            return text[:at]
    return text
