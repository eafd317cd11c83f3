"""What git's words about a failed push or ls-remote mean. Pure.

The signatures are those of git, of the Hub's push hook and of git-lfs's hook; servers and versions wrap and spell them
differently, so they are looked for in one unwrapped line, without case.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from hfpush.errors import HfpushError, LocalTrouble, NotFound, Refused, Unavailable
from hfpush.net.redact import redact
from hfpush.repo.migrate import migrate_command

_AGAIN = "run the same command again; it goes on where it was"
_NEW_TOKEN = ("make a new one on the Hub's settings page and put it into HF_TOKEN", "or run: hf auth login")
_ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_REMOTE = re.compile(r"^remote:", re.IGNORECASE)
_OFFENDER = re.compile(r"^\s*-\s+(.*?)\s+\(ref:\s*([^)]+)\)\s*$")
_SHOWN = 12


@dataclass(frozen=True)
class _Said:
    """git's words: `lines` without `remote:`, and `text`, all of them in one line with single blanks."""

    lines: tuple[str, ...]
    text: str

    def evidence(self, pattern: str) -> tuple[str, ...]:
        """The lines that show a signature; when it was wrapped, the last lines that say anything."""
        hits = [line for line in self.lines if re.search(pattern, line, re.IGNORECASE)]
        return tuple(hits[:_SHOWN]) or self.lines[-3:]


def push_failure(stderr: str) -> HfpushError:
    """The error that a failed `git push` or `git ls-remote` amounts to, by everything that it printed.

    Unavailable for what may pass by itself; what is not recognised is LocalTrouble (`push-failed`) with git's last
    words.
    """
    said = _unwrap(stderr)
    for pattern, make in _TABLE:
        if re.search(pattern, said.text, re.IGNORECASE):
            return make(said, pattern)
    return LocalTrouble.of("push-failed", "git failed, and why is not known.", seen=said.lines[-_SHOWN:])


def _unwrap(stderr: str) -> _Said:
    lines = []
    for raw in re.split(r"[\r\n]+", stderr):
        line = _REMOTE.sub("", _ANSI.sub("", raw)).strip()
        if line and not re.fullmatch(r"-{10,}", line) and not re.search(r":\s+\d+% \(\d+/\d+\)", line):
            lines.append(redact(line))
    return _Said(tuple(lines), " ".join(" ".join(lines).split()))


def _refused(reference: str, message: str, *to_try: str) -> Callable[[_Said, str], HfpushError]:
    return lambda said, pattern: Refused.of(reference, message, seen=said.evidence(pattern), to_try=to_try)


def _unavailable(reference: str, message: str, *to_try: str) -> Callable[[_Said, str], HfpushError]:
    advice = (*to_try, _AGAIN)
    return lambda said, pattern: Unavailable.of(reference, message, seen=said.evidence(pattern), to_try=advice)


def _not_found(reference: str, message: str, *to_try: str) -> Callable[[_Said, str], HfpushError]:
    return lambda said, pattern: NotFound.of(reference, message, seen=said.evidence(pattern), to_try=to_try)


def _local(reference: str, message: str, *to_try: str) -> Callable[[_Said, str], HfpushError]:
    return lambda said, pattern: LocalTrouble.of(reference, message, seen=said.evidence(pattern), to_try=to_try)


def _offending(reference: str, message: str) -> Callable[[_Said, str], HfpushError]:
    def make(said: _Said, pattern: str) -> HfpushError:
        found = [match.groups() for line in said.lines if (match := _OFFENDER.match(line))]
        if not found:
            return Refused.of(reference, message, seen=said.evidence(pattern))
        ref = found[0][1]
        branch = ref.removeprefix("refs/heads/") if ref.startswith("refs/heads/") else None
        command = migrate_command([path for path, _ in found], branch)
        shown = [f"{path} ({ref})" for path, ref in found[:_SHOWN]]
        if len(found) > _SHOWN:
            shown.append(f"and {len(found) - _SHOWN:,} more")
        return Refused.of(reference, message, seen=tuple(shown), to_try=(command,))

    return make


def _server_unavailable(said: _Said, pattern: str) -> HfpushError:
    message = "The connection to the Hub broke, or the Hub did not answer properly."
    return _unavailable("push-interrupted", message)(said, pattern)


# The first that is found counts: what the Hub's hook says comes before the bare facts that git adds. Its words about
# binary files end with the same address as those about large ones.
_TABLE: tuple[tuple[str, Callable[[_Said, str], HfpushError]], ...] = (
    (
        r"contains binary files|to store binary files",
        _offending("binary-file-in-git", "The Hub refuses the push: a binary file is in git itself, not in LFS."),
    ),
    (
        r"contains files larger than 10 ?Mi?B?\b|to store large\(?r?\)? files|getting-started#terminal",
        _offending(
            "large-file-in-git", "The Hub refuses the push: a file over 10 MiB is in the history of git itself."
        ),
    ),
    (
        r"pointer pointed to a file that does not exist",
        _refused(
            "object-not-on-hub",
            "The Hub refuses the push: it has not got an LFS object that the history names.",
            "run the same command again, which uploads what is missing",
        ),
    ),
    (
        r"YAML metadata|Missing configuration in README|metadata verification",
        _refused(
            "model-card-invalid",
            "The Hub refuses the push: it cannot read the metadata at the top of README.md.",
            "mend the block between the two lines of three dashes in README.md, then commit",
        ),
    ),
    (
        r"valid Hugging Face secrets|contains? (?:valid )?secrets",
        _refused(
            "secret-in-history",
            "The Hub refuses the push: a file of the history holds a secret.",
            "take back that secret on the Hub's settings page, then remove it from the history",
        ),
    ),
    (
        r"too many files per directory|directory in your git repo can only contain",
        _refused(
            "too-many-files",
            "The Hub refuses the push: a folder holds more entries than it takes.",
            "divide the folder into folders below, and commit that; hfpush audit names the folders that are too full",
        ),
    ),
    (
        r"would contain too many files",
        _refused("too-many-files", "The Hub refuses the push: the repository would hold too many files."),
    ),
    (
        r"storage limit reached|storage patterns tripped",
        _refused("storage-full", "The Hub refuses the push: the account has no room left for this repository."),
    ),
    (
        r"\bstale info\b|\(fetch first\)|\(non-fast-forward\)|updates were rejected because|failed to update ref"
        r"|cannot lock ref|a commit has happened since|remote ref updated since checkout",
        _refused(
            "remote-moved",
            "The branch on the Hub has moved on: it has commits that are not in this history.",
            "git pull --rebase from it, then run the same command again",
        ),
    ),
    (
        r"'?git-lfs'? was not found|git-lfs: (?:command )?not found|'lfs' is not a git command",
        _local(
            "git-lfs-missing",
            "A hook of this repository calls git-lfs, which is not installed.",
            "install git-lfs, or remove the call from the hook that is named",
        ),
    ),
    (
        r"access to (?:model|dataset|space)\b.*\bis restricted|awaiting a review|has been rejected by",
        _refused(
            "repo-gated",
            "The repository is gated, and this token has not been let in.",
            "open its page in a browser and ask for access",
        ),
    ),
    (
        r"could not read (?:username|password)|terminal prompts disabled",
        _refused(
            "token-missing",
            "The Hub wants a token for this (or there is no such repository), and none is set.",
            "put a token into HF_TOKEN",
            "or run: hf auth login",
            "check the repository's id and --type",
        ),
    ),
    (
        r"required permissions for this operation|must use a write token|not authorized to push"
        r"|returned error: 403|HTTP 403|403 Forbidden",
        _refused(
            "no-permission",
            "The token may not push to this repository.",
            "use a token with write permission for it",
            "check the repository's id and its owner",
        ),
    ),
    (
        r"authentication failed|invalid username or password|password authentication in git is no longer supported"
        r"|returned error: 401|HTTP 401",
        _refused("token-refused", "The Hub does not accept the token.", *_NEW_TOKEN),
    ),
    (
        r"repository not found|repository '.*' not found|returned error: 404|does not appear to be a git repository",
        _not_found(
            "repo-not-found",
            "There is no such repository, or the token may not see it.",
            "check the id and --type",
            "if it is private: set a token that may read it",
        ),
    ),
    (
        r"rate limit|too many requests|returned error: 429|HTTP 429",
        _unavailable("rate-limited", "The Hub asks us to slow down."),
    ),
    (
        r"returned error: 30[12378]|unable to update url base from redirection",
        _refused(
            "redirect-refused",
            "The endpoint sends git elsewhere, where the token must not go.",
            "check the endpoint's URL, and whether the repository was renamed",
        ),
    ),
    (
        r"returned error: 413|HTTP 413",
        _refused("request-too-large", "A server on the way refuses pushes of this size."),
    ),
    (
        r"SSL certificate problem|certificate verif|self.signed certificate|server certificate",
        _local(
            "tls-untrusted",
            "The certificate of the endpoint is not one that git trusts.",
            "if your network has a certificate authority of its own: git config --global http.sslCAInfo <its file>",
        ),
    ),
    (
        r"could not resolve (?:host|proxy)",
        _unavailable("name-unresolved", "The name of the endpoint, or of the proxy, is not known to this network."),
    ),
    (
        r"not valid: is this a git repository|Expected .* got .*text/html",
        _refused(
            "not-a-hub",
            "The endpoint does not answer like a Hub.",
            "check the endpoint's URL",
            "if a login page of your network stands in between, log in there first",
        ),
    ),
    (
        r"RPC failed|hung up|connection (?:was )?reset|early EOF|unexpected disconnect|timed out|operation too slow"
        r"|failed to connect|connection refused|empty reply|returned error: (?:408|5\d\d)|recv failure|send failure"
        r"|SSL_|gnutls|HTTP/2 stream|transfer closed|unpack-objects abnormal|remote unpack failed|the remote end",
        _server_unavailable,
    ),
    (
        r"hook declined|\[remote rejected\]",
        _refused("push-declined", "The Hub refuses the push."),
    ),
    (
        r"failed to push some refs",
        _local(
            "hook-declined",
            "The push was stopped on this machine, most likely by the pre-push hook of the repository.",
            "do what the hook says above, or look at it: git rev-parse --git-path hooks/pre-push",
        ),
    ),
)
