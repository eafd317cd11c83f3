"""A program that dials what it is told on stdin; probes/wrapper.py starts it, outside a wrapper."""

from __future__ import annotations

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from hfpush.diagnose.line import Line
from hfpush.diagnose.probes.connect import dial
from hfpush.diagnose.probes.wrapper import written


def main() -> None:
    """Read the lines, dial them side by side, write the dials."""
    asked: dict[str, Any] = json.load(sys.stdin)
    seconds = float(asked["seconds"])
    lines = [Line(str(one["host"]), int(one["port"]), secure=bool(one["secure"])) for one in asked["lines"]]
    with ThreadPoolExecutor(max(len(lines), 1)) as pool:
        found = [one for dials in pool.map(lambda line: dial(line, seconds), lines) for one in dials]
    sys.stdout.buffer.write(written(found))


if __name__ == "__main__":
    main()
