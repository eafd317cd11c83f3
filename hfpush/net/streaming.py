"""The body of an answer as it comes, of any kind and length; for what is handed on and not looked at."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from dataclasses import replace

import requests
import urllib3

from hfpush.net.call import Call
from hfpush.net.http import Http
from hfpush.net.outages import network_failure

BLOCK = 128 * 1024


class Stream:
    """An answer whose head is there. Close it in any case."""

    def __init__(self, call: Call, response: requests.Response) -> None:
        self._method = call.method
        self._response = response

    @property
    def url(self) -> str:
        """Who answered, after redirects. It may be signed."""
        return str(self._response.url)

    @property
    def content_type(self) -> str:
        """The media type in lower case, without parameters; empty where none is named."""
        kind: str = self._response.headers.get("Content-Type", "")
        return kind.partition(";")[0].strip().lower()

    def pieces(self) -> Iterator[bytes]:
        """The body, each piece as soon as it is there and at most BLOCK bytes; content codings are undone.

        Raises the HfpushError that a broken or silent connection amounts to; a body that is shorter than it says is a
        broken connection.
        """
        try:
            while piece := self._response.raw.read1(BLOCK, decode_content=True):
                yield piece
        except (urllib3.exceptions.HTTPError, http.client.HTTPException, OSError) as error:
            raise network_failure(self._method, self.url, error) from error

    def close(self) -> None:
        """Give the connection back, or close it when the body was not read to its end."""
        self._response.close()

    def __enter__(self) -> Stream:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_stream(http: Http, call: Call) -> Stream:
    """The 2xx answer to `call`, its body still to be read. Raises what `Http.send` raises."""
    call = replace(call, stream=True)
    return Stream(call, http.send(call))
