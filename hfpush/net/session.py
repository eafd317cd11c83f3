"""A session that reads the environment once per origin.

requests looks up proxies and the CA bundle in the environment for every request, which is a third of what a small one
costs. What it finds for an origin does not change while a command runs.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import requests


class Session(requests.Session):
    """As requests.Session, for calls whose settings differ in nothing that the environment decides."""

    def __init__(self) -> None:
        super().__init__()
        self._found: dict[tuple[str, Any], dict[str, Any]] = {}

    def merge_environment_settings(
        self, url: str | bytes | None, proxies: Any, stream: bool | None, verify: Any, cert: Any
    ) -> Any:
        """Proxies, CA bundle and client certificate for `url`, looked up at the first call to its origin."""
        parts = urlsplit(str(url))
        origin = (f"{parts.scheme}://{parts.netloc}", verify)
        if origin not in self._found:
            self._found[origin] = dict(super().merge_environment_settings(url, proxies, None, verify, cert))
        return {**self._found[origin], "stream": bool(stream)}
