"""Whatever a line can point to has its sentence."""

from __future__ import annotations

import pytest

from hfpush.diagnose.log.classify import SIGNATURES
from hfpush.diagnose.rules.log_sentences import sentence

KNOWN = sorted({one.reference for one in SIGNATURES if one.reference} | {"lfs-agent-died", "token-in-remote"})


@pytest.mark.parametrize("reference", KNOWN)
def test_each_reference_has_a_sentence_and_something_to_try(reference: str) -> None:
    for who, host, detail in (("git-lfs", "hf.test", "504"), ("the program", "", "")):
        found = sentence(reference, who=who, host=host, detail=detail, evidence=("x",), severity="error")
        assert found.reference == reference
        assert found.message.endswith(".")
        assert found.message[0].isupper() or found.message.startswith("git")
        assert "{" not in found.message + "".join(found.remedy)
        assert found.remedy


def test_what_the_probes_say_follows_as_a_sentence() -> None:
    found = sentence("stalled", who="git", host="h", detail="", evidence=(), severity="error", now="Not now.")
    assert found.message.endswith("moving. Not now.")
