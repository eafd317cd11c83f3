"""The file that tells backup programs to leave a folder out, as huggingface_hub (1.33 and newer) writes it.

Its first line is the standard's (bford.info/cachedir); the others are for people. At the root of a cache we write none:
releases before 1.33 take it for a broken repository there and warn at each look. A newer one adds its own.
"""

from __future__ import annotations

from pathlib import Path

from hfpush.disk.atomic import write_text

NAME = "CACHEDIR.TAG"
TEXT = (
    "Signature: 8a477f597d28d172789f06886806bc55\n"
    "# This file is a cache directory tag created by huggingface_hub.\n"
    "# For information about cache directory tags, see:\n"
    "#\thttps://bford.info/cachedir/\n"
)


def mark_as_cache(folder: Path, aside_folder: Path) -> None:
    """Put the tag into `folder`, if there is none. Raises LocalTrouble."""
    if not (folder / NAME).exists():
        write_text(folder / NAME, TEXT, aside_folder)
