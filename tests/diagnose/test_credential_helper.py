from __future__ import annotations

import pytest

from hfpush.diagnose.credential_helper import shown_helper


@pytest.mark.parametrize("value", ["store", "cache --timeout=3600", "!gh auth git-credential", "/opt/git-credential-x"])
def test_a_program_is_shown_as_it_is(value: str) -> None:
    assert shown_helper(value) == value


@pytest.mark.parametrize(
    "value",
    [
        "!f() { echo username=me; echo password=SECRET; }; f",
        "!printf 'username=me\\npassword=%s\\n' SECRET",
        "!f() { echo 'password=my SECRET'; }; f",
        "store --file=https://me:SECRET@host",
    ],
)
def test_a_password_in_a_line_of_shell_is_not(value: str) -> None:
    assert "SECRET" not in shown_helper(value)
