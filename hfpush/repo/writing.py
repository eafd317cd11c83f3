"""git commands that write into a repository: as clean as those that read, and they start nothing of the user's.

No hook runs (not even one for reference transactions), no collection of garbage begins, nothing is fetched. A command
that writes files of a work tree or refreshes an index would still run the repository's filters: whoever calls one says
in its settings what stands in their place.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import IO

from hfpush.repo.process import Git
from hfpush.repo.repository import Repository

WRITING_SETTINGS = ("gc.auto=0", "gc.autoDetach=false", "maintenance.auto=false")


@dataclass(frozen=True)
class WritingGit(Git):
    """git at one place, for commands that write. `read` and `line` run a command whose input and output are small;
    `fed` streams input in."""

    @classmethod
    def of(cls, repository: Repository) -> WritingGit:
        """git for writing in this repository."""
        reading = repository.git
        return cls(reading.directory, reading.git_dir, reading.work_tree, reading.index)

    def command(self, *arguments: str, settings: tuple[str, ...] = ()) -> list[str]:
        """The argument vector of a command with the settings for writing."""
        return super().command(*arguments, settings=(*WRITING_SETTINGS, *settings))

    @contextmanager
    def fed(self, *arguments: str, settings: tuple[str, ...] = ()) -> Iterator[Feed]:
        """One command that is written to and says little: at most what a pipe holds, all of it at its end.

        At the end of the block its input is closed; the answer is then in `Feed.answer`, or GitFailed is raised. When
        the block is left by an exception, git is killed.
        """
        with self.running(*arguments, stdin=subprocess.PIPE, settings=settings) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            feed = Feed(process.stdin)
            yield feed
            with suppress(BrokenPipeError):  # git's own words and exit code say more, at the end of the block
                process.stdin.close()
            feed.answer = process.stdout.read()


class Feed:
    """The input of a running command. `answer` is what it said, known after the block."""

    def __init__(self, stdin: IO[bytes]) -> None:
        self._stdin = stdin
        self._gone = False
        self.answer = b""

    def write(self, data: bytes | memoryview) -> None:
        """Hand on bytes. What a command that has ended does not take is dropped: its end says why."""
        if self._gone:
            return
        try:
            self._stdin.write(data)
        except BrokenPipeError:
            self._gone = True
