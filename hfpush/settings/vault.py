"""Where the secrets of endpoints are kept: the desktop's keyring where there is one, else a file of the user's alone.

A secret belongs to an address, not to a name: whoever changes an endpoint's URL in a file does not send its token
somewhere else. The only import of keyring, which need not be installed.
"""

from __future__ import annotations

import json
import os
import queue
import shlex
import stat
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from hfpush.disk.atomic import replace_with
from hfpush.disk.trouble import disk_trouble
from hfpush.endpoints.book import Keeper
from hfpush.errors import LocalTrouble

FILE = "endpoint-secrets.json"
_SERVICE = "hfpush endpoint"
_VERSION = 1


class Vault:
    """The secrets in the keyring and in `folder`, by address. A keyring has so many seconds to answer: for a password
    to be typed, but not for ever."""

    def __init__(self, folder: Path, *, keyring_seconds: float = 60.0) -> None:
        self._file = folder / FILE
        self._seconds = keyring_seconds

    def put(self, address: str, secret: str) -> Keeper:
        """Keep a secret; where it is kept now. Raises LocalTrouble."""
        try:
            kept = self._asked(lambda keyring: keyring.set_password(_SERVICE, address, secret))
        except Exception:  # noqa: BLE001  # locked, forbidden, gone: each backend has errors of its own; the file serves
            kept = None
        if kept is not None:
            self._change(address, None)
            return "keyring"
        self._change(address, secret)
        return "file"

    def get(self, address: str, keeper: Keeper) -> str:
        """A secret that is kept. Raises LocalTrouble (`endpoint-secret-missing`, `endpoint-secret-open`)."""
        if keeper == "keyring":
            try:
                answer = self._asked(lambda keyring: keyring.get_password(_SERVICE, address))
            except TimeoutError as error:
                raise _missing(
                    address, f"the keyring did not answer within {self._seconds:g} s; is it locked?"
                ) from error
            except Exception as error:  # each backend has errors of its own
                raise _missing(address, f"the keyring: {type(error).__name__}") from error
            if answer is None:
                raise _missing(address, "there is no keyring in this session")
            if not answer[0]:
                raise _missing(address, "the keyring has none for this address")
            return str(answer[0])
        found = self._read().get(address)
        if found is None:
            raise _missing(address, f"{self._file} has none for this address")
        return found

    def forget(self, address: str, keeper: Keeper) -> None:
        """Remove a secret; nothing happens where there is none. Raises LocalTrouble."""
        if keeper == "keyring":
            with suppress(Exception):  # a keyring that does not answer keeps it; the endpoint no longer asks for it
                self._asked(lambda keyring: keyring.delete_password(_SERVICE, address))
            return
        self._change(address, None)

    def _asked(self, ask: Callable[[Any], Any]) -> tuple[Any] | None:
        """The keyring's answer, None where there is no keyring. Raises what it raises, and TimeoutError when it has
        not answered in time: one that is locked may wait for somebody to type, and nobody may be there."""
        answers: queue.Queue[tuple[Any] | Exception | None] = queue.Queue()

        def work() -> None:
            try:
                keyring = _real_keyring()
                answers.put(None if keyring is None else (ask(keyring),))
            except Exception as error:  # noqa: BLE001  # raised again where it was asked
                answers.put(error)

        threading.Thread(target=work, name="keyring", daemon=True).start()
        try:
            answer = answers.get(timeout=self._seconds)
        except queue.Empty:
            raise TimeoutError("the keyring does not answer") from None
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _change(self, address: str, secret: str | None) -> None:
        secrets = self._read()
        if secrets.get(address) == secret:
            return
        secrets.pop(address, None)
        if secret is not None:
            secrets[address] = secret
        write_private(self._file, json.dumps({"version": _VERSION, "secrets": secrets}, indent=1) + "\n")

    def _read(self) -> dict[str, str]:
        try:
            with self._file.open("rb") as stream:
                mode = stat.S_IMODE(os.fstat(stream.fileno()).st_mode)
                content = stream.read()
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise disk_trouble(error, self._file) from error
        if mode & 0o077:
            raise LocalTrouble.of(
                "endpoint-secret-open",
                "The file with the tokens of endpoints can be read by other users of this machine.",
                seen=(f"{self._file} has the mode {mode:o}",),
                to_try=(
                    f"chmod 600 {shlex.quote(str(self._file))}",
                    "and replace the tokens, if others are on this machine",
                ),
            )
        try:
            data = json.loads(content)
            found = data["secrets"]
            if data["version"] == _VERSION and all(isinstance(value, str) for value in found.values()):
                return dict(found)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            pass
        raise LocalTrouble.of(
            "endpoint-secret-missing",
            "The file with the tokens of endpoints cannot be read.",
            seen=(f"{self._file} is not as hfpush writes it",),
            to_try=("move it away, and add the endpoints' tokens again: hfpush endpoint add NAME URL --token-stdin",),
        )


def write_private(path: Path, text: str) -> None:
    """Make `path` a file of the user's alone (0600) that says `text`, or leave it as it was. Raises LocalTrouble."""

    def make(aside: Path) -> None:
        descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())

    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        replace_with(path, path.parent, make)
    except OSError as error:
        raise disk_trouble(error, path) from error


def _missing(address: str, why: str) -> LocalTrouble:
    return LocalTrouble.of(
        "endpoint-secret-missing",
        f"The token or password that was saved for {address} is not there.",
        seen=(why,),
        to_try=("add it again: hfpush endpoint add NAME URL --token-stdin",),
    )


def _real_keyring() -> Any:
    """The keyring library, if it is installed and has a place that keeps secrets; else None."""
    try:
        import keyring
    except ImportError:
        return None
    try:
        backend = keyring.get_keyring()
        usable = backend.priority >= 1
    except Exception:  # noqa: BLE001  # a broken desktop session; the file serves
        return None
    kind = type(backend).__module__
    return keyring if usable and not kind.startswith(("keyring.backends.fail", "keyring.backends.null")) else None
