"""Nothing of a log is shown that opens a door or moves a cursor."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfpush.diagnose.log.clean import SHOWN, clean, plain, shows_token

TOKEN = "hf_" + "Z" * 34


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("\x1b[31mfatal\x1b[0m: \x1b]0;title\x07no", "fatal: no"),
        ("\x1b[2Ka\x1b(Bb\x1b7", "ab"),
        ("\x1b[?25hfatal:   no\t such", "fatal: no such"),
        ("a\x00b\x07", "a\\x00b\\x07"),
        ("fatal: \u202eon", "fatal: \\u202eon"),
    ],
)
def test_sequences_are_taken_out_and_other_control_characters_written_out(raw: str, shown: str) -> None:
    assert clean(raw) == shown


@pytest.mark.parametrize(
    "raw",
    [
        TOKEN,
        f"\x1b{TOKEN}",
        f"\x1b[{TOKEN}",
        f"hf_\x1b[0m{TOKEN[3:]}",
        f"\x1b(Bearer {TOKEN[3:]}",
        f"\x1b[token={TOKEN[3:]}",
        f'\x1b"accessToken":"{TOKEN[3:]}"',
        f"\x1b]0;{TOKEN}\x07",
    ],
)
def test_a_sequence_hides_no_secret(raw: str) -> None:
    assert "Z" * 16 not in clean(raw)


def test_of_a_long_line_both_ends_are_shown() -> None:
    shown = clean("begin " + "x " * 5000 + "end")
    assert shown.startswith("begin")
    assert shown.endswith("end")
    assert len(shown) <= SHOWN + 3


@pytest.mark.parametrize(
    ("raw", "there"),
    [
        (f"https://me:{TOKEN}@hf.test/me/m", True),
        (f"https://{TOKEN}@hf.test/me/m", True),
        (f"&{{%!!(*url.Userinfo=&{{me {TOKEN} true}}) %!!(string=hf.test)", True),
        (TOKEN, False),
        ("https://me:***@hf.test/me/m", False),
        ("https://hf.test/hf_models/x", False),
    ],
)
def test_a_token_within_a_url_is_seen(raw: str, there: bool) -> None:
    assert shows_token(raw) is there


@given(st.text())
def test_any_line_can_be_shown(raw: str) -> None:
    assert not set(clean(raw)) & set("\x1b\n\r\x00")
    assert isinstance(plain(raw), str)
