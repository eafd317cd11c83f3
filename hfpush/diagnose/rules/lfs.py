"""What the LFS API answers, and what git-lfs needs to make use of it: addresses, lives of URLs, quotas, an agent.

Pure.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from urllib.parse import urlsplit

from hfpush import units
from hfpush.diagnose.cause import Cause
from hfpush.diagnose.facts.all import Facts
from hfpush.diagnose.facts.lfs import Batch
from hfpush.findings import Finding

PLAIN_OBJECT = 5 * 10**9
"""The most bytes that S3 takes in one piece, and so all that git-lfs sends without an agent."""
_LEAST_SECONDS = 5.0
"""git-lfs sends nothing to a URL that lives no longer than that (tools/time_tools.go)."""
_CLOCK_SECONDS = 60.0
_QUOTA = re.compile(
    r"(?i)storage limit|storage quota|quota (?:exceeded|reached)|exceeded your .{0,40}(?:quota|storage)"
    r"|storage patterns|no (?:storage )?space left|upgrade your (?:plan|storage)"
)
_LFS_URL = re.compile(r"(?i)lfs\.(?:push)?url|remote\..+\.lfs(?:push)?url")
_BARE_ADDRESS = re.compile(r"(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,}(?::[0-9]{1,5})?(?:/\S*)?")
_STOCK_AGENT = re.compile(r"(?:^|[/\\])(?:hf|huggingface-cli)(?:\.exe)?$")
_ENABLE = "hfpush lfs enable-largefiles"


def causes(facts: Facts) -> Iterator[Cause]:
    """One for each thing that keeps git-lfs, or hfpush, from an address that it can send to."""
    yield from _settings(facts)
    yield from _agent(facts)
    batch = facts.lfs.batch
    if batch is None or batch.failure == "not-asked":
        return
    quota = _quota(facts, batch)
    if quota is not None:
        yield quota
    elif batch.rejected:
        yield _rejected(facts, batch)
    elif batch.href_unusable:
        yield _unusable(facts, batch)
    elif batch.failure == "batch-unreadable" and batch.exchange is not None and not batch.exchange.html:
        yield _unreadable(facts, batch)
    yield from _lives(facts, batch)
    if batch.storage.startswith("http://") and facts.question.endpoint.startswith("https://"):
        yield _insecure(facts, batch)


def _hub(facts: Facts) -> str:
    return urlsplit(facts.question.endpoint).netloc or "the Hub"


def _other_endpoint() -> str:
    return "use another endpoint: hfpush endpoint ls"


# ---------------------------------------------------------------------- settings


def _settings(facts: Facts) -> Iterator[Cause]:
    for one in facts.machine.settings:
        if not _LFS_URL.fullmatch(one.key) or not _BARE_ADDRESS.fullmatch(one.value):
            continue
        where = f"{one.where}:{one.line}" if one.where and one.line else one.where
        finding = Finding(
            "lfs-url-unusable",
            f"{one.key} has an address without https:// in front, to which git-lfs cannot send anything.",
            (f"{one.key} = {one.value}" + (f" ({where})" if where else ""),),
            (
                f"git config {shlex.quote(one.key)} {shlex.quote('https://' + one.value)}",
                "or, if it is of no use, take it out of the file that has it",
            ),
        )
        yield Cause(finding, 8, frozenset({"lfs-url-unusable", "name-unresolved"}))


def _agent(facts: Facts) -> Iterator[Cause]:
    """What sends objects over 5 GB: S3 takes no more at once, and git-lfs knows no parts."""
    path = facts.repository.multipart
    large = facts.repository.largest_lfs
    batch = facts.lfs.batch
    wanted = large > PLAIN_OBJECT or (batch is not None and batch.transfer == "multipart")
    root = facts.repository.root
    enable = f"{_ENABLE} {shlex.quote(root or '.')}"
    if path and _agent_is_missing(facts):
        finding = Finding(
            "lfs-agent-missing",
            f"git-lfs is told to send files over 5 GB with {shlex.quote(path)}, which is not there: git push of one "
            "ends with nothing but EOF.",
            (f"lfs.customtransfer.multipart.path = {path}", *_largest(large), *_chosen(batch)),
            (enable, "or: hfpush publish, which needs no agent"),
            "error" if wanted else "warning",
        )
        yield Cause(finding, 55, frozenset({"lfs-agent-missing", "lfs-agent-died", "large-object-agent"}))
    elif not path and large > PLAIN_OBJECT:
        finding = Finding(
            "large-object-agent",
            f"A file of {units.size(large)} has to go in parts, which git-lfs cannot do by itself: git push fails.",
            (*_largest(large), "lfs.customtransfer.multipart.path is not set"),
            (enable, "or: hfpush publish, which needs no agent"),
        )
        yield Cause(finding, 55, frozenset({"large-object-agent", "object-too-large"}))
    elif large > PLAIN_OBJECT and _STOCK_AGENT.search(path) and not _one_at_a_time(facts):
        finding = Finding(
            "lfs-agent-slow-start",
            "git-lfs starts up to eight agents one after the other before the first byte moves, which can take half a "
            "minute.",
            (f"lfs.customtransfer.multipart.path = {path}", *_largest(large)),
            ("git config lfs.concurrenttransfers 1", f"or an agent that starts faster: {enable}"),
            "note",
        )
        yield Cause(finding, 58)


def _agent_is_missing(facts: Facts) -> bool:
    return any(one.reference == "lfs-agent-missing" for one in facts.noted)


def _one_at_a_time(facts: Facts) -> bool:
    return any(
        one.key.lower() in ("lfs.concurrenttransfers", "lfs.customtransfer.multipart.concurrent")
        and one.value.lower() in ("1", "false")
        for one in facts.machine.settings
    )


def _largest(large: int) -> tuple[str, ...]:
    return (f"the largest LFS file here has {units.size(large)}",) if large else ()


def _chosen(batch: Batch | None) -> tuple[str, ...]:
    if batch is None or batch.transfer != "multipart":
        return ()
    return (f"the Hub wants parts of {units.size(batch.part_size)} already for smaller files",)


# ---------------------------------------------------------------------- answers


def _quota(facts: Facts, batch: Batch) -> Cause | None:
    """The Hub's own words for a full account come with several statuses, 403 above all."""
    if batch.status != 507 and not (_QUOTA.search(batch.said) and (batch.rejected or batch.status >= 400)):
        return None
    code = batch.rejected_code or batch.status
    finding = Finding(
        "hub-quota",
        f"{_hub(facts)} takes no more large files for this account: its storage is used up, or held back by the Hub.",
        (f"the batch answer ({code}): {batch.said}",),
        (
            "see what is used, and make room or change the plan: the account's settings on the Hub, under Billing",
            "delete repositories or old LFS files that nobody needs: the repository's settings, List LFS files",
        ),
    )
    return Cause(finding, 42, frozenset({"no-permission", "hub-refused", "object-refused", "storage-full"}))


def _rejected(facts: Facts, batch: Batch) -> Cause:
    finding = Finding(
        "object-refused",
        f"{_hub(facts)} refuses LFS objects ({batch.rejected_code}), before a byte of them is sent.",
        (f"the batch answer: {batch.said}",),
        ("what the answer says is all that there is to know; ask the owner of the repository or of the Hub",),
    )
    return Cause(finding, 51)


def _unusable(facts: Facts, batch: Batch) -> Cause:
    finding = Finding(
        "lfs-url-unusable",
        f"{_hub(facts)} answers with an address for large files that is none, so that nothing can be sent there.",
        (f"the upload address: {batch.href_unusable}",),
        (
            _other_endpoint(),
            "if it is yours: the address that it is known by has to have a scheme and a host, such as https://host",
        ),
    )
    return Cause(finding, 50)


def _unreadable(facts: Facts, batch: Batch) -> Cause:
    finding = Finding(
        "batch-unreadable",
        f"The answer of {_hub(facts)} about large files cannot be used.",
        (f"the batch answer ({batch.status}): {batch.said or 'it is no such answer'}",),
        (_other_endpoint(), "if it stays so: tell whoever runs it"),
    )
    return Cause(finding, 51)


def _lives(facts: Facts, batch: Batch) -> Iterator[Cause]:
    """URLs that are dead, or nearly, when they come: by the server's clock, or by ours alone."""
    if batch.lives is not None and batch.lives <= _LEAST_SECONDS:
        how = "are over already" if batch.lives <= 0 else f"live for {units.duration(batch.lives)} only"
        finding = Finding(
            "lease-refused",
            f"The signed URLs that {_hub(facts)} gives for large files {how}: git-lfs does not even begin.",
            (f"by its own clock they end {_when(batch.lives)}",),
            (_other_endpoint(), "if it is yours: its clock, or the life that it gives to signed URLs, is wrong"),
        )
        yield Cause(finding, 50)
        return
    told = any(one.ahead is not None and abs(one.ahead) >= _CLOCK_SECONDS for one in facts.exchanges)
    if batch.left is not None and batch.left <= _LEAST_SECONDS and not told:
        off = (batch.lives or 0.0) - batch.left
        finding = Finding(
            "clock-skewed",
            "This machine's clock is ahead of the Hub's: git-lfs takes fresh upload URLs for expired ones.",
            (f"by this machine's clock they end {_when(batch.left)}, by the Hub's {_when(batch.lives or 0.0)}",),
            ("timedatectl set-ntp true", f"or set the clock by hand: it is about {units.duration(off)} ahead"),
        )
        yield Cause(finding, 40)


def _when(seconds: float) -> str:
    return f"in {units.duration(seconds)}" if seconds >= 0 else f"{units.duration(-seconds)} ago"


def _insecure(facts: Facts, batch: Batch) -> Cause:
    finding = Finding(
        "storage-insecure",
        f"{_hub(facts)} speaks https, and wants large files sent over plain http: hfpush refuses that, and git-lfs "
        "shows them to everybody on the way.",
        (f"the upload address is at {batch.storage}",),
        (_other_endpoint(), "if it is yours: give its storage an https:// address"),
    )
    return Cause(finding, 50, frozenset({"redirect-insecure"}))
