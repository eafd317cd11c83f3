"""What is wrong with the fields at the top of a card (README.md): values in, problems out. Pure.

Refused is what the Hub's own check of metadata is known to refuse: wrong kinds of values. Whether a word is one of a
list that grows (licences, languages) is doubted only. Fields that are not named here are left alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from hfpush.endpoints import RepoType
from hfpush.findings import Finding
from hfpush.repo.audit.flaws import Flaw, Flaws
from hfpush.repo.audit.spelling import capped
from hfpush.repo.rules import shown

_LANGUAGE = re.compile(r"[a-z]{2,3}")
_LANGUAGE_WORDS = frozenset({"code", "multilingual"})
_SDKS = frozenset({"gradio", "docker", "static", "streamlit"})
_COLOURS = frozenset({"red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray"})
_MOST_LETTERS = 60
# What the Hub named when it refused another one; the list grows, so a strange one is only doubted.
_LICENSES = """
apache-2.0 mit openrail bigscience-openrail-m creativeml-openrail-m bigscience-bloom-rail-1.0 bigcode-openrail-m
afl-3.0 artistic-2.0 bsl-1.0 bsd bsd-2-clause bsd-3-clause bsd-3-clause-clear c-uda cc cc0-1.0 cc-by-2.0 cc-by-2.5
cc-by-3.0 cc-by-4.0 cc-by-sa-3.0 cc-by-sa-4.0 cc-by-nc-2.0 cc-by-nc-3.0 cc-by-nc-4.0 cc-by-nd-4.0 cc-by-nc-nd-3.0
cc-by-nc-nd-4.0 cc-by-nc-sa-2.0 cc-by-nc-sa-3.0 cc-by-nc-sa-4.0 cdla-sharing-1.0 cdla-permissive-1.0
cdla-permissive-2.0 wtfpl ecl-2.0 epl-1.0 epl-2.0 etalab-2.0 eupl-1.1 eupl-1.2 agpl-3.0 gfdl gpl gpl-2.0 gpl-3.0 lgpl
lgpl-2.1 lgpl-3.0 isc h-research intel-research lppl-1.3c ms-pl apple-ascl apple-amlr mpl-2.0 odc-by odbl openmdw-1.0
openrail++ osl-3.0 postgresql ofl-1.1 ncsa unlicense zlib pddl lgpl-lr deepfloyd-if-license
fair-noncommercial-research-license llama2 llama3 llama3.1 llama3.2 llama3.3 llama4 grok2-community gemma unknown
other
"""


@dataclass(frozen=True)
class Problem:
    """A field, what is wrong with it (the end of a sentence), and whether the Hub refuses it or may do so."""

    field: str
    why: str
    refused: bool = True


def card_problems(fields: Mapping[str, Any], repo_type: RepoType | None) -> tuple[Problem, ...]:
    """The problems of a card's fields. `repo_type` None stands for a type that is not known: what only one type asks
    for is then not asked."""
    found: list[Problem] = []
    for name, check in _FIELDS.items():
        if fields.get(name) is not None:
            found += check(name, fields[name])
    if repo_type == "space" or (repo_type is None and "sdk" in fields):
        found += _space(fields, sure=repo_type == "space")
    return tuple(found)


def _text(name: str, value: Any) -> Iterator[Problem]:
    if not isinstance(value, str):
        yield Problem(name, "must be text")


def _texts(name: str, value: Any) -> Iterator[Problem]:
    items = value if isinstance(value, list) else [value]
    # YAML reads the language `no` as False, which the Hub takes.
    if not all(isinstance(item, str) or item is False or item is None for item in items):
        yield Problem(name, "must be text, or a list of texts")


def _list_of_texts(name: str, value: Any) -> Iterator[Problem]:
    if isinstance(value, str):
        yield Problem(name, "should be a list, with a dash before each", refused=False)
    else:
        yield from _texts(name, value)


def _license(name: str, value: Any) -> Iterator[Problem]:
    known = _LICENSES.split()
    wrong = list(_texts(name, value))
    yield from wrong
    for item in [] if wrong else value if isinstance(value, list) else [value]:
        if isinstance(item, str) and item not in known:
            better = f"; write {item.lower()}" if item.lower() in known else "; write other, and license_name"
            yield Problem(name, f"{item[:60]!r} is none of the words that the Hub knows{better}", refused=False)


def _language(name: str, value: Any) -> Iterator[Problem]:
    wrong = list(_texts(name, value))
    yield from wrong
    for item in [] if wrong else value if isinstance(value, list) else [value]:
        if isinstance(item, str) and not _LANGUAGE.fullmatch(item) and item not in _LANGUAGE_WORDS:
            yield Problem(
                name,
                f"{item[:60]!r} is no code of two or three small letters (such as zh-CN belong into language_bcp47)",
                refused=False,
            )


def _models(name: str, value: Any) -> Iterator[Problem]:
    wrong = list(_texts(name, value))
    yield from wrong
    for item in [] if wrong else value if isinstance(value, list) else [value]:
        if isinstance(item, str) and ("://" in item or item.count("/") > 1 or item != item.strip()):
            yield Problem(name, f"{item[:60]!r} is no id such as owner/name", refused=False)


def _list(name: str, value: Any) -> Iterator[Problem]:
    if not isinstance(value, list):
        yield Problem(name, "must be a list")


_FIELDS: Mapping[str, Callable[[str, Any], Iterator[Problem]]] = {
    "license": _license,
    "language": _language,
    "tags": _list_of_texts,
    "datasets": _texts,
    "base_model": _models,
    "pipeline_tag": _text,
    "library_name": _text,
    "model-index": _list,
}


def _space(fields: Mapping[str, Any], *, sure: bool) -> Iterator[Problem]:
    if fields.get("sdk") is None:
        yield Problem("sdk", "is missing: a space needs it (gradio, docker or static)")
    elif fields["sdk"] not in _SDKS if isinstance(fields["sdk"], str) else True:
        yield Problem("sdk", f"must be one of {', '.join(sorted(_SDKS))}", refused=sure)
    for name in ("colorFrom", "colorTo"):
        colour = fields.get(name)
        if colour is not None and (not isinstance(colour, str) or colour not in _COLOURS):
            yield Problem(name, f"must be one of {', '.join(sorted(_COLOURS))}", refused=sure)
    words = fields.get("short_description")
    if isinstance(words, str) and len(words) > _MOST_LETTERS:
        yield Problem("short_description", f"has {len(words)} letters; {_MOST_LETTERS} are the most", refused=sure)
    if fields.get("pinned") is not None and not isinstance(fields["pinned"], bool):
        yield Problem("pinned", "must be true or false", refused=sure)


def card_flaws(problems: Iterable[Problem]) -> Iterator[Flaw]:
    """The problems of the card at one tip."""
    for problem in problems:
        what = problem.field or "the block between the lines ---"
        yield Flaw(
            "model-card-invalid" if problem.refused else "card-doubtful", f"README.md: {what} {shown(problem.why)}"
        )


def card_findings(flaws: Flaws) -> tuple[Finding, ...]:
    """The findings about the cards."""
    found = []
    if refused := flaws.lines("model-card-invalid"):
        found.append(
            Finding(
                "model-card-invalid",
                "The metadata at the top of README.md is such that the Hub refuses the push.",
                evidence=capped(refused),
                remedy=("mend these fields in README.md, and commit it",),
            )
        )
    if doubtful := flaws.lines("card-doubtful"):
        found.append(
            Finding(
                "card-doubtful",
                "The metadata at the top of README.md has values that the Hub may complain about.",
                evidence=capped(doubtful),
                remedy=("mend these fields in README.md, and commit it",),
                severity="warning",
            )
        )
    return tuple(found)
