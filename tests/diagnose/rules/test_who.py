"""Who is meant, and how bad it is for them."""

from __future__ import annotations

import pytest

from hfpush.diagnose.facts.all import Facts
from hfpush.diagnose.facts.asked import Question
from hfpush.diagnose.facts.machine import Client
from hfpush.diagnose.facts.ways import Way
from hfpush.diagnose.rules.who import by_whom, listed, programs, severity_for


@pytest.mark.parametrize(
    ("words", "text"), [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "a", "c"], "a, b and c")]
)
def test_words_in_a_row(words: list[str], text: str) -> None:
    assert listed(words) == text
    assert listed(words, "or") == text.replace("and", "or")


def test_programs_stand_in_the_usual_order_each_once() -> None:
    order: tuple[Client, ...] = ("curl", "git-lfs", "git", "git-lfs")
    ways = [Way(client, "hub", "hf.test", 443) for client in order]
    assert by_whom(ways) == ("git", "git-lfs", "curl")
    assert programs(ways) == "git, git-lfs and curl"


@pytest.mark.parametrize(
    ("clients", "purpose", "severity"),
    [
        ((), "all", "error"),
        (("git",), "all", "error"),
        (("git-lfs", "curl"), "all", "error"),
        (("curl", "hfpush"), "fetch", "error"),
        (("curl",), "fetch", "note"),
        (("huggingface_hub",), "publish", "note"),
        (("huggingface_hub",), "all", "note"),
        (("huggingface_hub",), "fetch", "warning"),
    ],
)
def test_how_bad_it_is_depends_on_whom_it_meets(clients: tuple[Client, ...], purpose: str, severity: str) -> None:
    facts = Facts(question=Question(purpose=purpose))  # type: ignore[arg-type]
    assert severity_for(facts, clients) == severity
