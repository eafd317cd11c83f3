"""What was found out, as steps to be shown: one for each question, layer by layer. Pure.

Steps are made of facts alone, so that a replayed report shows what the first one showed. Only what was not asked, and
why, stands in Facts.steps.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

from hfpush.diagnose.facts.all import Facts
from hfpush.diagnose.facts.connections import Dial
from hfpush.diagnose.facts.http import Exchange
from hfpush.diagnose.facts.lfs import Put
from hfpush.diagnose.facts.repository import Disk
from hfpush.diagnose.facts.steps import Layer, Status, Step
from hfpush.diagnose.facts.tls import Handshake
from hfpush.units import duration
from hfpush.units import size as size_shown

_NO_XET = (404, 405, 501)
LAYERS: tuple[Layer, ...] = get_args(Layer)


def tree(facts: Facts) -> tuple[Step, ...]:
    """The steps of each layer, in the order of the layers."""
    found = [
        *_programs(facts),
        *_repository(facts),
        *(step for one in facts.lookups for step in _name(facts, one.host)),
        *(_dial(one) for one in facts.dials),
        *(_handshake(facts, one) for one in facts.handshakes),
        *(_exchange(one) for one in facts.exchanges),
        *_git(facts),
        *_account(facts),
        *_batch(facts),
        *_mirror(facts),
        *(_put(one) for one in facts.lfs.puts),
        *_xet(facts),
        *(_disk(one) for one in facts.disks),
        *_log(facts),
        *facts.steps,
    ]
    return tuple(sorted(found, key=lambda step: LAYERS.index(step.layer)))


def _programs(facts: Facts) -> Iterator[Step]:
    there = [one for one in facts.machine.programs if one.version]
    if there:
        yield Step("configuration", "programs", "ok", ", ".join(f"{one.name} {one.version}" for one in there))
    if facts.machine.wrapper is not None and facts.machine.wrapper.preload:
        yield Step("configuration", facts.machine.wrapper.name, "ok", "takes the connections of programs")


def _repository(facts: Facts) -> Iterator[Step]:
    one = facts.repository
    if one.state == "none":
        return
    status: Status = "fail" if one.state == "broken" else "ok"
    noted = sum(found.severity == "error" for found in facts.noted)
    said = f"{noted} found wrong" if noted else f"{one.lfs_files} LFS files" if one.lfs_files else one.state
    yield Step("repository", one.root, "fail" if noted else status, said, one.seconds)


def _name(facts: Facts, host: str) -> Iterator[Step]:
    one = facts.lookup(host)
    if one is not None:
        odd = any(kind in ("sinkhole", "fake", "wrapper") for kind in one.kinds)
        status: Status = "fail" if one.outcome not in ("ok", "address") else "warn" if odd else "ok"
        yield Step("names", host, status, ", ".join(one.addresses[:3]) or one.said or one.outcome, one.seconds)


def _dial(one: Dial) -> Step:
    said = one.outcome if one.outcome != "ok" else one.address
    shown = f"{said}: {one.said}" if one.said and one.outcome != "ok" else said
    return Step("connections", one.line, "ok" if one.outcome == "ok" else "fail", shown, one.seconds)


def _handshake(facts: Facts, one: Handshake) -> Step:
    doubts = [judged for judged in facts.judged if judged.line == one.line and judged.outcome != "ok"]
    if one.outcome != "ok":
        how = f"{one.failed} of {one.tries} tries: {one.outcome}" if one.tries > 1 else one.outcome
        return Step("tls", one.line, "fail", f"{how} {one.alert or ''}".rstrip(), one.seconds)
    issuer = one.certificate.issuer if one.certificate is not None else ""
    said = ", ".join(part for part in (one.version, f"signed by {issuer}" if issuer else "") if part)
    if doubts:
        said += f"; not believed by {', '.join(dict.fromkeys(judged.client for judged in doubts))}"
    flaky: Status = "warn" if doubts or one.failed else "ok"
    return Step("tls", one.line, flaky, said, one.seconds)


def _exchange(one: Exchange) -> Step:
    if one.what in ("xet-token", "cas"):
        return Step("xet", f"{one.what} {one.url}", _xet_status(one), str(one.status or one.failure), one.seconds)
    well = not one.failure and one.status < 500 and not one.html and not one.loop and not one.insecure
    said = str(one.status) if one.status else one.failure
    words = [said, "a page, not data" if one.html else "", "redirects in circles" if one.loop else "", one.said]
    return Step("http", f"{one.what} {one.url}", "ok" if well else "fail", ", ".join(filter(None, words)), one.seconds)


def _git(facts: Facts) -> Iterator[Step]:
    one = facts.git
    if one is None:
        return
    well: dict[str, Status] = {"ok": "ok", "answered": "ok", "failed": "fail"}
    said = "it answers" if one.outcome == "ok" else f"{one.outcome}, {one.said}" if one.said else one.outcome
    yield Step("http", f"git itself, {one.url}", well.get(one.outcome, "warn"), said, one.seconds)


def _xet_status(one: Exchange) -> Status:
    """A Hub without Xet is as good as one with it."""
    if one.failure or one.html:
        return "fail"
    return "skip" if one.status in _NO_XET else "ok" if one.status < 500 else "fail"


def _account(facts: Facts) -> Iterator[Step]:
    one = facts.account
    if one.status or one.source:
        status: Status = "fail" if one.status in (401, 403) else "ok"
        who = f"{one.name} ({one.role})" if one.name and one.role else one.name
        yield Step(
            "account", one.source or "no token", status, who or one.said or (str(one.status) if one.status else "")
        )


def _batch(facts: Facts) -> Iterator[Step]:
    one = facts.lfs.batch
    if one is not None and one.failure == "not-asked":
        yield Step("lfs", "batch", "skip", "no repository was named")
    elif one is not None:
        status: Status = "ok" if one.storage and not one.href_unusable else "fail"
        yield Step("lfs", "batch", status, one.storage or one.said or one.failure or str(one.status))


def _mirror(facts: Facts) -> Iterator[Step]:
    one = facts.lfs.mirror
    if one is None:
        return
    parts = {"the API": one.control, "the bytes": one.data, "the end of uploads": one.completion, "Xet": one.xet}
    said = [f"carries {', '.join(words) or 'nothing'}" for words in [[name for name, does in parts.items() if does]]]
    said += [f"not {', '.join(words)}" for words in [[name for name, does in parts.items() if does is False]] if words]
    said += [f"refuses {size_shown(one.body_limit)}"] if one.body_limit else []
    half = one.completion is False or one.control is False
    yield Step("lfs", "the endpoint as a mirror", "fail" if half else "ok", "; ".join(said))


def _put(one: Put) -> Step:
    said = size_shown(one.size) + (f": {one.status} {one.code}".rstrip() if one.status else f": {one.outcome}")
    return Step("upload", one.line, "ok" if one.outcome == "ok" else "fail", said, one.seconds)


def _xet(facts: Facts) -> Iterator[Step]:
    one = facts.lfs.xet
    if one is not None:
        said = "not used" if one.disabled else one.cas or one.said or one.failure or str(one.status or "not offered")
        without = one.failure == "not-asked" or one.status in _NO_XET or one.disabled
        yield Step("xet", "Xet", "skip" if without else "fail" if one.failure else "ok", said)


def _disk(one: Disk) -> Step:
    words = [one.file_system, f"{size_shown(one.free)} free" if one.free else "", one.problem]
    bad = bool(one.problem) or one.read_only
    status: Status = "fail" if bad else "warn" if one.over_network or one.locks is False else "ok"
    return Step("disk", f"{one.role} {one.path}", status, ", ".join(filter(None, words)), one.sync_seconds or 0.0)


def _log(facts: Facts) -> Iterator[Step]:
    for one in facts.log:
        yield Step("log", f"line {one.number}" if one.number else "log", "fail", f"{one.reference}: {one.text}"[:200])


def took(step: Step) -> str:
    """The time of a step in a few letters, empty where that says nothing."""
    if step.seconds < 0.0005:
        return ""
    return f"{step.seconds * 1000:.0f} ms" if step.seconds < 1 else duration(step.seconds)
