"""Publish and fetch through mirrors that carry only half of a Hub."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from support.command_line import CommandLine, make_repo, objects_at
from support.half_mirror import HalfMirror, half_mirror
from support.slowly import mostly_slow

from hfpush.commands.fetch import fetch
from hfpush.commands.fetch_report import FetchRequest
from hfpush.commands.publish import publish
from hfpush.commands.publish_report import PublishPlan, PublishReport, PublishRequest
from hfpush.endpoints import Endpoint, RepoAddress
from hfpush.errors import HfpushError, Unavailable
from hfpush.localhub import LocalHub
from hfpush.net.network import Network
from hfpush.net.patience import Patience
from hfpush.transfer.observe import Silent

pytestmark = pytest.mark.needs("git")
PARTS = {"part_size": 100_000, "multipart_threshold": 200_000}
POSTS = r"^POST /(api/|.*objects/batch)"


class Watch(Silent):
    """Keeps nothing."""

    def stage(self, text: str) -> None: ...
    def hashed(self, count: int) -> None: ...
    def planned(self, plan: PublishPlan) -> None: ...


@dataclass(frozen=True)
class Room:
    """A Hub, and files to be published to it."""

    hub: LocalHub
    folder: Path
    content: bytes

    def known(self, **more: Any) -> Network:
        hub = Endpoint("the-hub", self.hub.url)
        return Network(Patience(connect=2, idle=5, answer=5), known=(hub,), **more)

    def address(self, mirror: HalfMirror, kind: Any = "mirror") -> RepoAddress:
        return RepoAddress.parse(Endpoint("half", mirror.url, kind), "local/model")

    def publish(self, mirror: HalfMirror, kind: Any = "mirror") -> PublishReport:
        request = PublishRequest(
            self.folder / "repo",
            self.address(mirror, kind),
            self.folder / "state",
            token=self.hub.token,
            attempts=4,
            network=self.known(),
        )
        return publish(request, Watch())

    def refused(self, mirror: HalfMirror, kind: Any = "mirror") -> HfpushError:
        with pytest.raises(HfpushError) as caught:
            self.publish(mirror, kind)
        assert self.hub.token not in str(vars(caught.value)) + str(caught.value.finding)
        return caught.value


@pytest.fixture
def room(tmp_path: Path) -> Any:
    content = os.urandom(450_000)
    make_repo(tmp_path / "repo", {"a.bin": content}, {"README.md": b"# Hello\n"})
    with LocalHub(root=tmp_path / "hub", page_size=2, **PARTS) as hub:
        yield Room(hub, tmp_path, content)


def arrived(room: Room) -> bool:
    return len(objects_at(room.hub)) == 1


def test_a_trusted_mirror_that_hands_posts_over_publishes_and_the_token_reaches_the_hub(room: Room) -> None:
    with half_mirror(room.hub.url, hands_over=POSTS) as mirror:
        assert room.publish(mirror).verified == 1
        assert mirror.paths("^POST /api/repos/create"), "it was asked first"
    assert arrived(room)


@pytest.mark.parametrize("kind", ["hub", "mirror"])
def test_a_mirror_that_hands_over_to_a_stranger_is_named_with_what_it_lacks(room: Room, kind: str) -> None:
    with (
        half_mirror(room.hub.url) as stranger,
        half_mirror(room.hub.url, hands_over=POSTS, hands_over_to=stranger.url) as mirror,
    ):
        error = room.refused(mirror, kind)
        assert error.finding.reference == "mirror-half"
        assert "creating a repository" in error.finding.message
        assert any("hfpush endpoint add" in line for line in error.finding.remedy)
        assert stranger.asked == [], "not even without a token"


def test_an_endpoint_that_calls_itself_a_hub_hands_no_token_over(room: Room) -> None:
    with half_mirror(room.hub.url, hands_over=POSTS) as mirror:
        error = room.refused(mirror, "hub")
    assert error.finding.reference == "mirror-half"
    assert "the same command with --endpoint the-hub" in error.finding.remedy


def test_addresses_that_it_does_not_rewrite_lead_to_storage_directly(room: Room) -> None:
    with half_mirror(room.hub.url) as mirror:
        assert room.publish(mirror).verified == 1
        assert not mirror.paths("^PUT "), "storage was reached without it"
        assert mirror.paths("complete_multipart"), "the end of the upload went through it"


def test_what_it_does_not_carry_of_the_end_is_asked_of_the_hub_itself(room: Room) -> None:
    with half_mirror(room.hub.url, lacks="complete_multipart|/verify") as mirror:
        assert room.publish(mirror).verified == 1
        assert len(mirror.paths("complete_multipart")) == 1
    assert arrived(room)


def test_an_end_that_nobody_carries_is_named(room: Room) -> None:
    dead = "http://127.0.0.1:9"
    with half_mirror(
        room.hub.url, lacks="complete_multipart", renames=(f"{room.hub.url}/api/", f"{dead}/api/")
    ) as mirror:
        request = PublishRequest(
            room.folder / "repo",
            room.address(mirror),
            room.folder / "state",
            token=room.hub.token,
            attempts=2,
            network=Network(known=(Endpoint("dead", dead),)),
        )
        with pytest.raises(Unavailable) as caught:
            publish(request, Watch())
    assert caught.value.finding.reference == "mirror-half"
    assert "the end of an upload in parts" in caught.value.finding.message
    assert not arrived(room)
    with half_mirror(room.hub.url) as whole:
        before = room.hub.seen.bytes_in("put")
        assert room.publish(whole).verified == 1
        assert room.hub.seen.bytes_in("put") >= before, "another endpoint, another journal"


def test_lists_whose_next_page_names_the_hub_are_read_at_the_mirror(room: Room) -> None:
    with half_mirror(room.hub.url) as mirror:
        room.publish(mirror)
        mirror.asked.clear()
        request = FetchRequest(
            room.address(mirror), token=room.hub.token, local_dir=room.folder / "got", network=room.known()
        )
        fetch(request)
        assert mirror.paths("tree/.*cursor="), "a page that the Hub had named with its own address"
    assert (room.folder / "got/a.bin").read_bytes() == room.content


SPOILED = [
    (f"{what} {on}", what, on)
    for what in ("page", "half", "cut")
    for on in ("objects/batch", "repos/create", "GET /api/models/local/model")
]
EACH_ONCE = {"page objects/batch", "half repos/create", "cut GET /api/models/local/model"}


@pytest.mark.parametrize(("case", "what", "on"), mostly_slow(SPOILED, quick=EACH_ONCE))
def test_one_spoiled_answer_is_got_over(room: Room, case: str, what: str, on: str) -> None:
    if "GET" in on:
        room.hub.create("local/model")
    with half_mirror(room.hub.url, **{what: on}, times=1) as mirror:
        assert room.publish(mirror).verified == 1


@pytest.mark.parametrize("what", ["page", pytest.param("half", marks=pytest.mark.slow)])
def test_answers_that_are_always_spoiled_are_no_hubs(room: Room, what: str) -> None:
    with half_mirror(room.hub.url, **{what: "objects/batch"}) as mirror:
        assert room.refused(mirror).finding.reference == "not-a-hub"
        assert len(mirror.paths("objects/batch")) <= 3


def test_from_the_command_line_a_mirror_and_its_hub_are_trusted_by_name(room: Room, home: Path) -> None:
    with half_mirror(room.hub.url, hands_over=POSTS) as mirror:
        line = CommandLine(home, room.hub)
        publish = ("publish", str(room.folder / "repo"), "--to", "local/model", "--json", "--endpoint")
        assert line.run("endpoint", "add", "half", mirror.url, "--trust").code == 0
        refused = line.run(*publish, "half")
        assert refused.reference == "mirror-half", "the Hub is a stranger as long as nobody has named it"
        assert line.run("endpoint", "add", "whole", room.hub.url, "--kind", "hub", "--trust").code == 0
        said = line.run(*publish, "half")
        assert said.code == 0, said
    assert arrived(room)
