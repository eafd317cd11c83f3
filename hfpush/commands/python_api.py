"""`from hfpush import fetch`: a fetch as one call, with the settings, the environment and the endpoints of the command.

What it does is fetch_through's business; here plain Python values become a request.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from hfpush.commands.fetch_hints import with_hint
from hfpush.commands.fetch_report import FetchReport, FetchRequest
from hfpush.commands.named_repo import named_repo
from hfpush.commands.through import fetch_through
from hfpush.endpoints import RepoAddress
from hfpush.errors import HfpushError
from hfpush.receive.events import Observer, silent


def fetch(
    repo_id: str,
    files: str | Sequence[str] = (),
    *,
    revision: str | None = None,
    repo_type: str | None = None,
    include: str | Sequence[str] = (),
    exclude: str | Sequence[str] = (),
    cache_dir: str | os.PathLike[str] | None = None,
    local_dir: str | os.PathLike[str] | None = None,
    endpoint: str | Sequence[str] | None = None,
    token: str | None = None,
    jobs: int | None = None,
    limit: float | None = None,
    offline: bool | None = None,
    observer: Observer | None = None,
) -> FetchReport:
    """Bring files of a repository into the Hub cache, or into `local_dir`, each verified before it is visible.

    `repo_id` is owner/name, its hf:// address, or the URL of its page or of a file; `repo_type` is model where neither
    says anything. `files` are names, folders or patterns (none: all), which `include` and `exclude` narrow down. What
    is left out is as for `hfpush fetch`: the environment (HF_ENDPOINT, HF_TOKEN, HF_HUB_CACHE, HF_HUB_OFFLINE, ...),
    the settings, else main, the cache of huggingface_hub, and the best way to the Hub. `limit` is the most bytes a
    second.

    The report's `path` is where the one file lies that was asked for by its name, else the folder; `paths` are all
    files. Prints nothing, and may be called from several threads. Raises HfpushError, whose `finding` says what is so,
    what was seen and what to try; what has come by then stays for the next call.
    """
    settings, said = named_repo(repo_id, {"endpoint": _endpoint(endpoint), "jobs": jobs, "token": token})
    request = FetchRequest(
        repo=RepoAddress.parse(settings.usual_endpoint, said.id, said.agreed_type(repo_type)),
        revision=said.agreed_revision(revision),
        files=(*said.files, *_several(files)),
        include=_several(include),
        exclude=_several(exclude),
        cache_dir=_folder(cache_dir) if cache_dir is not None or local_dir is not None else settings.cache_dir,
        local_dir=_folder(local_dir),
        jobs=settings.jobs,
        offline=settings.offline if offline is None else offline,
        attempts=settings.attempts,
        limit=limit,
    )
    try:
        return fetch_through(settings, request, observer=observer or silent, tell=_untold)
    except HfpushError as failure:
        failure.finding = with_hint(settings, request, failure)
        raise


def _several(words: str | Sequence[str]) -> tuple[str, ...]:
    return (words,) if isinstance(words, str) else tuple(words)


def _folder(place: str | os.PathLike[str] | None) -> Path | None:
    return None if place is None else Path(place)


def _endpoint(wanted: str | Sequence[str] | None) -> str | Sequence[str] | None:
    """One as the settings take it alone, several as a list, none as nothing."""
    if wanted is None or isinstance(wanted, str):
        return wanted
    several = tuple(wanted)
    return several[0] if len(several) == 1 else several or None


def _untold(line: str) -> None:
    """The choice of an endpoint is in the report's findings where it matters; a library prints nothing."""
