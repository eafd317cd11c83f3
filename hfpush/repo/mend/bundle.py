"""The old history as one file, for a place away from this disk."""

from __future__ import annotations

import tempfile
from collections.abc import Collection
from pathlib import Path

from hfpush.errors import Misuse
from hfpush.repo.repository import Repository
from hfpush.repo.writing import WritingGit


def write_bundle(repository: Repository, path: Path, refs: Collection[str]) -> None:
    """Write a git bundle of these refs with all that they reach: `git clone` and `git fetch` read it. It is whole when
    it is there. Raises Misuse when something is at `path`, GitFailed when git cannot write it."""
    place = Path(path).expanduser().absolute()
    if place.exists() or place.is_symlink():
        raise Misuse.of(
            "fix-bundle-exists",
            "There is something where the bundle should go.",
            seen=(str(place),),
            to_try=("give the name of a new file to --bundle",),
        )
    with tempfile.TemporaryFile() as names:
        names.write("".join(f"{ref}\n" for ref in sorted(refs)).encode("utf-8", "surrogateescape"))
        names.seek(0)
        git = WritingGit.of(repository)
        with git.running("bundle", "create", "--quiet", str(place), "--stdin", stdin=names) as process:
            assert process.stdout is not None
            process.stdout.read()
