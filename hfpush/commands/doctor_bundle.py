"""A report as a file that can be attached to an issue."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable
from pathlib import Path

from hfpush.diagnose.report import Report
from hfpush.errors import LocalTrouble
from hfpush.net.redact import redact


def write_bundle(report: Report, place: Path, text: Iterable[object]) -> Path:
    """Write report.json, report.txt and versions.txt into a new zip at `place`; returns where it is. Nothing in it has
    a token or a signed URL. Raises LocalTrouble (`output-unwritable`)."""
    document = json.dumps(report.as_json(), indent=2)
    files = {
        "report.json": document,
        "report.txt": redact("\n".join(str(line) for line in text)) + "\n",
        "versions.txt": redact("\n".join(report.facts.machine.versions)) + "\n",
    }
    try:
        with zipfile.ZipFile(place, "x", zipfile.ZIP_DEFLATED) as bundle:
            for name, content in files.items():
                bundle.writestr(name, content)
    except OSError as error:
        raise LocalTrouble.of(
            "output-unwritable", f"{place} cannot be written.", seen=(error.strerror or str(error),)
        ) from error
    return place.resolve()
