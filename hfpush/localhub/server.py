"""One local Hub: two origins (API, storage) in one process, everything it keeps in one folder.

    with LocalHub(drop_after(bytes=1000, part=3), root=tmp_path, part_size=65536) as hub:
        hub.create("acme/model")
        … hub.url, hub.token, hub.seen.bytes_in("put") …

In async code: `hub = LocalHub(…); await hub.start(); …; await hub.stop()`.
"""

from __future__ import annotations

import asyncio
import tempfile
import threading
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any

from aiohttp import web

from hfpush.localhub import api, complete, dispatch, errors, resolve_cache, seen_api, storage
from hfpush.localhub.appkeys import AUTH, CONFIG, CROWD, FAULTS, OBJECTS, ORIGINS, REPOS, SEEN, SIGNER, UPLOADS, WEAR
from hfpush.localhub.auth import Auth
from hfpush.localhub.config import HubConfig
from hfpush.localhub.crowd import Crowd
from hfpush.localhub.faults import Fault, Faults
from hfpush.localhub.names import RepoKey
from hfpush.localhub.objects import ObjectStore
from hfpush.localhub.operation import api_operation, storage_operation
from hfpush.localhub.origins import Origins
from hfpush.localhub.recording import recording
from hfpush.localhub.repos import Repo, Repos
from hfpush.localhub.seen import SeenLog
from hfpush.localhub.signing import Signer, load_secret
from hfpush.localhub.tokens import local_users
from hfpush.localhub.uploads import Uploads
from hfpush.localhub.wear import Wear

READ_BUFFER = 1 << 20
LONGEST_LINE = 32 * 1024  # a path of 4096 bytes, all of it percent-encoded, and its query
_STOP_SECONDS = 0.25
README = """\
This folder is a local Hub of hfpush: everything it keeps, and nothing else. Delete it when no Hub runs on it.

repos/       bare git repositories, each with its record hub.json
objects/     LFS objects by sha256; grants/ says which repository has which
uploads/     multipart uploads that were begun; thrown away after a day
locks/       git-lfs locks
tokens.json  the tokens of its user; signing.key makes its signed URLs. Delete one, and the next start makes a new one
hooks/ incoming/ aside/ are made and emptied at each start
"""


class LocalHub:
    """A Hub that runs while it is entered, or between `start` and `stop`.

    `config` are the fields of HubConfig; without `root` everything lives in a temporary folder that is removed at the
    end. `seen`, `faults`, `objects` and `repos` may be used from any thread.
    """

    def __init__(self, *faults: Fault, root: Path | None = None, **config: Any) -> None:
        self._temporary = tempfile.TemporaryDirectory(prefix="localhub-") if root is None else None
        place = Path(self._temporary.name) if self._temporary else Path(root or "")
        place.mkdir(parents=True, exist_ok=True)
        (place / "README").write_text(README)
        self.config = HubConfig(root=place.resolve(), **config)
        if not self.config.users:
            self.config = replace(self.config, users=local_users(self.config.root))
        self.faults = Faults(*faults)
        self.seen = SeenLog()
        self.objects = ObjectStore(self.config.root)
        self.repos = Repos(self.config.root, max_git_file=self.config.max_git_file, clock=self.config.clock)
        self._origins = Origins()
        self._runners: list[web.AppRunner] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._finished: asyncio.Event | None = None

    @property
    def url(self) -> str:
        """Base URL of git, LFS, REST and resolve, without a slash at the end: what HF_ENDPOINT is set to."""
        return self._origins.api

    @property
    def storage_url(self) -> str:
        """Base URL of the signed PUT and GET."""
        return self._origins.storage

    @property
    def doors(self) -> tuple[str, str]:
        """Where the API and the storage really listen: other than the URLs where the Hub was told those."""
        return self._origins.api_door, self._origins.storage_door

    @property
    def token(self) -> str:
        """The token of the first user who may write."""
        return next(user.token for user in self.config.users if user.role == "write")

    @property
    def read_token(self) -> str:
        """The token of the first user who may only read."""
        return next(user.token for user in self.config.users if user.role == "read")

    def create(self, id: str, type: str = "models", *, private: bool = False, empty: bool = False) -> Repo:
        """A new repository, from any thread; see Repos.create."""
        return self.repos.create(RepoKey.parse(type, id), private=private, empty=empty)

    def git_url(self, id: str, type: str = "models", *, token: str | None = None) -> str:
        """The URL for `git clone`; with `token`, it is part of the URL."""
        key = RepoKey.parse(type, id)
        base = self.url if token is None else self.url.replace("://", f"://user:{token}@", 1)
        return f"{base}/{key.path}"

    async def start(self) -> None:
        """Listen on both ports. Raises OSError if one is taken."""
        self.objects.recover()
        uploads = Uploads(self.config.root, self.objects, self.config.clock)
        signer = Signer(self.config.clock, load_secret(self.config.root / "signing.key"))
        auth, crowd, wear = Auth(self.config.users), Crowd(), Wear()
        api_app = web.Application(
            middlewares=[
                recording(lambda request: api_operation(request.method, request.rel_url.raw_path)),
                errors.middleware,
            ]
        )
        storage_app = web.Application(middlewares=[recording(lambda request: storage_operation(request.method))])
        for app in (api_app, storage_app):
            app[CONFIG], app[AUTH], app[FAULTS], app[SEEN] = self.config, auth, self.faults, self.seen
            app[OBJECTS], app[REPOS], app[UPLOADS] = self.objects, self.repos, uploads
            app[SIGNER], app[ORIGINS], app[CROWD], app[WEAR] = signer, self._origins, crowd, wear
        complete.add_routes(api_app)
        seen_api.add_routes(api_app)
        resolve_cache.add_routes(api_app)
        api.add_routes(api_app)
        dispatch.add_routes(api_app)
        storage.add_routes(storage_app)
        try:
            self._origins.api_door = await self._listen(api_app, self.config.port)
            self._origins.storage_door = await self._listen(storage_app, self.config.storage_port)
            self._origins.api = self.config.api_url.rstrip("/") or self._origins.api_door
            self._origins.storage = self.config.storage_url.rstrip("/") or self._origins.storage_door
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """End all connections, listen no more, and remove the folder if it is a temporary one. May be called again."""
        for runner in self._runners:
            await runner.cleanup()
        self._runners = []
        if self._temporary is not None:
            self._temporary.cleanup()

    async def _listen(self, app: web.Application, port: int) -> str:
        runner = web.AppRunner(
            app,
            access_log=None,
            auto_decompress=False,
            read_bufsize=READ_BUFFER,
            max_line_size=LONGEST_LINE,
            max_field_size=LONGEST_LINE,
            shutdown_timeout=_STOP_SECONDS,
        )
        self._runners.append(runner)
        await runner.setup()
        await web.TCPSite(runner, self.config.host, port).start()
        host, actual = runner.addresses[0][:2]
        return f"http://[{host}]:{actual}" if ":" in host else f"http://{host}:{actual}"

    def __enter__(self) -> LocalHub:
        started = threading.Event()
        failed: list[BaseException] = []
        self._thread = threading.Thread(target=self._serve, args=(started, failed), name="localhub", daemon=True)
        self._thread.start()
        started.wait()
        if failed:
            self._thread.join()
            raise failed[0]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._loop is not None and self._finished is not None and self._thread is not None:
            self._loop.call_soon_threadsafe(self._finished.set)
            self._thread.join()

    def _serve(self, started: threading.Event, failed: list[BaseException]) -> None:
        async def run() -> None:
            self._loop = asyncio.get_running_loop()
            self._finished = asyncio.Event()
            try:
                await self.start()
            except BaseException as wrong:  # noqa: BLE001  (it is raised again in the thread that entered)
                failed.append(wrong)
                return
            finally:
                started.set()
            await self._finished.wait()
            await self.stop()

        asyncio.run(run())
