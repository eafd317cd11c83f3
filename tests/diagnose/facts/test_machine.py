"""Programs, variables and settings as values."""

from __future__ import annotations

from hfpush.diagnose.facts.machine import CLIENTS, Machine, Program


def test_a_program_is_found_by_its_name_and_empty_where_it_is_not_there() -> None:
    machine = Machine((Program("git", version="2.39.5"),))
    assert machine.program("git").version == "2.39.5"
    assert machine.program("curl") == Program("curl")


def test_all_clients_are_named_once() -> None:
    assert len(set(CLIENTS)) == len(CLIENTS) == 6
