"""An empty repository outside of anybody's folder, for questions that git answers only inside one."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hfpush.repo.process import Git


@contextmanager
def scratch(object_format: str = "sha1") -> Iterator[Git]:
    """An empty repository with an empty work tree, for the time of a `with` block. Its `git_dir` may serve another work
    tree: nothing in it speaks of one. `object_format` is that of the ids that it is to hold."""
    with tempfile.TemporaryDirectory(prefix="hfpush-git-") as aside:
        tree = Path(aside) / "tree"
        tree.mkdir()
        Git(tree).read("init", "-q", "--template=", f"--object-format={object_format}")
        yield Git(tree, tree / ".git", tree)
