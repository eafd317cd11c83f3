"""What each client makes of the certificates that it meets: the table that rules about them begin with. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hfpush.diagnose.facts.all import Facts
from hfpush.diagnose.facts.machine import CLIENTS, Client
from hfpush.diagnose.facts.tls import Certificate, Judged
from hfpush.diagnose.facts.ways import Way


@dataclass(frozen=True)
class Opinion:
    """What a client makes of the certificate on its way."""

    way: Way
    judged: Judged
    certificate: Certificate

    @property
    def host(self) -> str:
        """Whose certificate it should be."""
        return self.way.host


def opinions_of(facts: Facts) -> Iterator[Opinion]:
    """All of them but those about Xet's servers, also of clients that do not go there by themselves."""
    for judged in facts.judged:
        shaken = facts.handshake(judged.line)
        certificate = (shaken.certificate if shaken else None) or Certificate()
        for way in facts.ways:
            if way.line == judged.line and way.client == judged.client and way.target != "xet":
                yield Opinion(way, judged, certificate)


def is_of_another(one: Opinion) -> bool:
    """Whether the certificate is for other names than the host's; also where the issuer is not believed, which
    is what a TLS library says first: the names are read all the same."""
    if one.judged.outcome == "other-name":
        return True
    names = one.certificate.names
    return (
        one.judged.outcome in ("unknown-issuer", "expired", "not-yet")
        and bool(names)
        and not any(_covers(name, one.host) for name in names)
    )


def _covers(name: str, host: str) -> bool:
    """Whether a name of a certificate is for a host: a star stands for its first label (RFC 6125, 6.4.3)."""
    name, host = name.lower().rstrip("."), host.lower().rstrip(".")
    return name == host or (name.startswith("*.") and "." in host and host.partition(".")[2] == name[2:])


def clients_in(opinions: Sequence[Opinion]) -> tuple[Client, ...]:
    """Whose opinions these are, each once, in the usual order."""
    return tuple(sorted({one.way.client for one in opinions}, key=CLIENTS.index))


def lines_in(opinions: Sequence[Opinion]) -> tuple[str, ...]:
    """On which lines they were formed, each once."""
    return tuple(dict.fromkeys(one.judged.line for one in opinions))
