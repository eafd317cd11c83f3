"""Would the Hub take what some commits bring in? The whole history between two of them is looked at."""

from __future__ import annotations

from pathlib import Path

from hfpush.commands.hook_staged import size_limit
from hfpush.errors import Refused
from hfpush.repo.audit.scan import scan
from hfpush.repo.audit.scoping import of_range
from hfpush.repo.hooks.verdict import File, commit_finding, refused
from hfpush.repo.repository import Repository


def check_brought(path: Path, older: str, newer: str, *, place: str = ".") -> None:
    """Check what the commits of `newer` bring in that are not in `older`'s history, also files that a later one of
    these takes away again. Raises Refused (`commit-refused`), and Misuse for names of no commit."""
    repository = Repository.around(path)
    limit = size_limit(repository)
    seen = scan(repository, of_range(repository, [newer, f"^{older}"]), above=limit)
    files = [File(at.path, blob.id, blob.size, bool(blob.binary)) for blob in seen.blobs for at in blob.sightings]
    found = refused(list(dict.fromkeys(files)), limit)
    if found:
        raise Refused(commit_finding(found, limit, place, committed=True))
