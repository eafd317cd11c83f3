"""Our lines at the end of a `.gitattributes`, between two marks. Pure.

    # >>> hfpush managed: files in LFS
    /weights/a.bin filter=lfs diff=lfs merge=lfs -text
    # <<< hfpush managed

The last matching line of a file wins, so the block stands at its end. A block that is there grows in place; one that
other lines follow is left alone, and a new one begins. What stands outside is kept byte for byte.
"""

from __future__ import annotations

from collections.abc import Iterable

BEGIN = b"# >>> hfpush managed: files in LFS"
END = b"# <<< hfpush managed"


def with_lines(content: bytes, lines: Iterable[bytes]) -> bytes:
    """The file with these lines in its block, sorted, in the line ends that the file has. Nothing is added twice."""
    end = b"\r\n" if b"\r\n" in content else b"\n"
    before, old = _split(content)
    wanted = sorted({*old, *lines})
    if not wanted or (wanted == old and before + _block(wanted, end) == content):
        return content
    gap = end if before and not before.endswith(b"\n") else b""
    return before + gap + _block(wanted, end)


def _block(lines: Iterable[bytes], end: bytes) -> bytes:
    return b"".join(line + end for line in (BEGIN, *lines, END))


def _split(content: bytes) -> tuple[bytes, list[bytes]]:
    """What stands before the block that ends the file, and the block's lines; all of it and none without a block."""
    rows = content.splitlines(keepends=True)
    while rows and not rows[-1].strip():
        rows.pop()
    if not rows or rows[-1].rstrip() != END:
        return content, []
    for at in range(len(rows) - 1, -1, -1):
        if rows[at].rstrip().startswith(BEGIN):
            return b"".join(rows[:at]), [row.rstrip(b"\r\n") for row in rows[at + 1 : -1]]
    return content, []
