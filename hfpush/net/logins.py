"""A server that is asked with one credential, and once that is not enough, with another."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from hfpush.errors import HfpushError
from hfpush.net.http import Call, Http

_NOT_ENOUGH = (401, 403, 404)  # the Hub hides what a token may not see


class Logins:
    """`http` is the connection in use. `otherwise` gives another one, with another credential, and is asked once, when
    the first was not enough; None if there is none."""

    def __init__(self, http: Http, otherwise: Callable[[], Http | None]) -> None:
        self.http = http
        self._otherwise: Callable[[], Http | None] | None = otherwise

    def json(self, call: Call) -> tuple[Any, Mapping[str, str]]:
        """An answer's JSON, and its headers. Raises what `Http.send` and `Http.as_json` do."""
        try:
            return self._ask(call)
        except HfpushError as refusal:
            if refusal.status not in _NOT_ENOUGH or self._otherwise is None:
                raise
            ask, self._otherwise = self._otherwise, None
            other = ask()
            if other is None:
                raise
        self.http = other
        return self._ask(call)

    def _ask(self, call: Call) -> tuple[Any, Mapping[str, str]]:
        response = self.http.send(call)
        return self.http.as_json(response), response.headers
