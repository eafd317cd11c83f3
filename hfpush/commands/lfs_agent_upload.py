"""The agent's way out: one object at a time, in parallel parts, journaled as by a publish.

Up to eight agents of a user send at once, each in a process of its own. Together they keep to one limit of requests:
each takes its share, and looks again all along how many there are.
"""

from __future__ import annotations

import time
from pathlib import Path

from hfpush.commands.lfs_agent_progress import AgentProgress, UploadProgress, Watch
from hfpush.commands.lfs_agent_server import AgentServer
from hfpush.disk.slots import Slots
from hfpush.errors import LocalTrouble
from hfpush.lfs.agent import Transfer
from hfpush.lfs.batch import lease_of
from hfpush.net.retry import RetryPolicy
from hfpush.transfer.engine import Engine
from hfpush.transfer.happened import Leased
from hfpush.transfer.journal import JournalStore
from hfpush.transfer.lfs_api import LfsApi
from hfpush.transfer.source import Source
from hfpush.transfer.upload import UploadObject


class AgentUpload:
    """Sends objects to one server. `agents` is how many agents git-lfs may start; it counts where they cannot see each
    other."""

    def __init__(self, server: AgentServer, agents: int, watch: Watch) -> None:
        branch = server.place.ref.removeprefix("refs/heads/")
        self._settings = server.settings
        self._api = LfsApi(server.http, server.repo, branch, otherwise=server.otherwise)
        self._journals = JournalStore(self._settings.state_dir)
        self._slots = Slots(self._settings.state_dir / "agents")
        self._agents = agents
        self._watch = watch
        self._journals.prune()

    def carry(self, transfer: Transfer, progress: AgentProgress) -> None:
        """Bring the object to the server, or go on where somebody stopped. Raises HfpushError."""
        pointer = transfer.pointer
        source = _source(transfer)
        offer = Leased(lease_of(transfer.action, pointer, now=time.time()), time.time())
        with self._journals.hold(self._api.scope, pointer) as another, self._slots.taken():
            # Another process has sent it, or some of it, and the offer may be of an upload that is over.
            wanted = UploadObject(pointer, source, None if another else offer)
            policy = RetryPolicy(attempts=self._settings.attempts)
            observer = UploadProgress(progress, self._watch)
            Engine(self._api, self._journals, jobs=self.share, policy=policy, observer=observer).run([wanted])

    def share(self) -> int:
        """How many requests this agent may have under way now: its part of the user's limit, and at least one."""
        return max(1, self._settings.jobs // (self._slots.count() or self._agents))


def _source(transfer: Transfer) -> Source:
    path = Path(transfer.path or "")
    name = f"object {transfer.pointer.oid[:12]}"
    try:
        found = path.stat()
    except OSError as error:
        raise LocalTrouble.of(
            "file-unreadable",
            f"{name} cannot be read.",
            seen=(f"{path}: {error.strerror or error}",),
            to_try=("git lfs fsck --objects, which looks at all of them",),
        ) from error
    return Source(path, transfer.pointer.size, found.st_mtime_ns, name)
