"""Runs fixes in processes that can be killed: a program, and the class that talks to it.

It loads all that a fix needs once, and forks for each one, so that a kill costs a moment and not a start of Python.
Each runs in a session of its own, which is killed as a whole. `at` names the step at which the process kills itself.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import traceback
from pathlib import Path
from types import TracebackType

JOBS = ("fix", "undo", "resume")


class Killable:
    """A context manager around the program."""

    def __enter__(self) -> Killable:
        words = [sys.executable, str(Path(__file__).resolve())]
        self._process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(60)

    def run(self, path: Path, job: str = "fix", *, at: str | None = None, after: float | None = None) -> int:
        """Run a job, and kill it `after` so many seconds if it takes that long. Its exit code, negative for a kill."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"path": str(path), "job": job, "at": at}).encode() + b"\n")
        self._process.stdin.flush()
        pid = int(self._process.stdout.readline())
        if after is not None:
            time.sleep(after)
            os.killpg(pid, signal.SIGKILL)
        self._process.stdin.write(b"\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


def _serve() -> None:
    while line := sys.stdin.buffer.readline():
        asked = json.loads(line)
        ready, told = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.setsid()
            os.write(told, b"x")
            _child(asked["path"], asked["job"], asked["at"])
        os.read(ready, 1)
        os.close(ready)
        os.close(told)
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()
        sys.stdin.buffer.readline()  # until then nobody waits for it, so that its id stays its own
        sys.stdout.write(f"{os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])}\n")
        sys.stdout.flush()


def _child(path: str, job: str, at: str | None) -> None:
    from support.mendable import Watch

    from hfpush.commands import fix
    from hfpush.commands.fix_report import FixRequest

    class Killing(Watch):
        def reached(self, step: str) -> None:
            if step == at:
                os.kill(os.getpid(), signal.SIGKILL)

    try:
        if job == "fix":
            fix.fix(FixRequest(Path(path)), Killing())
        else:
            getattr(fix, job)(Path(path), Killing())
    except BaseException:  # noqa: BLE001  # nothing may reach the loop of the parent
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    import support.mendable

    import hfpush.commands.fix

    assert support.mendable.Watch
    assert hfpush.commands.fix.fix
    _serve()
