"""Notes on commits, copied to the commits that take their place. Only `refs/notes/commits`, the ones git shows.

The new notes are made aside, on a ref of a scratch repository that shares the objects: the real ref moves with all the
others.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hfpush.repo.mend.journal import RefMove
from hfpush.repo.process import GitFailed
from hfpush.repo.repository import Repository
from hfpush.repo.writing import WritingGit

NOTES = "refs/notes/commits"


@dataclass(frozen=True)
class _Aside(WritingGit):
    """git in a scratch repository, whose objects are another's."""

    objects: Path = Path()

    def env(self) -> dict[str, str]:
        return super().env() | {"GIT_OBJECT_DIRECTORY": str(self.objects)}


def copied_notes(repository: Repository, commits: Mapping[str, str]) -> RefMove | None:
    """The move of the notes that gives each new commit the note of the old one; the old notes stay in place, too.
    Objects are written, no ref moves. None where nothing is noted."""
    old = repository.git.line("for-each-ref", "--format=%(objectname)", NOTES)
    if not old:
        return None
    listed = repository.git.line("notes", "--ref", NOTES, "list").splitlines()
    noted = [object for _, object in (line.split(" ", 1) for line in listed) if object in commits]
    if not noted:
        return None
    pairs = "".join(f"{object} {commits[object]}\n" for object in noted)
    with tempfile.TemporaryDirectory(prefix="hfpush-git-") as place:
        folder = Path(place)
        WritingGit(folder).read(
            "init", "-q", "--bare", "--template=", f"--object-format={repository.object_format}", "."
        )
        git = _Aside(folder, folder, objects=repository.common_dir / "objects")
        git.read("update-ref", NOTES, old)
        git.read("notes", "copy", "-f", "--stdin", stdin=pairs.encode(), settings=_identity(repository))
        return RefMove(NOTES, old, git.line("rev-parse", NOTES))


def _identity(repository: Repository) -> tuple[str, str]:
    try:
        name, _, rest = repository.git.line("var", "GIT_COMMITTER_IDENT").partition(" <")
    except GitFailed:  # nobody has said who works here, and the notes need somebody
        name, rest = "hfpush", "hfpush@localhost>"
    return f"user.name={name}", f"user.email={rest.partition('>')[0]}"
