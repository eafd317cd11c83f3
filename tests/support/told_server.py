"""A server that answers as it is told, keeps what it was sent, and can stand for a Hub that names another storage."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = tuple[int, dict[str, str], bytes]
_LFS = "application/vnd.git-lfs+json"


class ToldServer:
    """Answers as it is told, and keeps what it was sent."""

    url = ""

    def __init__(self, answer: Callable[[str, bytes], Answer]) -> None:
        self.answer = answer
        self.heard: list[tuple[str, dict[str, str]]] = []

    @contextmanager
    def running(self) -> Iterator[ToldServer]:
        mine = self

        class Handler(BaseHTTPRequestHandler):
            timeout = 10

            def reply(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                mine.heard.append((f"{self.command} {self.path}", dict(self.headers)))
                status, headers, content = mine.answer(self.path, body)
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(content))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_PUT = do_HEAD = reply

            def log_message(self, *_: object) -> None:
                pass

        with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
            self.url = f"http://127.0.0.1:{server.server_port}"
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
            yield self
            server.shutdown()


def hub_of(storage: Callable[[], str]) -> Callable[[str, bytes], Answer]:
    """The answers of a Hub whose bytes, checks and Xet are elsewhere."""

    def answer(path: str, body: bytes) -> Answer:
        url = storage()
        if path.endswith("/objects/batch"):
            asked = json.loads(body)
            parted = "multipart" in asked.get("transfers", ())
            header = {"chunk_size": "1000", "00001": f"{url}/part"} if parted else {}
            actions = {
                "upload": {"href": f"{url}/put", "header": header},
                "verify": {"href": f"{url.replace('127.0.0.1', 'localhost')}/verify"},  # another host than the Hub's
            }
            objects = [{**one, "actions": actions} for one in asked["objects"]]
            said = {"transfer": "multipart" if parted else "basic", "objects": objects}
            return 200, {"Content-Type": _LFS}, json.dumps(said).encode()
        if "xet-" in path:
            return 200, {}, json.dumps({"casUrl": f"{url}/cas", "accessToken": "x", "exp": 1}).encode()
        return 200, {"Content-Type": "application/json"}, b'{"name": "ada", "id": "ada/model"}'

    return answer
