"""A benchmark that leaves nothing behind, however it ends: no server, no forwarder, no gigabytes in memory.

The work is done in a child, in a process group of its own. Whoever ends this process has the child end itself in order;
a child that was killed outright is swept up after.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import FrameType

_PDEATHSIG = 1


def supervised(work: Callable[[Path], None], parent: Path | None) -> None:
    """Call `work` with an empty folder below `parent`, which is gone afterwards. Exits with its code."""
    folder = Path(tempfile.mkdtemp(prefix="hfpush-bench-", dir=parent))
    us = os.getpid()
    child = os.fork()
    if child == 0:
        os._exit(_worked(work, folder, us))
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, lambda *_: os.kill(child, signal.SIGTERM))
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    with suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    shutil.rmtree(folder, ignore_errors=True)
    sys.exit(code if code >= 0 else 128 - code)


def _worked(work: Callable[[Path], None], folder: Path, parent: int) -> int:
    os.setpgrp()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _end)
    ctypes.CDLL(None).prctl(_PDEATHSIG, signal.SIGTERM)
    try:
        if os.getppid() == parent:
            work(folder)
        return 0
    except SystemExit as end:
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
        return end.code if isinstance(end.code, int) else 1
    except BaseException:  # noqa: BLE001  # what Python would do with it
        sys.excepthook(*sys.exc_info())
        return 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        sys.stdout.flush()


def _end(number: int, _: FrameType | None) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise SystemExit(128 + number)
