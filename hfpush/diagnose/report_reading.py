"""A report's document becomes facts again, whichever version wrote it.

What a newer version knows and this one does not is left out. Apart from report.py, which every run loads: cattrs takes
a tenth of a second.
"""

from __future__ import annotations

import json
from typing import Any, get_args, get_origin

from cattrs import Converter
from cattrs.errors import BaseValidationError

from hfpush.diagnose.facts.all import Facts
from hfpush.diagnose.report import FORM, Report
from hfpush.errors import Misuse

MOST_BYTES = 64 * 1024 * 1024
"""No report is larger."""
_MOST_SECONDS = 1e6


def read_report(text: bytes, named: str) -> Report:
    """The report in `text`, without its findings, which are made anew. Raises Misuse (`report-unreadable`)."""
    if len(text) > MOST_BYTES:
        raise _unreadable(named, f"it has more than {MOST_BYTES} bytes")
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _unreadable(named, f"it is no JSON: {error}") from None
    if not isinstance(document, dict) or not isinstance(document.get("facts"), dict):
        raise _unreadable(named, "it has no facts")
    form = document.get("report")
    newer = isinstance(form, int) and form > FORM
    if "question" not in document["facts"]:
        raise _unreadable(named, "it does not say what was asked")
    lost = [0]
    try:
        facts = _reader(lost).structure(document["facts"], Facts)
    except (BaseValidationError, ValueError, TypeError, RecursionError) as error:
        why = f"it is of hfpush {document.get('hfpush')}, which is newer" if newer else str(error).splitlines()[0]
        raise _unreadable(named, why) from None
    seconds = document.get("seconds")
    took = float(seconds) if isinstance(seconds, int | float) and 0 <= seconds < _MOST_SECONDS else 0.0
    return Report(facts, (), took, str(document.get("hfpush")), lost[0])


def _unreadable(named: str, why: str) -> Misuse:
    return Misuse.of(
        "report-unreadable",
        f"{named} is no report of hfpush doctor.",
        seen=(why[:200],),
        to_try=("make one with: hfpush doctor --json > report.json",),
    )


def _reader(lost: list[int]) -> Converter:
    """Reads values strictly, but for what stands in rows: one that is not understood is left out, and counted."""
    converter = Converter(forbid_extra_keys=False)

    def rows(kind: Any) -> Any:
        of = get_args(kind)[0]

        def read(value: Any, _: Any) -> tuple[Any, ...]:
            if not isinstance(value, list):
                raise ValueError("a list was expected")
            found = []
            for one in value:
                try:
                    found.append(converter.structure(one, of))
                except (BaseValidationError, ValueError, TypeError, KeyError):  # noqa: PERF203  # of a newer version
                    lost[0] += 1
            return tuple(found)

        return read

    converter.register_structure_hook_factory(_is_row, rows)
    for plain in (str, int, float, bool):
        converter.register_structure_hook(plain, _exactly)
    return converter


def _is_row(kind: Any) -> bool:
    origin: Any = get_origin(kind)
    return origin is tuple and get_args(kind)[-1:] == (...,)


def _exactly(value: Any, kind: Any) -> Any:
    fits = isinstance(value, (int, float) if kind is float else kind) and (kind is bool or not isinstance(value, bool))
    if not fits:
        raise ValueError(f"{kind.__name__} was expected, not {type(value).__name__}")
    return kind(value)
