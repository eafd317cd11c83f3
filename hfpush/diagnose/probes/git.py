"""Whether git itself gets to the Hub: `git ls-remote` with the user's own settings, and with its own TLS library.

What other probes ask, they ask with OpenSSL, and something on the way may treat another library's handshake in another
way. No credential helper is asked, no token is given and no header of the user's: that the Hub says no shows as well
that the way works.
"""

from __future__ import annotations

import io
import os
import re
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from urllib.parse import urlsplit

from hfpush.diagnose.facts.git import WITHOUT_ANSWER, GitAsked
from hfpush.diagnose.log.classify import read_log
from hfpush.diagnose.log.clean import clean
from hfpush.net.redact import place

MOST_TRIES = 3
"""So often is it asked where no answer comes: that may have been chance."""
_LEAST_SECONDS = 0.3
_MOST_SAID = 65536
_QUIET = (
    *("-c", "core.askPass=", "-c", "credential.helper=", "-c", "credential.interactive=false"),
    *("-c", "http.followRedirects=false"),  # where that leads is another way
)
# A repository of the caller's, what git would print or ask, and tokens: none of it is git's business here.
_LEFT_OUT = re.compile(
    r"GIT_(?:DIR|WORK_TREE|INDEX_FILE|COMMON_DIR|PREFIX|NAMESPACE|OBJECT_DIRECTORY|CURL_VERBOSE|ASKPASS)|GIT_TRACE\w*"
    r"|SSH_ASKPASS|(?:HF|HUGGING_FACE|HFPUSH)_\w*TOKEN\w*"
)
_OWN = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "",
    "SSH_ASKPASS": "",
    "GIT_CEILING_DIRECTORIES": "/",
    "GIT_ALLOW_PROTOCOL": "http:https",
    "LC_ALL": "C",
    "LANGUAGE": "C",
}


def ask_git(
    url: str, line: str, environment: Mapping[str, str], seconds: float, *, program: str = "git"
) -> GitAsked | None:
    """What git says of the repository at `url`, to which it goes by `line`; None where there is no git. Takes at most
    `seconds`, and then git is dead with all that it started."""
    began, asked = time.monotonic(), GitAsked(place(url), line)
    for tries in range(1, MOST_TRIES + 1):
        left = began + seconds - time.monotonic()
        if tries > 1 and left < _LEAST_SECONDS:
            break
        ended = _run(program, url, environment, left)
        if ended is None:
            return None
        asked = replace(judged(asked, *ended), tries=tries, seconds=time.monotonic() - began)
        if asked.outcome != "failed":
            break
    return asked


def judged(asked: GitAsked, code: int | None, said: str) -> GitAsked:
    """`asked`, with what one more run of git ended with: its exit code, None where it did not end, and its words."""
    if code is None:
        return replace(asked, outcome="late", failed=asked.failed + 1)
    if code == 0:
        return replace(asked, outcome="ok")
    host = urlsplit(asked.url).hostname or ""
    last = clean(next((line for line in reversed(said.splitlines()) if "fatal:" in line), said))
    understood = read_log(io.BytesIO(said.encode()), hub_hosts=(host,))
    known = next((one for one in understood if "fatal:" in one.text), next(iter(understood), None))
    if known is None or (known.plane != "proxy" and known.host not in ("", host)):
        return replace(asked, outcome="unknown", said=last)
    if known.reference not in WITHOUT_ANSWER:
        return replace(asked, outcome="answered", reference=known.reference, said=known.text)
    return replace(asked, outcome="failed", reference=known.reference, said=known.text, failed=asked.failed + 1)


def _run(program: str, url: str, environment: Mapping[str, str], seconds: float) -> tuple[int | None, str] | None:
    """git's exit code, None where it took longer, and what it said on stderr; None where it cannot be started."""
    env = {name: value for name, value in environment.items() if not _LEFT_OUT.fullmatch(name)} | _OWN
    # Of settings for URLs the longest counts. A header may hold a token, and so may what a URL is rewritten to, which
    # would stand in the command line of git's own child.
    bare = ("-c", f"http.{url}.extraHeader=", "-c", f"url.{url}.insteadOf={url}")
    with tempfile.TemporaryFile() as errors:
        try:
            process = subprocess.Popen(
                [program, *_QUIET, *bare, "ls-remote", url, "HEAD"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                cwd="/",
                env=env,
                start_new_session=True,
            )
        except OSError:
            return None
        with process:
            try:
                code: int | None = process.wait(max(0.1, seconds))
            except subprocess.TimeoutExpired:
                code = None
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
        errors.seek(0)
        return code, errors.read(_MOST_SAID).decode("utf-8", "replace")
