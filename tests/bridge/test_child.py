from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from hfpush.bridge.child import held_signals, run_child
from hfpush.errors import LocalTrouble

ENV = {"PATH": os.environ["PATH"]}
# Runs a command as we do, says its exit code, and then whether a signal still waits for the process.
RUNNER = """
import os, sys
from hfpush.bridge.child import held_signals, run_child
with held_signals() as held:
    code = run_child(sys.argv[1:], os.environ, held)
print("ended", code, flush=True)
"""
# A command that says which signal it got.
LISTENER = """
import os, signal, sys
def got(number, frame):
    os.write(1, signal.Signals(number).name.encode() + b"\\n")  # print may be interrupted by the next one, in itself
    sys.exit(7)
for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1"):
    signal.signal(getattr(signal, name), got)
os.write(1, b"ready\\n")
signal.pause()
"""


@pytest.mark.parametrize(
    ("script", "code"), [("exit 0", 0), ("exit 7", 7), ("exit 255", 255), ("kill -9 $$", 137), ("kill -TERM $$", 143)]
)
def test_the_exit_code_is_the_command_s(script: str, code: int) -> None:
    with held_signals() as held:
        assert run_child(["sh", "-c", script], ENV, held) == code


def test_it_runs_in_another_thread_as_well() -> None:
    codes = []

    def run() -> None:
        with held_signals() as held:
            assert not held
            codes.append(run_child(["sh", "-c", "exit 3"], ENV, held))

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert codes == [3]


def test_a_command_that_is_not_there_has_a_shell_s_exit_code(tmp_path: Path) -> None:
    script = tmp_path / "script"
    script.write_text("#!/nowhere/interpreter\n")
    script.chmod(0o755)
    for command in ("no-such-command", str(tmp_path / "nothing"), str(script)):
        with pytest.raises(LocalTrouble) as caught:
            run_child([command], ENV, frozenset())
        assert (caught.value.finding.reference, caught.value.exit_code) == ("command-missing", 127)


def test_a_command_that_cannot_be_started_has_a_shell_s_exit_code(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("x")
    for command in (str(tmp_path / "text"), str(tmp_path), "a\0b"):
        with pytest.raises(LocalTrouble) as caught:
            run_child([command], ENV, frozenset())
        assert (caught.value.finding.reference, caught.value.exit_code) == ("command-unusable", 126)


def test_the_command_has_the_signals_as_it_would_have_without_us() -> None:
    script = "import signal; print(signal.pthread_sigmask(0, ()), signal.getsignal(signal.SIGINT).__name__)"
    shown = subprocess.run(
        [sys.executable, "-c", RUNNER, sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    assert shown.stdout == "set() default_int_handler\nended 0\n"
    pipe = ["sh", "-c", "grep SigIgn /proc/self/status"]
    ignored = subprocess.run([sys.executable, "-c", RUNNER, *pipe], capture_output=True, text=True, timeout=30)
    if ignored.stdout.startswith("SigIgn"):
        assert int(ignored.stdout.split()[1], 16) & (1 << (signal.SIGPIPE - 1)) == 0


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1"])
def test_a_signal_that_is_sent_to_us_is_handed_on(name: str) -> None:
    with _started(LISTENER) as process:
        assert process.stdout.readline() == "ready\n"
        process.send_signal(getattr(signal, name))
        assert process.communicate(timeout=30)[0] == f"{name}\nended 7\n"
        assert process.returncode == 0


def test_what_was_ignored_stays_ignored() -> None:
    script = "import signal; print(signal.getsignal(signal.SIGHUP) == signal.SIG_IGN)"
    words = ["sh", "-c", 'trap "" HUP; exec "$@"', "sh", sys.executable, "-c", RUNNER, sys.executable, "-c", script]
    done = subprocess.run(words, capture_output=True, text=True, check=True, timeout=30)
    assert done.stdout == "True\nended 0\n"


def test_a_terminal_s_interrupt_reaches_the_command_once() -> None:
    counts = """
import os, signal, time
seen = []
signal.signal(signal.SIGINT, lambda number, frame: seen.append(number))
print("ready", flush=True)
signal.sigtimedwait({signal.SIGUSR2}, 0.0)
while not seen:
    signal.pause()
time.sleep(0.2)  # a second one would have to come within that
print("seen", len(seen), flush=True)
"""
    main, other = os.openpty()
    words = [sys.executable, "-c", RUNNER, sys.executable, "-c", counts]
    process = subprocess.Popen(words, stdin=other, stdout=other, stderr=other, preexec_fn=lambda: _terminal(other))
    os.close(other)
    try:
        text = _until(main, "ready")
        os.write(main, b"\x03")
        text += _until(main, "ended")
        assert process.wait(30) == 0
        assert "seen 1" in text
        assert "Traceback" not in text
    finally:
        process.kill()
        process.wait(30)
        os.close(main)


def _terminal(number: int) -> None:
    import fcntl
    import termios

    os.setsid()
    fcntl.ioctl(number, termios.TIOCSCTTY, 0)


def _until(terminal: int, word: str) -> str:
    text = ""
    while word not in text:
        text += os.read(terminal, 1000).decode()
    return text


def _started(script: str) -> subprocess.Popen[str]:
    words = [sys.executable, "-c", RUNNER, sys.executable, "-c", script]
    return subprocess.Popen(words, stdout=subprocess.PIPE, text=True)


def test_where_signals_have_no_sender_a_terminals_are_told_by_their_number() -> None:
    script = (
        "import os, signal; from hfpush.bridge.child import next_polled\n"
        "held = frozenset({signal.SIGINT, signal.SIGTERM}); signal.pthread_sigmask(signal.SIG_BLOCK, held)\n"
        "print(next_polled(held, 0.0))\n"
        "for one in sorted(held): os.kill(os.getpid(), one); print(next_polled(held, 9.0))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.split("\n") == ["None", f"({int(signal.SIGINT)}, 128)", f"({int(signal.SIGTERM)}, 0)", ""]
