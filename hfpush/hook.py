"""The program `hfpush-hook`, for git's hooks and the pre-commit framework: it loads nothing but what its work needs.

    hfpush-hook pre-commit       what is staged is judged (what hooks/pre-commit runs when there is something to say)
    hfpush-hook audit            the same; between PRE_COMMIT_FROM_REF and PRE_COMMIT_TO_REF where the framework names
                                 these (pre-push), and over all files where nothing is staged (--all-files, CI)
    hfpush-hook track            .gitattributes gets the lines it lacks; fails when it did, as the framework expects

Ends with 0, 1 when there is something to say, 2 when it was called in another way.
"""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from hfpush.commands.hook_staged import check_staged
from hfpush.errors import HfpushError, Refused
from hfpush.findings import Finding
from hfpush.net.redact import redact
from hfpush.repo.rules import shown

SKIP = "HFPUSH_SKIP"
_HERE = Path(".")


def main() -> None:
    """Run it; ends the process with its exit code."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # they are files here
    sys.exit(run(sys.argv[1:], os.environ))


def run(words: Sequence[str], environment: Mapping[str, str]) -> int:
    """The exit code of a call with these words."""
    work = _WORK.get(words[0]) if len(words) == 1 else None
    if work is None:
        print(f"usage: hfpush-hook {'|'.join(_WORK)}", file=sys.stderr)
        return 2
    if environment.get(SKIP, "0") not in ("", "0"):
        return 0
    try:
        work(environment)
    except HfpushError as error:
        for finding in (error.finding, *error.also):
            print("\n".join(_lines(finding)), file=sys.stderr)
        return 1
    return 0


def _pre_commit(environment: Mapping[str, str]) -> None:
    check_staged(_HERE, _index(environment))


def _audit(environment: Mapping[str, str]) -> None:
    older, newer = environment.get("PRE_COMMIT_FROM_REF"), environment.get("PRE_COMMIT_TO_REF")
    if older and newer:
        from hfpush.commands.hook_brought import check_brought

        check_brought(_HERE, older, newer)
    else:
        check_staged(_HERE, _index(environment), else_all=True)


def _track(environment: Mapping[str, str]) -> None:
    from hfpush.commands.track import track

    report = track(_HERE)
    for line in report.lines:
        print(f"{shown(line.file)}: {shown(line.text)}")
    for path in report.restaged:
        print(f"{shown(path)}: staged as a pointer now")
    errors = [finding for finding in report.findings if finding.severity == "error"]
    if errors:
        raise Refused.of_all(errors)
    changed = sorted({*report.files, *report.staged})
    if changed or report.restaged:
        raise Refused.of(
            "attributes-changed",
            "More files go to LFS now; look at it, then commit again.",
            seen=tuple(map(shown, changed)),
            to_try=(shlex.join(["git", "add", *changed]),) if changed else (),
        )


def _index(environment: Mapping[str, str]) -> Path | None:
    """The index file that the commit is made of, where git names one."""
    name = environment.get("GIT_INDEX_FILE")
    return Path(name).absolute() if name else None


def _lines(finding: Finding) -> list[str]:
    lines = [f"hfpush: {finding.message}"]
    for label, texts in (("seen", finding.evidence), ("try", finding.remedy)):
        for text in texts:
            first, *more = redact(text).split("\n")
            lines += [f"  {label:<6} {first}", *(f"         {line}" for line in more)]
    return lines


_WORK: dict[str, Callable[[Mapping[str, str]], None]] = {"pre-commit": _pre_commit, "audit": _audit, "track": _track}


if __name__ == "__main__":
    main()
