import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfpush.disk.draft_names import (
    SUFFIX,
    Owner,
    Standing,
    free_name,
    held_name,
    is_draft_of,
    may_take,
    myself,
    owner_of,
    runs,
)

ID = "ab" * 32
ME, NEIGHBOUR, FAR = Owner("0" * 8, 100), Owner("0" * 8, 200), Owner("1" * 8, 100)


@given(st.integers(1, 9_999_999_999), st.from_regex(r"[0-9a-f]{8}", fullmatch=True))
def test_held_name_tells_its_owner(pid: int, host: str) -> None:
    owner = Owner(host, pid)
    name = held_name(ID, owner)
    assert owner_of(name) == owner
    assert is_draft_of(name, ID)
    assert name != held_name(ID, owner)
    assert len(name) < 255


def test_free_name_has_no_owner() -> None:
    assert owner_of(free_name(ID)) is None
    assert is_draft_of(free_name(ID), ID)


@pytest.mark.parametrize(
    "name", [ID, f"{ID}.incomplete", f"{ID}.x{SUFFIX}", f"{ID}..{SUFFIX}", SUFFIX, f"{ID[:40]}{SUFFIX}", "README"]
)
def test_other_files_are_no_drafts(name: str) -> None:
    assert not is_draft_of(name, ID)


@pytest.mark.parametrize(
    ("standing", "taken"),
    [
        (Standing(None), True),
        (Standing(NEIGHBOUR, owner_runs=False), True),
        (Standing(NEIGHBOUR, owner_runs=True), False),
        (Standing(NEIGHBOUR, owner_runs=True, quiet=True), False),
        (Standing(NEIGHBOUR, owner_runs=True, forgotten=True), True),
        (Standing(ME, owner_runs=True), False),
        (Standing(FAR), False),
        (Standing(FAR, quiet=True), True),
        (Standing(FAR, forgotten=True), True),
    ],
)
def test_only_what_nobody_works_on_is_taken(standing: Standing, taken: bool) -> None:
    assert may_take(standing, ME) == taken


def test_another_process_of_this_host_is_another_owner_and_its_end_is_seen() -> None:
    script = "from hfpush.disk.draft_names import *; me = myself(); print(me.host, me.pid)"
    child = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=30, check=True)
    host, pid = child.stdout.split()
    assert host == myself().host
    assert int(pid) != myself().pid == os.getpid()
    assert runs(os.getpid())
    assert runs(1)
    assert not runs(int(pid))
