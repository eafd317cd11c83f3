"""What is said of the attribute files at the tips, and of the one that belongs to this clone alone. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from hfpush import units
from hfpush.findings import Finding
from hfpush.repo.audit import lint
from hfpush.repo.audit.flaws import Flaw, Flaws
from hfpush.repo.audit.spelling import capped
from hfpush.repo.audit.tree import Tip
from hfpush.repo.rules import shown

_MOST_REMEDIES = 5
_MOST_LETTERS = 120


def attribute_flaws(tip: Tip) -> Iterator[Flaw]:
    """The lines of the tip's attribute files that do not do what they say."""
    if not tip.attributes:
        return
    folders = {entry.path.rpartition("/")[0] for entry in tip.entries}
    folders |= {parent for folder in list(folders) for parent in _parents(folder)}
    for folder, text in tip.attributes.items():
        for flaw in lint.lint(text, folder, folders):
            where = f"{shown(f'{folder}/.gitattributes' if folder else '.gitattributes')}, line {flaw.number}"
            better = flaw.better or ""
            remedy = f"in {where}, write: {' and on a line of its own: '.join(map(shown, better.split(chr(10))))}"
            kind = "attributes-ignored" if flaw.kind == "ignored" else "attributes-differ"
            yield Flaw(kind, f"{where}: {_cut(flaw.line)}: {flaw.why}", remedy if better else "")


def attribute_findings(flaws: Flaws) -> tuple[Finding, ...]:
    """The findings about such lines."""
    found = []
    if ignored := flaws.lines("attributes-ignored"):
        found.append(
            Finding(
                "attributes-ignored",
                f"{units.count(len(ignored), 'line')} of .gitattributes for LFS that git does not read as it is meant, "
                "so files stay in git itself.",
                evidence=capped(ignored),
                remedy=flaws.about("attributes-ignored")[:_MOST_REMEDIES] or ("write the line otherwise",),
                severity="warning",
            )
        )
    if differ := flaws.lines("attributes-differ"):
        found.append(
            Finding(
                "attributes-differ",
                f"{units.count(len(differ), 'line')} of .gitattributes for LFS that git reads and git-lfs does not, so "
                "that the two treat files differently.",
                evidence=capped(differ),
                remedy=flaws.about("attributes-differ")[:_MOST_REMEDIES],
                severity="warning",
            )
        )
    return tuple(found)


def private_finding(text: bytes) -> Finding | None:
    """The warning for `info/attributes` of this clone, where it says something about filters: it outranks every
    .gitattributes here, counts for nobody else, and git-lfs does not read it."""
    lines = [
        f"line {number}: {_cut(line.strip().decode('utf-8', 'surrogateescape'))}"
        for number, line in enumerate(text.split(b"\n"), 1)
        if b"filter" in line and not line.lstrip().startswith(b"#")
    ]
    if not lines:
        return None
    return Finding(
        "attributes-private",
        "The file info/attributes of this clone says what goes to LFS; it outranks .gitattributes, and is not pushed.",
        evidence=capped(lines),
        remedy=("move these lines to .gitattributes, and take them out of .git/info/attributes",),
        severity="warning",
    )


def _parents(folder: str) -> Iterator[str]:
    while folder := folder.rpartition("/")[0]:
        yield folder


def _cut(line: str) -> str:
    text = shown(line)
    return text if len(text) <= _MOST_LETTERS else f"{text[:_MOST_LETTERS]}…"
