"""The line of each setting: told as git reads the same text."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfpush.repo.config_lines import key_lines

TEXTS = {
    "plain": ("[lfs]\n\turl = https://a\n", [("lfs.url", 2)]),
    "letters of either size": ("[LFS]\n\n  URL=x\n", [("lfs.url", 3)]),
    "on the line of its section": ("[lfs] url = x\n", [("lfs.url", 1)]),
    "a name with a part in quotes": ('[remote "Or\\"ig.in"]\n\tURL = x\n', [('remote.Or"ig.in.url', 2)]),
    "a name with a part in the old way": ("[remote.Origin]\nurl = x\n", [("remote.origin.url", 2)]),
    "a comment that ends in a backslash": ("; a \\\n[a]\n# b \\\nk = v # c \\\nl = w\n", [("a.k", 4), ("a.l", 5)]),
    "a value over two lines": ("[a]\nk = one \\\n  two\nl = x\n", [("a.k", 2), ("a.l", 4)]),
    "a value in quotes": ('[a]\nk = "x # y"\nl = "a \\\nb"\nm = 1\n', [("a.k", 2), ("a.l", 3), ("a.m", 5)]),
    "a name alone": ("[a]\nk\nl = 1\n", [("a.k", 2), ("a.l", 3)]),
    "the same name twice": ("[a]\nk = 1\nk = 2\n[b]\n[a]\nk = 3\n", [("a.k", 2), ("a.k", 3), ("a.k", 6)]),
    "no newline at the end": ("[a]\nk = 1", [("a.k", 2)]),
    "lines as on Windows": ("[a]\r\nk = 1\r\nl = 2\r\n", [("a.k", 2), ("a.l", 3)]),
    "a byte order mark": ("\ufeff[a]\nk = 1\n", [("a.k", 2)]),
    "nothing": ("", []),
}


@pytest.mark.needs("git")
@pytest.mark.parametrize("name", TEXTS)
def test_the_line_of_each_setting_is_told_in_the_order_of_git(name: str, tmp_path: Path) -> None:
    text, wanted = TEXTS[name]
    assert list(key_lines(text)) == wanted
    (tmp_path / "config").write_bytes(text.encode())
    command = ["git", "config", "--file", str(tmp_path / "config"), "--name-only", "-z", "--list"]
    listed = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    assert listed.split("\0")[:-1] == [key for key, _ in wanted]


@pytest.mark.parametrize("text", ["[a", "[a]\n= 1\n", "k = 1\n", '[a "b\n"]\nk = 1', '[a]\nk = "1\n', "[a]\nk ! 1\n"])
def test_what_git_cannot_read_ends_the_reading(text: str) -> None:
    assert key_lines(text) == ()


@given(st.text(alphabet='[]"\\\n\r #;=akK.-\t\x00é', max_size=60))
def test_any_text_has_lines_that_exist(text: str) -> None:
    found = key_lines(text)
    numbers = [line for _, line in found]
    assert numbers == sorted(numbers)
    assert all(1 <= line <= text.count("\n") + 1 for line in numbers)
