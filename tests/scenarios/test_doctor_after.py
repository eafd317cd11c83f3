"""A publish and a fetch that the network stops end with the cause that doctor finds, and still say how to go on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.ailing import HFPUSH, Room, Told
from support.ailments import http, paths, proxies, tls
from support.ailments.proxies import LFS
from support.fetched import REPO, add_commit
from support.slowly import mostly_rare

from hfpush.localhub import LocalHub

LARGE = bytes(range(256)) * 5000
_HTTP = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"
HUB: dict[str, Callable[[Room], Told]] = {
    "tls-plaintext": tls.answering(tls.says(_HTTP)),
    "tls-name-filtered": tls.filtered(tls.resets),
    "dns-sinkhole": paths.resolving({**paths.HERE, "hf.test": ["0.0.0.0"]}),
    "certificate-expired": tls.showing(ends=-1),
    "certificate-other-host": tls.showing(to="other.example"),
    "proxy-login": proxies.no_login,
    "proxy-failed": proxies.dead,
    "captive-portal": http.portal_without_tls,
}
STORAGE: dict[str, Callable[[Room], Told]] = {
    "certificate-expired": tls.showing(tls.STORAGE, ends=-1),
    "proxy-refused": proxies.storage_forbidden,
    "tls-untrusted": tls.nobody_knows_the_storages,
}


class _Room(Room):
    """Its Hub has a repository with a large file, to be fetched."""

    def hub(self, *faults: Any, **config: Any) -> LocalHub:
        hub = super().hub(*faults, **config)
        hub.create(REPO)
        add_commit(hub, {}, {"a.bin": LARGE})
        return hub


def ends(room: Room, told: Told, *words: str) -> dict[str, Any]:
    """The finding that a command ends with."""
    ended = room.run(told, *HFPUSH, *words, "--json", seconds=60)
    assert ended.code == 1, ended.text
    found: dict[str, Any] = ended.document["error"]
    return found


def published(room: Room, told: Told) -> dict[str, Any]:
    folder = room.place / "folder"
    folder.mkdir()
    (folder / "a.bin").write_bytes(LARGE)
    return ends(room, told, "publish", str(folder), "--to", "local/new")


def fetched(room: Room, told: Told) -> dict[str, Any]:
    return ends(room, told, "fetch", REPO, "--cache-dir", str(room.place / "cache"))


def holds(found: dict[str, Any], reference: str) -> None:
    """The cause, what the run saw, and how to go on."""
    assert found["reference"] == reference, found
    assert any("run the same command again" in line for line in found["remedy"]), found
    assert "***" not in str(found["remedy"]), found


@pytest.mark.slow
@pytest.mark.needs(*LFS)
@pytest.mark.parametrize("reference", mostly_rare({name: name for name in HUB}, slow=3))
@pytest.mark.parametrize("run", mostly_rare({"publish": published, "fetch": fetched}, slow=1))
def test_a_run_that_does_not_reach_the_hub_ends_with_the_cause(
    run: Callable[[Room, Told], dict[str, Any]], reference: str, tmp_path: Path
) -> None:
    with _Room(tmp_path) as room:
        holds(run(room, HUB[reference](room)), reference)


@pytest.mark.slow
@pytest.mark.needs(*LFS)
@pytest.mark.parametrize("reference", mostly_rare({name: name for name in STORAGE}, slow=2))
def test_a_publish_that_does_not_reach_the_storage_ends_with_the_cause(reference: str, tmp_path: Path) -> None:
    with _Room(tmp_path) as room:
        holds(published(room, STORAGE[reference](room)), reference)
