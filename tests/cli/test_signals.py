"""Signals that ask a command to end raise in it, once, and leave no trace."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading

import pytest

from hfpush.cli.signals import Signalled, signals_raised


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_that_asks_to_end_is_raised(number: signal.Signals) -> None:
    with pytest.raises(Signalled) as caught, signals_raised():
        signal.raise_signal(number)
    assert caught.value.number == number
    assert signal.getsignal(number) is signal.SIG_DFL


def test_whoever_ends_at_ctrl_c_ends_at_them_too() -> None:
    assert issubclass(Signalled, KeyboardInterrupt)


def test_what_was_ignored_stays_ignored_as_under_nohup() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with signals_raised():
            signal.raise_signal(signal.SIGHUP)
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_second_signal_does_not_disturb_the_end() -> None:
    ended = []

    def body() -> None:
        try:
            signal.raise_signal(signal.SIGTERM)
        finally:
            signal.raise_signal(signal.SIGTERM)
            signal.raise_signal(signal.SIGHUP)
            ended.append(True)

    with pytest.raises(Signalled), signals_raised():
        body()
    assert ended


def test_in_another_thread_it_changes_nothing() -> None:
    seen = []

    def body() -> None:
        with signals_raised():
            seen.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=body)
    thread.start()
    thread.join(10)
    assert seen == [signal.SIG_DFL]


def test_a_second_ctrl_c_ends_the_process_at_once() -> None:
    script = (
        "import signal\n"
        "from hfpush.cli.signals import signals_raised\n"
        "with signals_raised():\n"
        "    try:\n"
        "        signal.raise_signal(signal.SIGINT)\n"
        "    except KeyboardInterrupt:\n"
        "        print('first', flush=True)\n"
        "        try:\n"
        "            signal.raise_signal(signal.SIGINT)\n"
        "        finally:\n"
        "            print('tidying', flush=True)\n"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (130, "first\n", "")


def test_ctrl_c_is_as_it_was_behind_the_block() -> None:
    with pytest.raises(KeyboardInterrupt), signals_raised():
        signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
