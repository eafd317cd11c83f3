"""Logs of pushes and downloads that failed: doctor is given them, and asks nobody.

Most are real ones of git, git-lfs and `hf` (tests/diagnose/log/real); some need something of the machine beside them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from support.ailing import Ailment, Room, Told
from support.command_line import git, make_repo
from support.said_by_clients import POST

REAL = Path(__file__).parents[2] / "diagnose/log/real"
FAKE = POST + "dial tcp 224.0.0.1:443: connect: network is unreachable\n"
TOKEN = "hf_" + "Z" * 34


def real(name: str, **environment: str) -> Callable[[Room], Told]:
    """One of the real logs, read in an empty folder."""
    return lambda room: read(room, (REAL / f"{name}.log").read_bytes(), environment)


def said(text: str, **environment: str) -> Callable[[Room], Told]:
    """A log of these words."""
    return lambda room: read(room, text.encode(), environment)


def read(room: Room, log: bytes, environment: Mapping[str, str], *arguments: str) -> Told:
    """Doctor is asked about a log, and nobody else."""
    path = room.place / "push.log"
    path.write_bytes(log)
    clean = dict.fromkeys(("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"), "")
    return Told(environment={**clean, **environment}, arguments=("--offline", "--log", str(path), *arguments))


def with_agent(path: str) -> Callable[[Room], Told]:
    """An end of file, in a repository whose large files an agent would send."""

    def stage(room: Room) -> Told:
        repo = make_repo(room.place / "repo", {}, {"README.md": b"# A model\n"})
        git(repo, "remote", "add", "origin", "https://hf.test/local/model")
        git(repo, "config", "lfs.customtransfer.multipart.path", path)
        git(repo, "config", "lfs.customtransfer.multipart.args", "lfs-multipart-upload")
        told = read(room, (REAL / "git-lfs-agent-missing.log").read_bytes(), {}, str(repo))
        return Told(environment=told.environment, arguments=told.arguments)

    return stage


ROWS: tuple[Ailment, ...] = (
    Ailment("log: the hub is a black hole to git", "connect-timeout", real("git-trace-hub-dropped"), quick=True),
    Ailment("log: the hub is a black hole to git-lfs", "connect-timeout", real("git-lfs-trace-hub-dropped")),
    Ailment("log: the storage is a black hole to git-lfs", "connect-timeout", real("git-lfs-trace-storage-dropped")),
    Ailment(
        "log: git-lfs with ALL_PROXY alone",
        "all-proxy-ignored",
        real("git-lfs-trace-hub-dropped", ALL_PROXY="socks5h://127.0.0.1:9"),
        quick=True,
    ),
    Ailment("log: the handshake is reset", "tls-reset", real("git-hub-reset"), rare=True),
    Ailment("log: git before a proxy that wants a login", "proxy-login", real("git-trace-proxy-login"), rare=True),
    Ailment("log: git before a proxy that is gone", "proxy-failed", real("git-trace-proxy-gone"), rare=True),
    Ailment("log: git-lfs with SOCKS 4a", "proxy-scheme-unsupported", real("git-lfs-socks4a"), rare=True),
    Ailment(
        "log: git-lfs under proxychains with libc's names",
        "wrapper-bypassed",
        said(FAKE),
        rare=True,
    ),
    Ailment("log: large packets to the storage vanish", "stalled", real("git-lfs-large-packets-vanish"), rare=True),
    Ailment("log: the token is refused", "token-refused", real("git-token-refused"), rare=True),
    Ailment("log: the batch asks for patience", "rate-limited", real("git-lfs-batch-429"), rare=True),
    Ailment("log: git-lfs crashes", "git-lfs-panics", real("git-lfs-storage-429")),
    Ailment("log: git-lfs's own log of a 503", "hub-unavailable", real("git-lfs-log-batch-503"), rare=True),
    Ailment("log: a body that is too large", "request-too-large", real("git-lfs-storage-413"), rare=True),
    Ailment("log: a signed URL is refused", "lease-refused", real("git-lfs-trace-storage-403"), rare=True),
    Ailment(
        "log: an end of file, and an agent that is gone", "lfs-agent-missing", with_agent("/nowhere/hf"), rare=True
    ),
    Ailment("log: an end of file, and an agent that is there", "lfs-agent-died", with_agent("/bin/true")),
    Ailment("log: an end of file, and no agent", "connection-cut", real("git-lfs-agent-missing"), rare=True),
    Ailment("log: hf with SOCKS", "socks-support-missing", real("hf-socks")),
    Ailment("log: hf before a hub that is a black hole", "connect-timeout", real("hf-hub-dropped")),
    Ailment("log: hf 0.36 before a private authority", "tls-untrusted", real("hf-old-private-authority"), rare=True),
    Ailment("log: hf 0.36 and a commit that takes too long", "commit-timeout", real("hf-old-commit-504")),
    Ailment("log: hf 0.36 without names", "dns-failing", real("hf-old-no-names"), rare=True),
    Ailment(
        "log: the Hub's hook refuses a large file",
        "large-file-in-git",
        said("remote: Your push was rejected because it contains files larger than 10 MiB.\nEverything up-to-date\n"),
        rare=True,
    ),
    Ailment(
        "log: a push that ends at a gateway",
        "push-timeout",
        said(
            "error: RPC failed; HTTP 504 curl 22 The requested URL returned error: 504\nsend-pack: unexpected "
            "disconnect while reading sideband packet\nfatal: the remote end hung up unexpectedly\nEverything "
            "up-to-date\n"
        ),
    ),
    Ailment("log: a key that nobody knows", "ssh-key-refused", said("git@hf.co: Permission denied (publickey).\n")),
    Ailment(
        "log: a token in the remote's URL",
        "token-in-remote",
        said(f"  $ git config lfs.https://me:{TOKEN}@hf.test/me/m.git/info/lfs.locksverify true\n"),
        rare=True,
    ),
    Ailment(
        "log: a push that hangs at 0 %",
        "stalled",
        said("Uploading LFS objects:   0% (0/1), 0 B | 0 B/s\rUploading LFS objects:   0% (0/1), 0 B | 0 B/s\r"),
    ),
    Ailment("healthy: the trace of a push that arrived", None, real("git-trace-arrived")),
    Ailment("healthy: a log of something else", None, said("make: *** [all] Error 2\n\x00\x01\x7f\n"), rare=True),
)
