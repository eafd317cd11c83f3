"""Which hosts get small segments, and the proof that they need them. What a black hole is, net/black_hole.py decides.

A suspicious connection is given up, but its kernel side is kept for a while: it goes on trying in large segments, and
so tells whether those still fail when small ones pass.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import threading
from contextlib import suppress
from dataclasses import dataclass, replace

from hfpush.findings import Finding
from hfpush.net.acked import Handle, counts_of
from hfpush.net.black_hole import SMALL_SEGMENT, Evidence, LineCut, black_hole, cut_finding, proven
from hfpush.net.counts import Counts

_PROBE_SECONDS = 2.0
_ASK_SECONDS = 2.0


@dataclass
class _Trial:
    """Small segments on trial at one peer: the connection that failed before, which still tries in large ones."""

    evidence: Evidence
    control: int  # a file number of ours
    address: str
    before: Counts | None = None
    passed: int = 0  # bytes that one connection in small segments has got through


class Segments:
    """Small segments for the peers that need them. Safe to use from several threads; `close` it at the end.

    A peer is where connections go: a host and port, or a proxy's.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._small: set[str] = set()
        self._trials: dict[str, _Trial] = {}
        self._proven: set[str] = set()

    def close(self) -> None:
        """Let the kernel forget the connections that were kept for a proof."""
        with self._lock:
            for trial in self._trials.values():
                os.close(trial.control)
            self._trials.clear()

    def options(self, peer: str) -> list[tuple[int, int, int]]:
        """Options for a socket to that peer, to be set before it connects."""
        with self._lock:
            small = peer in self._small
        return [(socket.IPPROTO_TCP, socket.TCP_MAXSEG, SMALL_SEGMENT)] if small else []

    def is_small(self, peer: str) -> bool:
        """Whether new connections to the peer get small segments."""
        with self._lock:
            return peer in self._small

    def try_small(self, peer: str) -> None:
        """Small segments for the next connection to the peer, without a claim: its TLS handshake did not end."""
        with self._lock:
            self._small.add(peer)

    def reason(self, peer: str, handle: Handle, small: bool, evidence: Evidence) -> LineCut | None:
        """Why a suspicious connection is to be ended (`shut` does it), so that the next goes in small segments; None to
        leave it alone.

        One that had small segments is ended for good, when new connections to its peer come about all the same.
        """
        with suppress(OSError):
            copy = socket.socket(fileno=os.dup(handle.number))
            with copy:
                if not handle.alive:
                    return None
                address = str(copy.getpeername()[0])
                if not small:
                    self._begin_trial(peer, copy.fileno(), evidence, address)
                    return LineCut(cut_finding(evidence), final=False)
                if peer not in self._proven and _comes_about(copy):
                    return LineCut(self._failed(peer, evidence, address), final=True)
        return None

    def _begin_trial(self, peer: str, number: int, evidence: Evidence, address: str) -> None:
        with self._lock:
            self._small.add(peer)
            if peer not in self._trials and peer not in self._proven:
                self._trials[peer] = _Trial(evidence, os.dup(number), address)

    def _failed(self, peer: str, evidence: Evidence, address: str) -> Finding:
        with self._lock:
            trial = self._trials.get(peer)
        first = trial.evidence if trial is not None else evidence
        return black_hole(first, evidence, _interfaces(address))

    def passed(self, peer: str, acked: int) -> None:
        """A connection to the peer in small segments has had so many bytes acknowledged."""
        with self._lock:
            trial = self._trials.get(peer)
            if trial is None or acked <= trial.evidence.counts.acked:
                return
            trial.passed = max(trial.passed, acked)
            control = counts_of(trial.control)
            if control is not None and trial.before is None:
                trial.before = replace(control, acked=trial.evidence.counts.acked)

    @property
    def on_trial(self) -> bool:
        """Whether small segments pass at a peer, and it is not known yet whether large ones do."""
        with self._lock:
            return any(trial.before is not None for trial in self._trials.values())

    def settled(self) -> list[Finding]:
        """The notes for peers where it has just been proven. Where large segments pass as well, new connections get
        them again."""
        proof: list[_Trial] = []
        with self._lock:
            for peer, trial in list(self._trials.items()):
                control = counts_of(trial.control)
                before = trial.before
                verdict = before and (False if control is None else proven(trial.passed, before, control))
                if verdict is None:
                    continue
                del self._trials[peer]
                os.close(trial.control)
                if verdict:
                    self._proven.add(peer)
                    proof.append(trial)
                else:
                    self._small.discard(peer)
        return [black_hole(trial.evidence, None, _interfaces(trial.address)) for trial in proof]


def shut(handle: Handle) -> None:
    """End a connection under whoever uses it, who meets an error at once. The kernel goes on with what it has."""
    with suppress(OSError), socket.socket(fileno=os.dup(handle.number)) as copy:
        if handle.alive:
            socket.socket.shutdown(copy, socket.SHUT_RDWR)


def _comes_about(connection: socket.socket) -> bool:
    """Whether a new connection to the same address comes about just now."""
    probe = socket.socket(connection.family, socket.SOCK_STREAM)
    try:
        probe.settimeout(_PROBE_SECONDS)
        probe.connect(connection.getpeername())
    except OSError:
        return False
    finally:
        probe.close()
    return True


def _interfaces(address: str) -> tuple[str, ...]:
    """The network interface on the way to an address, as the system says; nothing where it does not."""
    program = shutil.which("ip")
    if program is None:
        return ()
    try:
        done = subprocess.run(
            [program, "route", "get", address],
            capture_output=True,
            text=True,
            timeout=_ASK_SECONDS,
            stdin=subprocess.DEVNULL,
            env={"LC_ALL": "C"},  # nothing of ours, and no token
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ()
    words = done.stdout.split()
    return (words[words.index("dev") + 1],) if "dev" in words[:-1] else ()
