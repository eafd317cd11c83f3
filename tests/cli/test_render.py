"""What is printed: texts made safe, findings in their order, documents for every reader."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfpush.cli import render
from hfpush.findings import Finding

FOUND = Finding(
    "part-tag-missing",
    "Part 12 of model.safetensors was accepted, but the answer carries no ETag.",
    ("PUT https://storage.example/part/12?X-Amz-Signature=0123456789abcdef answered 200", "two\nlines"),
    ("hfpush publish, again",),
)


def test_a_finding_is_told_in_its_order_with_everything_it_has(capsys: pytest.CaptureFixture[str]) -> None:
    render.finding(FOUND)
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.splitlines() == [
        "error: part-tag-missing",
        "  Part 12 of model.safetensors was accepted, but the answer carries no ETag.",
        "  seen   PUT https://storage.example/part/12?*** answered 200",
        "  seen   two",
        "         lines",
        "  try    hfpush publish, again",
    ]


def test_several_findings_follow_each_other(capsys: pytest.CaptureFixture[str]) -> None:
    render.findings([Finding("a", "A.", severity="note"), Finding("b", "B.", severity="warning")])
    assert capsys.readouterr().err.splitlines() == ["note: a", "  A.", "warning: b", "  B."]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred", "\\x1b[31mred"),
        ("up\x1b[1Aup", "up\\x1b[1Aup"),
        ("a\rb", "a\\x0db"),
        ("a\x9bb", "a\\x9bb"),
        ("a\u202eb", "a\\u202eb"),
        ("a\udcffb", "a\\udcffb"),
        ("[red]x[/red] [/nothing]", "[red]x[/red] [/nothing]"),
        (":smile: {x}", ":smile: {x}"),
        ("hf_" + "a" * 34, "hf_***"),
    ],
)
def test_what_moves_the_cursor_or_gives_a_secret_away_is_written_out(
    text: str, shown: str, capsys: pytest.CaptureFixture[str]
) -> None:
    render.say(text)
    render.tell(text)
    render.finding(Finding("x", text, (text,), (text,)))
    said = capsys.readouterr()
    assert said.out == f"{shown}\n"
    assert said.err.splitlines() == [shown, "error: x", f"  {shown}", f"  seen   {shown}", f"  try    {shown}"]


@given(st.text())
def test_no_text_of_a_finding_gets_a_control_character_through(text: str) -> None:
    for line in render.finding_lines(Finding("x", text, (text,))):
        assert not any(ord(letter) < 32 and letter != "\t" for letter in line)


def test_a_long_line_is_never_wrapped(capsys: pytest.CaptureFixture[str]) -> None:
    render.finding(Finding("x", "word " * 100))
    assert len(capsys.readouterr().err.splitlines()) == 2


def test_a_local_hubs_token_can_be_shown(capsys: pytest.CaptureFixture[str]) -> None:
    render.reveal("export HF_TOKEN=hf_" + "a" * 34)
    assert capsys.readouterr().out == "export HF_TOKEN=hf_" + "a" * 34 + "\n"


@pytest.mark.parametrize("value", [{"a": [1, "ü", "\udcff", "\u202e", "\x1b", "😀"]}, [], "text"])
def test_a_document_is_json_in_ascii_that_gives_back_what_went_in(
    value: object, capsys: pytest.CaptureFixture[str]
) -> None:
    render.document(value)
    said = capsys.readouterr().out
    assert said.isascii()
    assert said.endswith("\n")
    assert "\x1b" not in said
    assert json.loads(said) == value


def test_a_place_is_printed_byte_by_byte_and_not_redacted(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    name = b"/data/hf_models_of_mine/\xff?a=b"
    render.place(Path(os.fsdecode(name)))
    assert capfdbinary.readouterr().out == name + b"\n"
