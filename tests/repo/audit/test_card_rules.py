from __future__ import annotations

from typing import Any

import pytest

from hfpush.repo.audit.card_rules import Problem, card_findings, card_flaws, card_problems
from hfpush.repo.audit.flaws import Flaws


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"license": "mit"}, None),
        ({"license": ["mit", "apache-2.0"]}, None),
        ({"license": "MIT"}, ("license", False)),
        ({"license": "gpl-2.0-or-later"}, ("license", False)),
        ({"license": 3}, ("license", True)),
        ({"license": None}, None),
        ({"language": "en"}, None),
        ({"language": ["en", "yue", "code", "multilingual"]}, None),
        ({"language": [False]}, None),  # the language `no`
        ({"language": "zh-CN"}, ("language", False)),
        ({"language": "English"}, ("language", False)),
        ({"language": {"en": 1}}, ("language", True)),
        ({"tags": ["a", "b"]}, None),
        ({"tags": "a"}, ("tags", False)),
        ({"tags": [1]}, ("tags", True)),
        ({"datasets": "squad"}, None),
        ({"datasets": [["squad"]]}, ("datasets", True)),
        ({"base_model": "ada/m"}, None),
        ({"base_model": ["ada/m", "gpt2"]}, None),
        ({"base_model": "https://huggingface.co/ada/m"}, ("base_model", False)),
        ({"base_model": {"a": 1}}, ("base_model", True)),
        ({"pipeline_tag": ["x"]}, ("pipeline_tag", True)),
        ({"model-index": {}}, ("model-index", True)),
        ({"anything": {"else": 1}}, None),
    ],
)
def test_fields_of_a_model(fields: dict[str, Any], problem: tuple[str, bool] | None) -> None:
    found = card_problems(fields, "model")
    assert [(one.field, one.refused) for one in found] == ([problem] if problem else [])


@pytest.mark.parametrize(
    ("fields", "problems"),
    [
        ({"sdk": "gradio"}, []),
        ({}, [("sdk", True)]),
        ({"sdk": "flask"}, [("sdk", True)]),
        ({"sdk": ["gradio"]}, [("sdk", True)]),
        ({"sdk": "docker", "colorFrom": "mauve"}, [("colorFrom", True)]),
        ({"sdk": "static", "short_description": "x" * 60}, []),
        ({"sdk": "static", "short_description": "x" * 61}, [("short_description", True)]),
        ({"sdk": "static", "pinned": "no"}, [("pinned", True)]),
    ],
)
def test_fields_of_a_space(fields: dict[str, Any], problems: list[tuple[str, bool]]) -> None:
    assert [(one.field, one.refused) for one in card_problems(fields, "space")] == problems
    assert card_problems(fields, "model") == ()


def test_of_an_unknown_type_what_only_a_space_needs_is_doubted() -> None:
    assert card_problems({}, None) == ()
    assert [one.refused for one in card_problems({"sdk": "flask"}, None)] == [False]


def test_refused_and_doubted_are_two_findings() -> None:
    flaws = Flaws()
    flaws.add(card_flaws([Problem("a", "is bad"), Problem("", "is odd\x1b", refused=False)]), ["refs/heads/main"])
    found = card_findings(flaws)
    assert [(one.reference, one.severity) for one in found] == [
        ("model-card-invalid", "error"),
        ("card-doubtful", "warning"),
    ]
    assert found[0].evidence == ("README.md: a is bad, on main",)
    assert "\x1b" not in found[1].evidence[0]
