"""Which question is asked when: names before connections, connections before TLS, the Hub before its storage.

It decides nothing about causes. Every line by which some client would go is tried by itself, all of them at once;
what speaks with the Hub (its API, LFS, Xet) goes by a line that works, hfpush's own first. There is one end for all.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from hfpush.diagnose.facts.account import Account
from hfpush.diagnose.facts.all import Facts
from hfpush.diagnose.facts.asked import Question
from hfpush.diagnose.facts.connections import Dial
from hfpush.diagnose.facts.git import GitAsked
from hfpush.diagnose.facts.http import Exchange
from hfpush.diagnose.facts.lfs import Batch, Lfs, Put
from hfpush.diagnose.facts.machine import Machine
from hfpush.diagnose.facts.names import Lookup
from hfpush.diagnose.facts.steps import Layer, Step
from hfpush.diagnose.facts.tls import Handshake, Judged
from hfpush.diagnose.facts.ways import Target, Way
from hfpush.diagnose.line import Line
from hfpush.diagnose.probes.batch import Offer, ask_batch
from hfpush.diagnose.probes.connect import dial
from hfpush.diagnose.probes.flow import flows
from hfpush.diagnose.probes.git import ask_git
from hfpush.diagnose.probes.handshake import shake
from hfpush.diagnose.probes.hub import ask_hub
from hfpush.diagnose.probes.judge import judge
from hfpush.diagnose.probes.mirror import look_at_mirror, rounded_off
from hfpush.diagnose.probes.names import look_up
from hfpush.diagnose.probes.put import LARGE, SMALL, UNENDED, ladder
from hfpush.diagnose.probes.wrapper import dial_outside, read_wrapper
from hfpush.diagnose.probes.xet import ask_xet
from hfpush.diagnose.route import Surroundings, lines, ways
from hfpush.diagnose.rules.who import PUBLISHING
from hfpush.diagnose.side_by_side import WHOLE_SECONDS, Asking, side_by_side
from hfpush.diagnose.spare_lines import spare_lines
from hfpush.endpoints import Endpoint, RepoAddress
from hfpush.errors import Misuse
from hfpush.net.network import Network
from hfpush.net.routes import Routes, is_loopback

_NAME, _CONNECT, _TLS, _HTTP, _PUT, _BESIDE, _GIT = 3.0, 4.0, 4.0, 5.0, 5.0, 5.0, 4.0
_ANY_REPO = "hfpush/any"
_ASIDE = 1.5
"""For connecting as only programs do with which nothing is published or fetched here: worth a note, not a wait. It is
enough for a packet that is sent twice."""


@dataclass(frozen=True)
class Patient:
    """What is looked at. `git_login` is what git would send, `account` what is known without asking the Hub. `consent`
    is asked before more than 8 KiB go to a real Hub."""

    question: Question
    endpoint: Endpoint
    network: Network
    machine: Machine
    around: Surroundings
    token: str | None = field(default=None, repr=False)
    git_login: tuple[str, str] | None = field(default=None, repr=False)
    account: Account = field(default_factory=Account)
    consent: Callable[[int], bool] = lambda _: False

    @property
    def url(self) -> str:
        """Of the repository, where there is one: git's settings may be for a part of a host."""
        question = self.question
        try:
            return RepoAddress.parse(self.endpoint, question.repo_id, question.repo_type).web_url
        except Misuse:  # no repository, or a name that is none
            return self.endpoint.url

    @property
    def git_url(self) -> str:
        """What git is asked for: where no repository is known, one that there need not be."""
        return self.url if self.url != self.endpoint.url else f"{self.endpoint.url.rstrip('/')}/{_ANY_REPO}"

    @property
    def wrapper(self) -> str:
        """The wrapper that takes this process's connections; empty where there is none."""
        found = self.around.wrapper
        return found.name if found is not None and found.preload else ""


@dataclass(frozen=True)
class _Reached:
    """What was found out about one line."""

    line: Line
    dials: tuple[Dial, ...] = ()
    handshake: Handshake | None = None
    judged: tuple[Judged, ...] = ()

    @property
    def works(self) -> bool:
        shaken = self.handshake is None or self.handshake.outcome == "ok"
        return shaken and any(one.outcome == "ok" for one in self.dials)


def examine(patient: Patient, *, seconds: float = WHOLE_SECONDS, tell: Callable[[str], None] = lambda _: None) -> Facts:
    """Everything that can be found out in `seconds`. `tell` is told what is being asked."""
    return _Examination(patient, time.monotonic() + seconds, tell).facts()


class _Examination:
    def __init__(self, patient: Patient, until: float, tell: Callable[[str], None]) -> None:
        self._patient, self._until, self._tell = patient, until, tell
        self._ways: list[Way] = []
        self._lookups: dict[str, Lookup] = {}
        self._reached: dict[str, _Reached] = {}
        self._skipped: list[Step] = []
        self._git: Asking[GitAsked | None] | None = None

    def facts(self) -> Facts:
        self._tell("the way to the Hub")
        hub = self._reach("hub", self._patient.url)
        exchanges: tuple[Exchange, ...] = ()
        account, lfs = self._patient.account, Lfs()
        way_out = self._way_out(hub)
        if way_out is None:
            self._skip("http", "the Hub", "no line to it works")
        else:
            exchanges, account, lfs = self._speak(way_out)
        self._collect(hub)
        self._try_beside(hub)
        return Facts(
            question=self._patient.question,
            machine=self._patient.machine,
            ways=tuple(self._ways),
            lookups=tuple(self._lookups.values()),
            dials=tuple(dial for one in self._reached.values() for dial in one.dials),
            handshakes=tuple(one.handshake for one in self._reached.values() if one.handshake is not None),
            judged=tuple(judged for one in self._reached.values() for judged in one.judged),
            exchanges=exchanges,
            git=None if self._git is None else self._git.wait(self._until),
            account=account,
            lfs=lfs,
            steps=tuple(self._skipped),
        )

    # -- lines ------------------------------------------------------------------------------------------------------

    def _reach(self, target: Target, url: str) -> dict[str, Asking[_Reached]]:
        """Begin to try every line that leads to `url`, and return at once; names are resolved first."""
        found = ways(self._patient.around, {target: url})
        self._ways += found
        known = lines(self._patient.around, found)
        hosts = {line.host for line in known.values() if line.names == "here"} - set(self._lookups)
        tasks = {host: lambda host=host: look_up(host, self._left(_NAME)) for host in sorted(hosts)}
        self._lookups |= side_by_side(tasks, self._until)
        asking = {}
        outside = [line for line in known.values() if self._patient.wrapper and not line.via]
        dialling = Asking(lambda: dial_outside(outside, self._left(_CONNECT)))
        for name, line in known.items():
            own = tuple(way for way in found if way.line == name)
            if line in outside:
                asking[name] = Asking(lambda line=line: self._outside(line, dialling))  # type: ignore[misc]
            else:
                asking[name] = Asking(lambda line=line, own=own: self._try(line, own))  # type: ignore[misc]
        return asking

    def _outside(self, line: Line, dialling: Asking[tuple[Dial, ...]]) -> _Reached:
        """What came of connecting past the wrapper; whether TLS stands there, is not asked."""
        dials = dialling.wait(self._until) or ()
        return _Reached(line, tuple(one for one in dials if one.line == line.name))

    def _try(self, line: Line, own: Sequence[Way]) -> _Reached:
        lookup = self._lookups.get(line.host)
        if line.names == "here" and lookup is not None and lookup.outcome not in ("ok", "address"):
            return _Reached(line, (Dial(line.name, outcome="unresolved", said=lookup.said or lookup.outcome),))
        for_main = not own or any(way.needed and way.client in PUBLISHING for way in own)
        dials = dial(line, self._left(_CONNECT if for_main else _ASIDE))
        if not line.secure or not any(one.outcome == "ok" for one in dials):
            return _Reached(line, dials)
        shaken = shake(line, self._left(_TLS))
        if shaken.outcome != "ok":
            return _Reached(line, dials, shaken)
        return _Reached(line, dials, shaken, judge(line, own, self._left(_TLS)))

    def _collect(self, asking: Mapping[str, Asking[_Reached]]) -> None:
        for name, one in asking.items():
            reached = one.wait(self._until)
            if reached is None:
                self._skip("connections", name, "no time was left")
            else:
                self._reached[name] = reached

    def _try_beside(self, names: Collection[str]) -> None:
        """Try what no client takes, where what somebody takes is shut."""
        reached = [self._reached[name] for name in names if name in self._reached]
        shut = [one.line for one in reached if not one.works]
        spare = spare_lines(shut, read_wrapper(self._patient.around.environment), self._reached) if shut else ()
        tasks = {line.name: lambda line=line: self._try(line, self._beside(line)) for line in spare}
        self._reached |= side_by_side(tasks, min(self._until, time.monotonic() + _BESIDE))

    def _beside(self, line: Line) -> tuple[Way, ...]:
        """How the clients for which it is tried would go by a line that leads straight."""
        same = (
            way for way in self._ways if (way.host, way.port) == (line.host, line.port) and way.client in PUBLISHING
        )
        return () if line.via else tuple(replace(way, via="") for way in same if way.needed)

    def _way_out(self, asking: Mapping[str, Asking[_Reached]]) -> Network | None:
        """A network by which the Hub can be asked: hfpush's own where it works, else by the first line that does."""
        own = [way.line for way in self._ways if way.target == "hub" and way.client == "hfpush"]
        for name in dict.fromkeys([*own, *asking]):
            reached = asking[name].wait(self._until) if name in asking else None
            if reached is not None and reached.works:
                network = self._patient.network
                return network if name in own else replace(network, routes=_only_by(reached.line))
        return None

    # -- the Hub ----------------------------------------------------------------------------------------------------

    def _speak(self, network: Network) -> tuple[tuple[Exchange, ...], Account, Lfs]:
        patient, question = self._patient, self._patient.question
        self._tell("the Hub's API")
        self._git = self._git_itself()
        hub = Asking(
            lambda: ask_hub(
                patient.endpoint,
                network,
                patient.token,
                question,
                self._left(_HTTP),
                known=patient.account,
                git_login=patient.git_login,
            )
        )
        batch = Asking(lambda: ask_batch(patient.endpoint, network, patient.token, question, self._left(_HTTP)))
        xet = Asking(lambda: ask_xet(patient.endpoint, network, patient.token, question, self._left(_HTTP)))
        lfs = Lfs()
        answered = batch.wait(self._until)
        if answered is not None:
            lfs = self._storage(network, *answered)
        told = xet.wait(self._until)
        more: tuple[Exchange, ...] = ()
        if told is not None:
            lfs, more = replace(lfs, xet=told[0]), told[1]
            if told[0].cas:
                self._collect(self._reach("xet", told[0].cas))
        lfs = replace(lfs, mirror=rounded_off(lfs.mirror, patient.endpoint, lfs.puts, lfs.xet))
        spoken = hub.wait(self._until)
        if spoken is None:
            self._skip("http", "the Hub", "no time was left")
            return more, patient.account, lfs
        return (*spoken[0], *more), spoken[1], lfs

    def _git_itself(self) -> Asking[GitAsked | None] | None:
        """git, asked in its own right; not where the repository has settings of its own, which git does not have away
        from it, and would go another way with."""
        patient, around = self._patient, self._patient.around
        usual = [way for way in self._ways if way.target == "hub" and way.client == "git" and not way.error]
        away = [
            way for way in ways(replace(around, settings=around.users), {"hub": patient.url}) if way.client == "git"
        ]
        if not usual:
            return None
        if usual != away:
            self._skip("http", "git itself", "the repository's own settings lead it another way")
            return None
        url, line, program = patient.git_url, usual[0].line, around.program("git").path or "git"
        return Asking(lambda: ask_git(url, line, around.environment, self._left(_GIT), program=program))

    def _storage(self, network: Network, batch: Batch, offer: Offer | None) -> Lfs:
        """What becomes of bytes, by each line to where the LFS API leads."""
        patient = self._patient
        mirror = Asking(lambda: look_at_mirror(patient.endpoint, network, batch, offer, self._left(_HTTP)))
        puts: tuple[Put, ...] = ()
        if batch.storage:
            self._tell("the way to the storage")
            asking = self._reach("storage", batch.storage)
            self._collect(asking)
            self._try_beside(asking)
            reached = [self._reached[name] for name in asking if name in self._reached]
            able = [one.line for one in reached if one.works and (one.line.via or not patient.wrapper)]
            if offer is not None and able and not patient.question.quick:
                puts = self._puts(able, offer, batch.storage)
        return Lfs(batch=batch, puts=puts, flows=flows(puts), mirror=mirror.wait(self._until))

    def _puts(self, lines: Sequence[Line], offer: Offer, storage: str) -> tuple[Put, ...]:
        self._tell("how bytes are taken")
        sizes, bundle = self._sizes(storage), self._patient.network.ca_bundle
        tasks = {
            line.name: lambda line=line: ladder(line, offer, sizes, self._left(_PUT), ca_bundle=bundle)
            for line in lines
        }
        return tuple(put for found in side_by_side(tasks, self._until).values() for put in found)

    def _sizes(self, storage: str) -> tuple[int, ...]:
        """Larger bodies where nobody minds: at a Hub of one's own network, with its storage, or where somebody has
        agreed. The time that takes does not count."""
        mine, theirs = (urlsplit(url).hostname or "" for url in (self._patient.endpoint.url, storage))
        near = not self._patient.question.real or self._is_near(mine)
        if near and (theirs == mine or self._is_near(theirs)):
            return (*SMALL, *LARGE, UNENDED)
        asked = time.monotonic()
        may = self._patient.consent(sum(LARGE))
        self._until += time.monotonic() - asked
        return (*SMALL, *LARGE) if may else SMALL

    def _is_near(self, host: str) -> bool:
        """Whether a host is this machine, or has addresses of private networks alone."""
        looked_up = self._lookups.get(host)
        return is_loopback(host) or (
            looked_up is not None and bool(looked_up.kinds) and set(looked_up.kinds) <= {"private"}
        )

    # -- time -------------------------------------------------------------------------------------------------------

    def _left(self, seconds: float) -> float:
        return max(0.1, min(seconds, self._until - time.monotonic()))

    def _skip(self, layer: Layer, subject: str, why: str) -> None:
        self._skipped.append(Step(layer, subject, "skip", why))


def _only_by(line: Line) -> Routes:
    """Routes that lead everywhere by the proxy of this line, or straight."""
    if line.route.proxy is None:
        return Routes()
    return Routes.of({"all_proxy": line.route.proxy, "ALL_PROXY": line.route.proxy})
