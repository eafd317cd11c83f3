"""The face: one file per command. render.py prints results and findings, progress.py what happens meanwhile."""

from hfpush.cli.app import main

__all__ = ["main"]
