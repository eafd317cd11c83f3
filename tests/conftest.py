"""What every test stands on: a home of its own, and a loud word about tests that could not run.

Nothing of the user's surroundings reaches a test: no token, no proxy, no git configuration, no cache. The process has
such a home from before the first import (huggingface_hub reads its places then), and each test gets a fresh one.
What programs that a test starts, and kills, leave in their folder for temporary files goes with the home.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from support.tcp_door import closed_port

REQUIRE_PROGRAMS = "HFPUSH_REQUIRE_PROGRAMS"
_LACKS = "lacks program"
_PACKAGES = {"ip": "iproute2", "nft": "nftables", "nginx": "nginx-light", "tinyproxy": "tinyproxy-bin"}
"""Debian's, of programs whose package has another name."""
_FOREIGN_PREFIXES = ("GIT_", "GCM_", "HF_", "HFPUSH_", "HUGGING", "XDG_", "SSH_", "PYTEST_DEBUG")
_FOREIGN_NAMES = {
    *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "FTP_PROXY"),
    *("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE"),
    *("NETRC", "EDITOR", "VISUAL", "PAGER", "COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE"),
}
_GIT_CONFIG = """\
[init]
	defaultBranch = main
	templateDir =
[gc]
	auto = 0
[maintenance]
	auto = false
[core]
	fsync = none
[advice]
	defaultBranchName = false
"""

# Cores are shared with other workers: how long one example took says nothing.
hypothesis.settings.register_profile("hfpush", deadline=None)
hypothesis.settings.load_profile("hfpush")


def _is_foreign(name: str) -> bool:
    return name.startswith(_FOREIGN_PREFIXES) or name.upper() in _FOREIGN_NAMES


def _settle(home: Path, patch: pytest.MonkeyPatch, *, keep: tuple[str, ...] = ()) -> None:
    """Make `home` the only home that this process and its children know of."""
    for name in [name for name in os.environ if _is_foreign(name) and name not in keep]:
        patch.delenv(name)
    (home / ".gitconfig").write_text(_GIT_CONFIG)
    places = {
        "HOME": home,
        "XDG_CONFIG_HOME": home / ".config",
        "XDG_CACHE_HOME": home / ".cache",
        "XDG_DATA_HOME": home / ".local/share",
        "XDG_STATE_HOME": home / ".local/state",
        "HF_HOME": home / ".cache/huggingface",
        "GIT_CONFIG_GLOBAL": home / ".gitconfig",
    }
    plain = {
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_AUTHOR_NAME": "Ada Example",
        "GIT_AUTHOR_EMAIL": "ada@example.com",
        "GIT_COMMITTER_NAME": "Ada Example",
        "GIT_COMMITTER_EMAIL": "ada@example.com",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",  # nothing gets into a keyring of the user's
        "LC_ALL": "C.UTF-8",
    }
    for name, value in (*places.items(), *plain.items()):
        patch.setenv(name, str(value))


_process_home = pytest.StashKey[tuple[Path, pytest.MonkeyPatch]]()
_require_programs = pytest.StashKey[bool]()


def pytest_configure(config: pytest.Config) -> None:
    """Give the process its home, and note whether a missing program is a failure."""
    config.stash[_require_programs] = os.environ.get(REQUIRE_PROGRAMS, "") not in ("", "0")
    home, patch = Path(tempfile.mkdtemp(prefix="hfpush-tests-")), pytest.MonkeyPatch()
    _settle(home, patch, keep=(REQUIRE_PROGRAMS,))  # kept for the workers, which are children of this process
    config.stash[_process_home] = home, patch


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove the process's home."""
    home, patch = config.stash[_process_home]
    patch.undo()
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(autouse=True)
def home(pytestconfig: pytest.Config) -> Iterator[Path]:
    """A fresh home folder for this test, beside its tmp_path and not inside it."""
    place = Path(tempfile.mkdtemp(prefix="home-", dir=pytestconfig.stash[_process_home][0]))
    with pytest.MonkeyPatch.context() as patch:
        _settle(place, patch)
        (place / ".tmp").mkdir()
        patch.setenv("TMPDIR", str(place / ".tmp"))  # for children: this process has found its own long ago
        yield place
    shutil.rmtree(place, ignore_errors=True)


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """The way to everything that is not this machine is a proxy that is not there."""
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{closed_port()}")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test marked `needs("program")` where the program is missing; fail it where it was promised to be there."""
    for mark in item.iter_markers("needs"):
        for program in mark.args:
            if shutil.which(program) is not None:
                continue
            reason = f"needs {program}, which is not installed"
            if item.config.stash[_require_programs]:
                pytest.fail(f"{reason} ({REQUIRE_PROGRAMS} is set)", pytrace=False)
            item.user_properties.append((_LACKS, program))  # travels with the report, also from an xdist worker
            pytest.skip(reason)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say aloud, program by program, how many tests were not run for the lack of it."""
    lacking = Counter(
        value
        for report in terminalreporter.stats.get("skipped", [])
        for name, value in report.user_properties
        if name == _LACKS
    )
    for program, number in sorted(lacking.items()):
        tests = "1 test was" if number == 1 else f"{number} tests were"
        terminalreporter.write_line(
            f"{tests} not run: {program} is not installed (apt-get install {_PACKAGES.get(program, program)})",
            yellow=True,
            bold=True,
        )
