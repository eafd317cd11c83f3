"""What earlier lines of a log say about a later one: whom it speaks to, how far that had come. Reads, decides nothing.

Traces tell hosts and handshakes; plain output tells progress, and whether a push arrived in the end.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace

from hfpush.diagnose.facts.log import LogLine, Plane
from hfpush.diagnose.log.clean import clean

HUBS = ("huggingface.co", "hf.co")
_PROGRESS = re.compile(
    r"^(?:.*\bremote: )?(?P<what>(?:Uploading|Downloading) LFS objects|Writing objects): +(?P<part>\d+)% "
)
_URL = re.compile(r"(?i)\bhttps?://(?:[^/\s@\"'<>]{0,300}@)?(\[[0-9a-f:]+\]|[a-z0-9._-]+)")
_GO_URL = re.compile(r"%!!\(string=([\w-]+(?:\.[\w-]+)+)\)")
_POOL = re.compile(r"host='([\w.-]+)'")
_TO_HOST = re.compile(
    r"(?i)\b(?:connected to|connection to|host:|connect to(?: host)?) "
    r"([a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})*\.[a-z-]{2,63})\b"
)
_SPEAKS = re.compile(
    r"trace git-lfs: HTTP: (?:GET|PUT|POST) |^> host: |send header: host: |\bconnected to |unable to access"
    r"|thrown while requesting|^To https://|git config lfs\.https|git remote-https ",
    re.IGNORECASE,
)
_SENT = re.compile(r"trace git-lfs: HTTP: (?:POST|PUT|GET) (\S+)")
_STORE = re.compile(r"(?i)\bput\b|s3|amazonaws|cdn-lfs|storage|cloudfront")
_XET = re.compile(r"(?i)^(?:cas|transfer)[\w.-]*\.|xethub")
_ARRIVED = re.compile(r"^ *[*+=]? *(?:\[new (?:branch|tag)\]|[0-9a-f]{7,}\.\.\.?[0-9a-f]{7,}) +\S+ -> \S+")
_FAILED_CONNECT = re.compile(r"connect to \S+ port \d+(?: from \S+ port \d+)? failed: (.*)")
_WHO = (
    ("git-lfs", re.compile(r"git-lfs|\bLFS:|batch response|\"https?://[^\"]*\": |\btcp ")),
    ("hf_xet", re.compile(r"(?i)\bxet|\"level\":|reqwest")),
    ("curl", re.compile(r"\bcurl: \(\d+\)")),
    ("git", re.compile(r"^(?:fatal|error|remote|warning):|http\.c:\d+|gnutls|RPC failed")),
    (
        "huggingface_hub",
        re.compile(r"\b(?:requests|urllib3|httpx2?|httpcore2?|huggingface_hub|ssl)\.|Pool\(|\[Errno|Error: |Error\("),
    ),
)


class Context:
    """Lines go in in their order; the questions are about the last one, or what came up to it."""

    def __init__(self, hub_hosts: Collection[str]) -> None:
        self._hubs = frozenset(name.lower() for name in (*hub_hosts, *HUBS))
        self._host, self._sent, self._answered = "", "", True
        self._secured, self._pushed = False, False
        self._refused, self._agent = "", False
        self._progress: tuple[int, str] | None = None
        self._number = 0

    def passes(self, raw: str) -> bool:
        """Whether the line is a step of a progress display, which is remembered."""
        self._number += 1
        found = _PROGRESS.match(raw) if "%" in raw else None
        if found is not None:
            done = found["part"] == "100" or raw.endswith("done.")
            self._progress = None if done else (self._number, raw)
            return True
        return False

    def note(self, raw: str, small: str) -> None:
        """Remember what the line tells about later ones."""
        if "connected to " in small or " trying " in small or "* hostname " in small:
            self._secured = False
        elif "ssl connection using" in small or ("certificate verification" in small and " ok" in small):
            self._secured = True
        if "trace git-lfs: HTTP: " in raw and (sent := _SENT.search(raw)) is not None:
            self._sent, self._answered, self._secured = sent[1], False, False
        elif "trace git-lfs: HTTP: " in raw or small.startswith("< http/"):
            self._answered = True
        if "connect to " in small and (failed := _FAILED_CONNECT.search(raw)) is not None:
            self._refused = failed[1].lower()
        if "xfer: starting up custom transfer process" in small:
            self._agent = True
        if small.startswith("to ") or " to https://" in small[:40]:
            self._pushed = True
        if (
            ("http" in small or "host: " in small or "onnected to " in small)
            and _SPEAKS.search(raw)
            and (host := host_in(raw))
        ):
            self._host = host

    def went_well(self, raw: str) -> bool:
        """Whether the line says that a push arrived."""
        return self._pushed and _ARRIVED.match(raw) is not None

    def host_of(self, text: str) -> str:
        """Whom a line speaks of, or else the last one that was spoken of."""
        return host_in(text) or self._host

    def plane_of(self, host: str, text: str) -> Plane:
        """What that host is for."""
        if not host:
            return ""
        if host in self._hubs:
            return "hub"
        if _XET.search(host):
            return "xet"
        if _STORE.search(text):
            return "storage"
        return "hub" if "/info/lfs/" in text or "unable to access" in text else ""

    def client_of(self, text: str) -> str:
        """Who wrote a line, by its manner."""
        return next((name for name, pattern in _WHO if pattern.search(text)), "")

    def sharper(self, line: LogLine) -> LogLine:
        """The line, with what earlier ones tell more exactly than it does."""
        if line.reference == "tls-reset" and self._secured:
            return replace(line, reference="connection-cut")
        if line.reference == "connection-cut" and self._agent and line.text.startswith("EOF"):
            return replace(line, reference="lfs-agent-died")
        if "couldn't connect to server" not in line.text.lower() or not self._refused:
            return line
        if "refused" in self._refused:
            return replace(line, reference="connection-refused")
        if "unreachable" in self._refused or "no route" in self._refused:
            return replace(line, reference="host-unreachable")
        return replace(line, reference="connect-timeout")

    def stuck(self) -> LogLine | None:
        """The line at which the log ends in the middle of a transfer, None where it does not."""
        unanswered = self._sent if not self._answered else ""
        if self._progress is None or (self._progress[0] < self._number and not unanswered):
            return None
        host = clean(host_in(unanswered))
        found = _PROGRESS.match(self._progress[1])
        part = found["part"] if found is not None else "0"
        return LogLine(
            "stalled",
            clean(self._progress[1]),
            client="git" if "Writing" in self._progress[1] else "git-lfs",
            host=host,
            plane=self.plane_of(host, unanswered),
            detail=f"{part} %",
        )


def host_in(text: str) -> str:
    """The host that a line names, empty where it names none."""
    for pattern in (_URL, _GO_URL, _POOL, _TO_HOST):
        if (found := pattern.search(text)) is not None:
            return found[1].lower().strip(".")
    return ""
