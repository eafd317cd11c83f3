"""An empty repository outside of anybody's folder, for questions that git answers only inside one."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hfpush.repo.process import Git


@contextmanager
def scratch() -> Iterator[Git]:
    """An empty repository with an empty work tree, for the time of a `with` block. Its `git_dir` may serve another work
    tree: nothing in it speaks of one."""
    with tempfile.TemporaryDirectory(prefix="hfpush-git-") as aside:
        tree = Path(aside) / "tree"
        tree.mkdir()
        Git(tree).read("init", "-q", "--template=")
        yield Git(tree, tree / ".git", tree)
