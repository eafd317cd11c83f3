"""How often doctor is right: every ailment that the tests stage, and what doctor said of it first.

    python bench/doctor.py [--only TEXT] [--out bench/doctor]

Runs tests/scenarios/test_doctor_*.py, all rows, and reads what they recorded. Writes OUT.json and OUT.md: the confusion
matrix (what was staged, what was told first), one row for each case, and how long doctor took. Where all were run, the
same stands in docs/doctor-cases.md then.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree  # what pytest has just written
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WELL = "healthy"
PAGE = """# What was staged, and what doctor said

Made by `python bench/doctor.py`: each case is a machine, a network, a repository or a log that the tests stage
(`tests/support/ailments/`), and `hfpush doctor --json` there, two cases at a time on a machine with two cores.

"""


@dataclass(frozen=True)
class Case:
    """One case. `told` are severity:reference, in doctor's order."""

    kind: str
    name: str
    staged: str
    told: tuple[str, ...]
    seconds: float
    passed: bool

    @property
    def first(self) -> str:
        """What was told first; of a healthy machine notes are no trouble."""
        severity, _, reference = (self.told[0] if self.told else "").partition(":")
        if not reference or (severity == "note" and not self.staged):
            return WELL
        return reference


def run(only: str) -> list[Case]:
    """All cases, as the tests ran them."""
    files = sorted(str(one) for one in (ROOT / "tests/scenarios").glob("test_doctor_*.py"))
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "pytest", *files, "-q", "-n", "2"]
        command += [f"--junitxml={report}", *(["-k", only] if only else [])]
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])  # some ask for hfpush
        subprocess.run(command, cwd=ROOT, env={**os.environ, "PATH": path}, check=False)
        cases = [case for one in ElementTree.parse(report).iter("testcase") if (case := _case(one))]
    return sorted(cases, key=lambda one: (one.kind, one.name))


def _case(test: ElementTree.Element) -> Case | None:
    had = {one.get("name", ""): one.get("value", "") for one in test.iter("property")}
    if "case" not in had:
        return None
    had.setdefault("told", "error:no-answer")
    kind = test.get("classname", "").rpartition("test_doctor_")[2]
    passed = test.find("failure") is None and test.find("error") is None
    told = tuple(filter(None, had["told"].split(",")))
    return Case(kind, had["case"], had["staged"], told, float(had.get("seconds", 0)), passed)


def table(cases: list[Case]) -> str:
    """The matrix, then the cases."""
    sick = [one for one in cases if one.staged]
    well = [one for one in cases if not one.staged]
    right = sum(one.first == one.staged for one in sick)
    quiet = sum(one.first == WELL for one in well)
    times = [one.seconds for one in sick] or [0.0]
    references, slowest = len({one.staged for one in sick}), max((one.seconds for one in well), default=0.0)
    lines = [
        f"{right} of {len(sick)} ailments, of {references} references, were named first, and {quiet} of {len(well)} "
        f"healthy machines had no error and no warning. Doctor took {statistics.median(times):.1f} s (median) and at "
        f"most {max(times):.1f} s; on healthy machines at most {slowest:.1f} s.",
        "",
        "| staged | cases | told first |",
        "|---|---|---|",
    ]
    for staged in [*sorted({one.staged for one in sick}), ""]:
        own = [one for one in cases if one.staged == staged]
        told = Counter(one.first for one in own)
        said = ", ".join(f"{name} {number}" for name, number in told.most_common())
        lines.append(f"| {staged or WELL} | {len(own)} | {said} |")
    lines += ["", "| kind | what was staged | reference | told | seconds |", "|---|---|---|---|---|"]
    for one in cases:
        rest = ", ".join(said.replace(":", " ") for said in one.told) or "nothing"
        mark = "" if one.passed else " (the test failed)"
        lines.append(f"| {one.kind} | {one.name}{mark} | {one.staged or WELL} | {rest} | {one.seconds:.1f} |")
    return "\n".join(lines)


def main() -> None:
    """Run them, and write both files."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("--only", default="", help="as pytest's -k")
    options.add_argument("--out", type=Path, default=ROOT / "bench/doctor")
    given = options.parse_args()
    cases = run(given.only)
    text = table(cases)
    given.out.with_suffix(".json").write_text(json.dumps([asdict(one) for one in cases], indent=2) + "\n")
    given.out.with_suffix(".md").write_text(text + "\n")
    if not given.only:
        (ROOT / "docs/doctor-cases.md").write_text(f"{PAGE}{text}\n")
    print(text)


if __name__ == "__main__":
    main()
