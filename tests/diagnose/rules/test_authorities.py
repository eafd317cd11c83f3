"""Who believes whom, and what makes everybody do so."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from hfpush.diagnose.cause import Cause
from hfpush.diagnose.facts.all import Facts
from hfpush.diagnose.facts.machine import Client, ConfigLine, Machine
from hfpush.diagnose.facts.tls import Certificate, Handshake, Judged
from hfpush.diagnose.facts.ways import Target, Way
from hfpush.diagnose.rules.authorities import causes

SYSTEM = ("/etc/ssl/certs/ca-certificates.crt",)
OWN = ("/srv/ada/corp ca.pem",)
HOSTS: dict[Target, str] = {"hub": "hf.test", "storage": "s3.hf.test"}
ALL = "export SSL_CERT_FILE={0} GIT_SSL_CAINFO={0} REQUESTS_CA_BUNDLE={0} CURL_CA_BUNDLE={0}"
Said = Mapping[tuple[Client, Target], tuple[str, tuple[str, ...]]]


def facts_of(said: Said, *, unchecked: tuple[tuple[Client, Target], ...] = (), **more: object) -> Facts:
    ways, judged = [], []
    for (client, target), (outcome, trust) in said.items():
        store = "system" if trust == SYSTEM else "SSL_CERT_FILE"
        way = Way(client, target, HOSTS[target], 443, trust=trust, store=store)
        ways.append(way)
        judged.append(Judged(way.line, client, outcome, store, trust, "unable to get local issuer certificate"))  # type: ignore[arg-type]
    ways += [Way(client, target, HOSTS[target], 443, verifies=False) for client, target in unchecked]
    shaken = tuple(
        Handshake(f"{host}:443 straight", certificate=Certificate(issuer="Corp CA", names=(host,)))
        for host in HOSTS.values()
    )
    return Facts(ways=tuple(ways), judged=tuple(judged), handshakes=shaken, **more)  # type: ignore[arg-type]


def one(facts: Facts) -> Cause:
    (found,) = causes(facts)
    return found


def test_what_everybody_believes_is_no_cause() -> None:
    assert list(causes(facts_of({("git", "hub"): ("ok", SYSTEM), ("git-lfs", "storage"): ("ok", OWN)}))) == []


def test_what_nobody_believes_names_the_issuer() -> None:
    said: Said = {("git", "hub"): ("unknown-issuer", SYSTEM), ("git-lfs", "storage"): ("unknown-issuer", SYSTEM)}
    cause = one(facts_of(said))
    assert cause.finding.reference == "tls-untrusted"
    assert "Corp CA" in cause.finding.message
    assert cause.hosts == frozenset(HOSTS.values())
    assert cause.finding.remedy[1:3] == (
        f'cat {SYSTEM[0]} ca.pem > "$HOME/ca-bundle.pem"',
        ALL.format('"$HOME/ca-bundle.pem"'),
    )


def test_a_file_that_some_have_is_merged_for_all() -> None:
    cause = one(facts_of({("git", "hub"): ("ok", OWN), ("git-lfs", "hub"): ("unknown-issuer", SYSTEM)}))
    assert cause.finding.reference == "ca-not-everywhere"
    assert "which git knows and git-lfs does not" in cause.finding.message
    assert cause.finding.remedy == (
        f"cat {SYSTEM[0]} '/srv/ada/corp ca.pem' > \"$HOME/ca-bundle.pem\"",
        ALL.format('"$HOME/ca-bundle.pem"'),
    )


def test_a_folder_that_some_have_is_merged_file_by_file() -> None:
    cause = one(facts_of({("git", "hub"): ("ok", ("/srv/cas",)), ("git-lfs", "hub"): ("unknown-issuer", SYSTEM)}))
    assert "find -L /srv/cas -type f" in cause.finding.remedy[0]


def test_what_the_system_knows_needs_no_file_of_its_own() -> None:
    cause = one(facts_of({("git", "hub"): ("ok", SYSTEM), ("git-lfs", "hub"): ("unknown-issuer", OWN)}))
    assert cause.finding.remedy == (ALL.format(SYSTEM[0]),)


@pytest.mark.parametrize(("client", "severity"), [("huggingface_hub", "note"), ("hfpush", "error")])
def test_tools_that_are_merely_there_are_a_note(client: Client, severity: str) -> None:
    cause = one(facts_of({("git", "hub"): ("ok", OWN), (client, "hub"): ("unknown-issuer", SYSTEM)}))
    assert cause.finding.severity == severity


def test_who_goes_nowhere_has_no_say() -> None:
    assert list(causes(facts_of({("git", "hub"): ("ok", OWN), ("curl", "hub"): ("unknown-issuer", SYSTEM)}))) == []


def test_a_setting_for_the_hub_alone() -> None:
    said: Said = {
        ("git", "hub"): ("ok", OWN),
        ("git-lfs", "hub"): ("ok", OWN),
        ("huggingface_hub", "hub"): ("unknown-issuer", SYSTEM),
        ("git-lfs", "storage"): ("unknown-issuer", SYSTEM),
    }
    setting = ConfigLine("http.https://hf.test.sslCAInfo", OWN[0], "/srv/ada/.gitconfig", 7)
    cause = one(facts_of(said, machine=Machine(settings=(setting,))))
    assert cause.finding.reference == "ca-hub-only"
    assert any("/srv/ada/.gitconfig, line 7" in line for line in cause.finding.evidence)
    assert "corp ca.pem" in cause.finding.remedy[0]


def test_a_check_that_is_off_for_the_hub_alone() -> None:
    cause = one(facts_of({("git-lfs", "storage"): ("unknown-issuer", SYSTEM)}, unchecked=(("git-lfs", "hub"),)))
    assert cause.finding.reference == "ca-hub-only"
    assert any("not checked" in line for line in cause.finding.evidence)


def test_a_certificate_of_another_host_is_not_told_here() -> None:
    facts = facts_of({("git", "hub"): ("unknown-issuer", SYSTEM)})
    other = Handshake("hf.test:443 straight", certificate=Certificate(issuer="Corp CA", names=("login.example",)))
    assert list(causes(Facts(ways=facts.ways, judged=facts.judged, handshakes=(other,)))) == []


def test_two_authorities_are_two_causes() -> None:
    facts = facts_of({("git", "hub"): ("unknown-issuer", SYSTEM), ("git-lfs", "storage"): ("unknown-issuer", SYSTEM)})
    shaken = (facts.handshakes[0], Handshake("s3.hf.test:443 straight", certificate=Certificate(issuer="Other CA")))
    found = list(causes(Facts(ways=facts.ways, judged=facts.judged, handshakes=shaken)))
    assert [cause.host for cause in found] == ["hf.test", "s3.hf.test"]
