"""What a user wrote for a repository, with the settings that go with it: for the commands, and for Python.

A URL may name the endpoint as well. Which pages' URLs are understood, and what they say, is endpoints/'s business.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hfpush.endpoints import RepoReference
from hfpush.settings import Settings, load_settings


def named_repo(text: str, flags: Mapping[str, Any]) -> tuple[Settings, RepoReference]:
    """The settings of a run with these flags (as `load_settings` takes them), and what `text` says of a repository.

    The page of an endpoint that has a name, or that was given, is understood; where no endpoint was given, it is the
    one to ask. Raises Misuse, as `load_settings` and `RepoReference.parse` do.
    """
    settings = load_settings(flags)
    said = RepoReference.parse(text, (*settings.book, *settings.endpoints))
    if flags.get("endpoint") is None and said.fetched_from is not None:
        settings = load_settings({**flags, "endpoint": said.fetched_from})
    return settings, said
