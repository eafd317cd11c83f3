"""git-lfs's transfer agent `multipart`: answers git-lfs object by object, whatever happens.

git-lfs starts several at once, for a push with one small object as well, so what an object needs is imported when
there is one. An error is an answer: an agent that ends without one makes git-lfs say `EOF`, and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hfpush.errors import HfpushError
from hfpush.findings import Finding
from hfpush.lfs.agent import Init, Message, Terminate, Transfer, complete, failed, progress, ready, refusal
from hfpush.net.redact import redact

if TYPE_CHECKING:
    from hfpush.commands.lfs_agent_download import AgentDownload
    from hfpush.commands.lfs_agent_server import AgentServer
    from hfpush.commands.lfs_agent_upload import AgentUpload
    from hfpush.net.network import Network

_NOT_BEGUN = 32
_BUG = 3


@dataclass(frozen=True)
class AgentStart:
    """How the agent was started: in `directory`, with `environment`. `send` takes a line for git-lfs, `note` a line
    for whoever follows git-lfs's trace, `bug` makes a finding of an error that is a mistake of ours."""

    directory: Path
    environment: Mapping[str, str]
    send: Callable[[bytes], None]
    note: Callable[[str], None]
    bug: Callable[[Exception], Finding]


class Agent:
    """One agent, from `init` to `terminate`. Raises nothing but what `send` raises."""

    def __init__(self, start: AgentStart) -> None:
        self._start = start
        self._init: Init | None = None
        self._upload: AgentUpload | None = None
        self._download: AgentDownload | None = None
        self._open = ExitStack()

    def answer(self, message: Message) -> bool:
        """Answer one message of git-lfs; whether more may come."""
        if isinstance(message, Terminate):
            self._open.close()
            return False
        if isinstance(message, Init):
            self._init = message
            self._start.send(ready())
            return True
        if self._init is None:
            self._start.send(refusal(_NOT_BEGUN, "hfpush: git-lfs asks for an object before it has begun"))
            return False
        self._start.send(self._transferred(message))
        return True

    def _transferred(self, transfer: Transfer) -> bytes:
        """Carry one object; what git-lfs is told at its end."""
        oid = transfer.pointer.oid
        try:
            return complete(oid, self._carried(transfer))
        except HfpushError as error:
            return failed(oid, error.status or error.exit_code, told(error.finding))
        except Exception as error:  # noqa: BLE001  # the last stop: git-lfs must be told, and the next object may fare better
            return failed(oid, _BUG, told(self._start.bug(error)))

    def _carried(self, transfer: Transfer) -> str | None:
        """Carry one object; where a received one lies."""
        from hfpush.commands.lfs_agent_progress import AgentProgress

        def report(so_far: int, since: int) -> None:
            self._start.send(progress(transfer.pointer.oid, so_far, since))

        moving = AgentProgress(transfer.pointer.size, report)
        moving.begin()
        if transfer.direction == "upload":
            self._uploading().carry(transfer, moving)
            return None
        received = self._downloading().carry(transfer, moving)
        moving.finish()
        return str(received)

    def _uploading(self) -> AgentUpload:
        from hfpush.commands.lfs_agent_upload import AgentUpload

        if self._upload is None:
            assert self._init is not None
            self._upload = AgentUpload(self._server(self._init), self._init.agents, self)
        return self._upload

    def _downloading(self) -> AgentDownload:
        from hfpush.commands.lfs_agent_download import AgentDownload

        if self._download is None:
            assert self._init is not None
            self._download = AgentDownload(self._server(self._init), self._init.agents, self)
        return self._download

    def _server(self, init: Init) -> AgentServer:
        from hfpush.commands.lfs_agent_server import agent_server
        from hfpush.net.watchdog import watched

        def watch(network: Network) -> Network:
            for note in network.notes:
                self._start.note(told(note))
            return self._open.enter_context(watched(network, lambda item: self.news(item.text)))

        return agent_server(init, self._start.directory, self._start.environment, watch)

    def waits(self, seconds: float, why: Finding) -> None:
        """As Watch says."""
        self._start.note(f"trying again in {seconds:.1f} s: {told(why)}")

    def news(self, text: str) -> None:
        """As Watch says."""
        self._start.note(redact(f"hfpush: {text}"))


def told(found: Finding) -> str:
    """A finding as one line, for git-lfs to print; no secret is in it."""
    seen = f" Seen: {found.evidence[0]}." if found.evidence else ""
    to_try = f" Try: {found.remedy[0]}." if found.remedy else ""
    text = f"{found.message}{seen}{to_try} ({found.reference})"
    return " ".join(redact(f"hfpush: {text}").split())[:2000]
