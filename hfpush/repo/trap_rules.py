"""What is odd or hostile among the settings that a repository's LFS files go by: settings in, findings out. Pure.

Only `.lfsconfig` can stop a publish: it goes along with the files, and leads everybody who clones them, with their
tokens, to the host that it names. The others do not touch hfpush's own push, but decide what a plain `git push` or
`git lfs` does with the same repository, and are told where a remote of it leads to the endpoint at all.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from hfpush.endpoints import RepoAddress
from hfpush.findings import Finding
from hfpush.net.redact import redact
from hfpush.repo.audit.remotes import is_hub
from hfpush.repo.config_addresses import holds_secret, reach, same_host, same_repository, without_user

AGENT_PATH = re.compile(r"lfs\.customtransfer\.(.+)\.path", re.DOTALL)
_LFS_URL = re.compile(r"lfs\.(?:push)?url|remote\..+\.lfs(?:push)?url", re.DOTALL)
_LFS_URL_BROUGHT = re.compile(r"lfs\.(?:push)?url|remote\..+\.lfsurl", re.DOTALL)
"""The addresses that git-lfs takes from a .lfsconfig; every other setting there it leaves out."""
_REMOTE_URL = re.compile(r"remote\.(.+)\.(url|pushurl)", re.DOTALL)
_REWRITE = re.compile(r"url\.(.+)\.(insteadof|pushinsteadof)", re.DOTALL)
_HTTPS_PROXY = re.compile(r"https\.(?:.+\.)?proxy", re.DOTALL)
_VERIFY = re.compile(r"http\.(?:(.+)\.)?sslverify", re.DOTALL)
_STANDALONE = re.compile(r"lfs\.(?:(.+)\.)?standalonetransferagent", re.DOTALL)
_NO = frozenset({"false", "no", "off", "0", ""})


@dataclass(frozen=True)
class Setting:
    """One setting: its name as git lists it, its value (`true` for a name alone), and where it stands.

    `where` is the file as it may be shown, `line` the line there where it is known. `file` is its path for a command
    that changes it, None for one that is not on the disk; `brought` says that it is one of a .lfsconfig.
    """

    key: str
    value: str
    where: str
    line: int | None = None
    file: str | None = None
    brought: bool = False

    def seen(self) -> str:
        """One line of evidence, without a secret."""
        line = "" if self.line is None else f", line {self.line}"
        return f"{self.where}{line}: {redact(self.key)} = {redact(self.value)}"

    @property
    def secret(self) -> bool:
        """Whether a command that names this setting would show a secret."""
        return redact(self.key) != self.key


@dataclass(frozen=True)
class Surroundings:
    """What a publish goes by. `place` is the repository as the user calls it; `lacking` are transfer agents that
    cannot be started."""

    repo: RepoAddress
    place: str
    lacking: frozenset[str] = frozenset()


def elsewhere(brought: Sequence[Setting], around: Surroundings) -> Finding | None:
    """The finding about a .lfsconfig that leads to another host than the endpoint's; None where it does not."""
    found = [
        one
        for one in brought
        if _LFS_URL_BROUGHT.fullmatch(one.key) and one.value and not same_host(one.value, around.repo.endpoint)
    ]
    if not found:
        return None
    return Finding(
        "lfs-elsewhere",
        "The .lfsconfig of these files leads LFS to another host: whoever clones them would look for the large files "
        f"there, not at {around.repo.endpoint.url}, and git-lfs could hand that host a token.",
        tuple(one.seen() for one in found),
        (
            *_unsetting(found),
            "then commit that",
            "or, if it is meant so, the same command with --allow-lfsconfig; hfpush itself sends files and token to "
            "the endpoint only",
        ),
    )


def allowed(finding: Finding) -> Finding:
    """The same finding once the user has agreed."""
    return replace(finding, severity="warning", remedy=finding.remedy[:-1])


def traps(settings: Sequence[Setting], brought: Sequence[Setting], around: Surroundings) -> tuple[Finding, ...]:
    """What is to be said of the settings besides, in the order of how much it matters. All of it are warnings.

    Nothing is said of a repository without a remote that leads to the endpoint: nothing there is pushed to it by
    git. A proxy setting that git does not have is told anyhow, since it was written for a reason.
    """
    everywhere = (_https_proxy(settings),)
    if not any(_leads_here(one, around) for one in settings):
        return _warnings(everywhere)
    return _warnings(
        (
            _secrets(settings, around),
            _another_repository(settings, brought, around),
            _rewritten(settings, around),
            _agent(settings, around),
            *everywhere,
            _unverified(settings, around),
            _standalone(settings, around),
            _basic_only(settings),
        )
    )


def _warnings(found: Iterable[Finding | None]) -> tuple[Finding, ...]:
    return tuple(replace(one, severity="warning") for one in found if one is not None)


def _leads_here(one: Setting, around: Surroundings) -> bool:
    match = _REMOTE_URL.fullmatch(one.key)
    return match is not None and is_hub(one.value, around.repo.endpoint)


def _secrets(settings: Sequence[Setting], around: Surroundings) -> Finding | None:
    found, remedies = [], []
    for one in settings:
        remote, rewrite = _REMOTE_URL.fullmatch(one.key), _REWRITE.fullmatch(one.key)
        if not (remote or rewrite or _LFS_URL.fullmatch(one.key)):
            continue
        url = rewrite[1] if rewrite else one.value
        if not holds_secret(url):
            continue
        found.append(one)
        if remote:
            flag = ["--push"] if remote[2] == "pushurl" else []
            command = ["git", "-C", around.place, "remote", "set-url", *flag, remote[1], without_user(url)]
            remedies.append(shlex.join(command))
        else:
            remedies.append(f"take the password out of {one.where}" + (f", line {one.line}" if one.line else ""))
    if not found:
        return None
    return Finding(
        "token-in-remote",
        "A token or a password stands in git's configuration, where git and git-lfs print it in errors, and backups "
        "and other programs find it.",
        tuple(one.seen() for one in found),
        (*dict.fromkeys(remedies), "then make a new token on the Hub's settings page, and delete the old one there"),
    )


def _another_repository(
    settings: Sequence[Setting], brought: Sequence[Setting], around: Surroundings
) -> Finding | None:
    here = {match[1] for one in settings if _leads_here(one, around) and (match := _REMOTE_URL.fullmatch(one.key))}
    found = []
    for one in (*_last(settings, _LFS_URL), *_last(brought, _LFS_URL_BROUGHT)):
        of_remote = re.fullmatch(r"remote\.(.+)\.lfs(?:push)?url", one.key, re.DOTALL)
        if one.value and (of_remote is None or of_remote[1] in here) and not same_repository(one.value, around.repo):
            found.append(one)
    found = [
        one for one in found if not one.brought or same_host(one.value, around.repo.endpoint)
    ]  # others are `lfs-elsewhere`
    if not found:
        return None
    return Finding(
        "lfs-url-overrides",
        "git-lfs sends and looks for the large files somewhere else than at the repository's own address, whatever the "
        "remote is. hfpush publish does not go by that; a plain git push does.",
        tuple(one.seen() for one in found),
        _unsetting(found),
    )


def _rewritten(settings: Sequence[Setting], around: Surroundings) -> Finding | None:
    url = around.repo.web_url
    best: dict[str, Setting] = {}
    for one in settings:
        match = _REWRITE.fullmatch(one.key)
        if match and one.value and url.startswith(one.value):
            known = best.get(match[2])
            if known is None or len(one.value) > len(known.value):
                best[match[2]] = one
    found = []
    for one in best.values():
        match = _REWRITE.fullmatch(one.key)
        if match and not same_host(match[1], around.repo.endpoint):
            found.append(one)
    if not found:
        return None
    return Finding(
        "url-rewritten",
        f"git speaks to another address in place of {around.repo.endpoint.url}. hfpush publish does not: it goes to "
        "the endpoint that was chosen.",
        tuple(one.seen() for one in found),
        (*_unsetting(found), "or, to publish through that address, name it with --endpoint"),
    )


def _agent(settings: Sequence[Setting], around: Surroundings) -> Finding | None:
    found = [one for one in _last(settings, AGENT_PATH) if one.value in around.lacking]
    if not found:
        return None
    names = {match[1] for one in found if (match := AGENT_PATH.fullmatch(one.key))}
    others = [one for one in found if one.key != "lfs.customtransfer.multipart.path"]
    repair = (f"hfpush lfs enable-largefiles {shlex.quote(around.place)}",) if "multipart" in names else ()
    return Finding(
        "lfs-agent-missing",
        "git-lfs is told to send files with a program that is not there; a plain git push of a large file would end "
        "with nothing but EOF.",
        tuple(one.seen() for one in found),
        (*repair, *_unsetting(others)),
    )


def _https_proxy(settings: Sequence[Setting]) -> Finding | None:
    found = _last(settings, _HTTPS_PROXY)
    if not found:
        return None
    first = found[0]
    where = "" if first.file is None else f" --file {shlex.quote(first.file)}"
    value = first.value if redact(first.value) == first.value else "<the same URL>"
    name = first.key.replace("https.", "http.", 1)
    remedy = () if first.secret else (f"git config{where} {shlex.quote(name)} {shlex.quote(value)}",)
    return Finding(
        "proxy-key-unknown",
        "git has no setting https.proxy, so nothing goes by it: http.proxy is for both http and https.",
        tuple(one.seen() for one in found),
        (*remedy, *_unsetting(found)),
    )


def _unverified(settings: Sequence[Setting], around: Surroundings) -> Finding | None:
    best: tuple[int, Setting] | None = None
    for one in settings:
        match = _VERIFY.fullmatch(one.key)
        if match is None:
            continue
        close = 0 if match[1] is None else reach(match[1], around.repo.web_url)
        if close is not None and (best is None or close >= best[0]):
            best = close, one
    if best is None or best[1].value.lower() not in _NO:
        return None
    return Finding(
        "tls-unverified",
        "git does not check who it speaks to (http.sslVerify is off), and would give a token to whoever answers. "
        "hfpush checks it all the same.",
        (best[1].seen(),),
        (
            *_unsetting([best[1]]),
            "if a proxy with its own certificates stands in between: git config http.sslCAInfo <its file>",
        ),
    )


def _standalone(settings: Sequence[Setting], around: Surroundings) -> Finding | None:
    found = []
    for one in _last(settings, _STANDALONE):
        match = _STANDALONE.fullmatch(one.key)
        if match and one.value and (match[1] is None or reach(match[1], around.repo.lfs_url) is not None):
            found.append(one)
    if not found:
        return None
    return Finding(
        "lfs-agent-standalone",
        "git-lfs gives every large file to a program of its own and never asks the Hub: after a plain git push the Hub "
        "would lack them. hfpush publish does not go by that.",
        tuple(one.seen() for one in found),
        _unsetting(found),
    )


def _basic_only(settings: Sequence[Setting]) -> Finding | None:
    found = [one for one in _last(settings, re.compile(r"lfs\.basictransfersonly")) if one.value.lower() not in _NO]
    if not found:
        return None
    return Finding(
        "lfs-basic-only",
        "git-lfs sends every file as a whole here, so a plain git push of a file over 5 GB is refused. hfpush publish "
        "sends parts.",
        tuple(one.seen() for one in found),
        _unsetting(found),
    )


def _last(settings: Sequence[Setting], key: re.Pattern[str]) -> list[Setting]:
    """Of each name that fits, the setting that counts."""
    return list({one.key: one for one in settings if key.fullmatch(one.key)}.values())


def _unsetting(found: Sequence[Setting]) -> tuple[str, ...]:
    """How to remove settings: a command each, or the line to delete where a command would name a secret."""
    remedies = []
    for one in found:
        if one.file is None or one.secret:
            remedies.append(f"delete it from {one.where}" + (f", line {one.line}" if one.line else ""))
        else:
            remedies.append(shlex.join(["git", "config", "--file", one.file, "--unset-all", one.key]))
    return tuple(dict.fromkeys(remedies))
