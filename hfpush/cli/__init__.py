"""The face: one file per command. render.py prints results and findings, progress.py what happens meanwhile."""

from __future__ import annotations

import sys

__all__ = ["main"]


def main() -> None:
    """Run the command line; ends the process. What git itself runs for a file does without the command line's parts."""
    arguments = sys.argv[1:]
    if arguments[:1] == ["lfs"]:
        from hfpush.cli import lfs_agent

        if lfs_agent.is_asked(arguments):
            lfs_agent.main()
        from hfpush.cli import lfs_filter

        if lfs_filter.is_asked(arguments):
            lfs_filter.main(arguments)
    from hfpush.cli.app import main as run

    run()
