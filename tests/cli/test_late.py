"""Commands that are loaded late: found by name, in order, and not before they are asked for."""

from __future__ import annotations

import typer
from typer.testing import CliRunner

from hfpush.cli.late import Late, late_group

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    cls=late_group(
        {
            "try": Late("trial", "try_command", ("hfpush try --keep",)),
            "hub": Late("hub", "app"),
            "lost": Late("nowhere", "lost_command"),
        }
    ),
)


@app.callback()
def _options() -> None:
    pass


def test_a_command_runs_although_another_one_cannot_be_loaded() -> None:
    assert CliRunner().invoke(app, ["try", "--help"]).exit_code == 0


def test_a_command_that_cannot_be_loaded_says_so() -> None:
    assert isinstance(CliRunner().invoke(app, ["lost"]).exception, ModuleNotFoundError)


def test_the_examples_are_below_the_help_line_by_line() -> None:
    assert "Examples:\n    hfpush try --keep\n" in CliRunner().invoke(app, ["try", "--help"]).stdout


def test_a_group_of_commands_is_one_too() -> None:
    assert "serve" in CliRunner().invoke(app, ["hub", "--help"]).stdout


def test_a_name_that_is_nearly_right_is_known() -> None:
    done = CliRunner().invoke(app, ["tyr"])
    assert done.exit_code == 2
    assert "No such command 'tyr'" in done.stderr
