"""Commands that are loaded when they are run: `hfpush --version` need not wait for what a publish needs.

A command's help is read from the command itself, so the help of the whole loads them all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

_NO_REWRAP = "\b\n"  # click's sign for lines that stay as they are


@dataclass(frozen=True)
class Late:
    """Where a command is: `name` in the module `module` of hfpush/cli/, a function or a typer.Typer of its own.

    `examples` are the lines below its help. With `takes_all`, the first word that is no option and all after it are its
    arguments, whatever they begin with.
    """

    module: str
    name: str
    examples: tuple[str, ...] = ()
    takes_all: bool = False

    def load(self, command_name: str) -> Any:
        """The command as typer runs it."""
        found: typer.Typer | Callable[..., Any] = getattr(import_module(f"hfpush.cli.{self.module}"), self.name)
        around = typer.Typer(rich_markup_mode=None)
        if isinstance(found, typer.Typer):
            around.add_typer(found, name=command_name)
        else:
            context = {"allow_interspersed_args": not self.takes_all}
            around.command(command_name, epilog=self._epilog(), context_settings=context)(found)
        return typer.main.get_group(around).commands[command_name]

    def _epilog(self) -> str | None:
        if not self.examples:
            return None
        return _NO_REWRAP + "\n".join(["Examples:", *(f"  {line}" for line in self.examples)])


class _Commands(MutableMapping[str, Any]):
    """Commands by name, in the table's order; each is loaded when it is first asked for."""

    def __init__(self, table: Mapping[str, Late]) -> None:
        self._entries: dict[str, Any] = dict(table)

    def __getitem__(self, name: str) -> Any:
        entry = self._entries[name]
        if isinstance(entry, Late):
            entry = self._entries[name] = entry.load(name)
        return entry

    def __setitem__(self, name: str, command: Any) -> None:
        self._entries[name] = command

    def __delitem__(self, name: str) -> None:
        del self._entries[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)


def late_group(table: Mapping[str, Late]) -> type[TyperGroup]:
    """The class of a typer group that has the commands of the table."""

    class LateGroup(TyperGroup):
        def __init__(self, **attributes: Any) -> None:
            super().__init__(**attributes)
            self.commands = _Commands(table)

    return LateGroup
