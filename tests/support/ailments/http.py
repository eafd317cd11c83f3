"""Servers that answer wrongly, logins that are not taken, repositories that are not there or not open; and good ones.

Most need no stage: their Hub is on this machine's own loopback, which is trusted.
"""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from support.ailing import HFPUSH, Ailment, Room, Told
from support.answering import LOGIN_PAGE, Answer, Answering, Given, leads_to, page
from support.command_line import git
from support.http2_server import Http2Front
from support.stage import NAMES, Ended, six

from hfpush.localhub import Fault, LocalHub, no_answer, redirect_loop, status
from hfpush.localhub.auth import User

REPO = "local/model"
OTHER_TOKEN = "hf_tokenOfSomebodyElseEntirely"
DEAD_TOKEN = "hf_thatWasDeletedLongAgoOrNever"
_ALL = ("whoami", "info", "api", "git-refs", "batch", "locks", "tree", "preupload")


def at_home(room: Room, *faults: Fault, **config: Any) -> tuple[LocalHub, Told]:
    """A Hub on this machine's loopback with a repository, and who asks it with its token."""
    hub = room.enter(LocalHub(*faults, root=room.place / "hub", **config))
    hub.create(REPO)
    return hub, told_of(hub.url, hub.token)


def told_of(url: str, token: str | None, repo: str = REPO, *more: str) -> Told:
    """Doctor asked about a repository at `url`."""
    environment = {"HF_ENDPOINT": url} | ({} if token is None else {"HF_TOKEN": token})
    return Told(environment=environment, arguments=("--repo", repo, *more))


def faulty(make: Callable[[str], Fault]) -> Callable[[Room], Told]:
    """A Hub where something goes wrong with each request."""
    return lambda room: at_home(room, *(make(on) for on in _ALL))[1]


def instead(answer: Answer) -> Callable[[Room], Told]:
    """Somebody who answers in a Hub's place."""
    return lambda room: told_of(room.enter(Answering(answer)).url, DEAD_TOKEN)


def portal_elsewhere(room: Room) -> Told:
    portal = room.enter(Answering(lambda method, path, headers: LOGIN_PAGE))
    return instead(lambda method, path, headers: leads_to(f"{portal.url}/login?from=x"))(room)


def with_token(token: str | None, repo: str = REPO, *more: str) -> Callable[[Room], Told]:
    def stage(room: Room) -> Told:
        return told_of(at_home(room)[0].url, token, repo, *more)

    return stage


def read_only(room: Room) -> Told:
    hub, told = at_home(room)
    return replace(told, environment={**told.environment, "HF_TOKEN": hub.read_token})


def _users() -> tuple[User, ...]:
    return User("local", "hf_theOwnersOwnTokenForAll", "write", ("*",)), User("else", OTHER_TOKEN, "write")


def of_somebody_else(room: Room) -> Told:
    hub, _ = at_home(room, users=_users())
    return told_of(hub.url, OTHER_TOKEN)


def fine_grained(room: Room) -> Told:
    """The Hub on this machine knows no such tokens: its answer about this one is given in its place."""
    hub, _ = at_home(room, users=_users())
    scoped = [{"entity": {"type": "model", "name": "else/other"}, "permissions": ["repo.write"]}]
    token = {"displayName": "t", "role": "fineGrained", "fineGrained": {"global": [], "scoped": scoped}}
    me = {"type": "user", "name": "else", "orgs": [], "auth": {"type": "access_token", "accessToken": token}}
    told = Given(200, json.dumps(me).encode(), {"Content-Type": "application/json"})

    def answer(method: str, path: str, headers: dict[str, str]) -> Given | None:
        return told if path == "/api/whoami-v2" and "authorization" in headers else None

    return told_of(room.enter(Answering(answer, hub.doors[0])).url, OTHER_TOKEN)


def private(token: str | None) -> Callable[[Room], Told]:
    def stage(room: Room) -> Told:
        hub, _ = at_home(room, users=_users())
        hub.create("local/secret", private=True)
        return told_of(hub.url, token, "local/secret")

    return stage


def gated(room: Room) -> Told:
    hub, _ = at_home(room, users=_users())
    repo = hub.create("local/gated")
    hub.repos.update(repo.key, lambda record: replace(record, gated="manual"))
    return told_of(hub.url, OTHER_TOKEN, "local/gated", "--for", "fetch")


def clone_of(room: Room, url: str) -> Path:
    """A repository with a remote, and one commit."""
    place = room.place / "work"
    place.mkdir()
    git(place, "init", "-q")
    (place / "README.md").write_text("# A model\n")
    git(place, "add", ".")
    git(place, "commit", "-q", "-m", "first")
    git(place, "remote", "add", "origin", url)
    return place


def wrong_type(room: Room) -> Told:
    hub, told = at_home(room)
    hub.create("local/table", "datasets")
    place = clone_of(room, f"{hub.url}/local/table")
    return replace(told, arguments=(str(place),), cwd=place)


def token_in_remote(room: Room) -> Told:
    hub, told = at_home(room)
    place = clone_of(room, hub.git_url(REPO, token=hub.token))
    return replace(told, arguments=(str(place),), cwd=place)


def stale_helper(room: Room) -> Told:
    """git's helper holds a token that the Hub no longer takes; hfpush has a good one."""
    hub, told = at_home(room)
    hub.create("local/secret", private=True)
    place = clone_of(room, f"{hub.url}/local/secret")
    login, config = room.place / "logins", room.place / "gitconfig"
    login.write_text(hub.url.replace("://", f"://me:{DEAD_TOKEN}@") + "\n")
    config.write_text(f"[credential]\n\thelper = store --file={login}\n")
    environment = {**told.environment, "GIT_CONFIG_GLOBAL": str(config), "GIT_TERMINAL_PROMPT": "0"}
    return replace(told, arguments=(str(place),), cwd=place, environment=environment)


def slow_clock(room: Room) -> Told:
    """Hub and storage agree on a time an hour before ours."""

    def clock() -> float:
        return time.time() - 3600

    fronts = [room.enter(Answering(lambda method, path, headers: None, clock=clock)) for _ in range(2)]
    hub, _ = at_home(room, api_url=fronts[0].url, storage_url=fronts[1].url, clock=clock)
    for front, door in zip(fronts, hub.doors, strict=True):
        front.send_on_to(door)
    return told_of(fronts[0].url, hub.token)


# ---------------------------------------------------------------- on a stage


def in_front(room: Room, answer: Answer, *, url: str = "https://hf.test", **more: Any) -> tuple[LocalHub, Told]:
    """A Hub on the stage, and somebody before it who answers some requests."""
    hub = room.enter(LocalHub(root=room.place / "hub", api_url=url, storage_url="https://s3.hf.test"))
    hub.create(REPO)
    name = url.partition("://")[2].partition("/")[0]
    before = room.enter(Answering(answer, hub.doors[0], **more))
    room.stage.front(name, before.url, room.stage.context(room.stage.public, name))
    room.stage.front("s3.hf.test", hub.doors[1], room.stage.context(room.stage.public, "s3.hf.test"))
    return hub, told_of(url, hub.token)


def trust(room: Room, url: str, kind: str = "hub", *, trusted: bool = True) -> None:
    """Let the user's list of endpoints have this one."""
    folder = room.place / "config/hfpush"
    folder.mkdir(parents=True, exist_ok=True)
    lines = ["endpoints:", "  own:", f"    url: {url}", f"    kind: {kind}", f"    trusted: {str(trusted).lower()}", ""]
    (folder / "endpoints.yaml").write_text("\n".join(lines))


def to_plain_http(room: Room) -> Told:
    _, told = in_front(room, lambda method, path, headers: leads_to(f"http://hf.test{path}", 308))
    trust(room, "https://hf.test")
    return told


def portal_without_tls(room: Room) -> Told:
    """TLS is answered with the portal's own certificate, and port 80 with the way to its page."""
    portal = room.enter(Answering(lambda method, path, headers: LOGIN_PAGE))
    sends = room.enter(Answering(lambda method, path, headers: leads_to("http://other.test/login")))
    room.stage.front("hf.test", portal.url, room.stage.context(room.stage.public, "other.test"))
    room.stage.front("hf.test", sends.url, port=80)
    room.stage.front("other.test", portal.url, port=80)
    trust(room, "https://hf.test")
    return told_of("https://hf.test", DEAD_TOKEN)


def untrusted_mirror(room: Room) -> Told:
    return in_front(room, lambda method, path, headers: None, url="https://mirror.test")[1]


def http2(how: str) -> Callable[[Room], Told]:
    def stage(room: Room) -> Told:
        hub = room.enter(LocalHub(root=room.place / "hub", api_url="https://hf.test", storage_url="https://s3.hf.test"))
        hub.create(REPO)
        listeners = [room.stage.listen(address, 443) for address in (NAMES["hf.test"], six(NAMES["hf.test"]))]
        context = room.stage.context(room.stage.public, "hf.test")
        room.enter(Http2Front(listeners, hub.doors[0], context, how))
        room.stage.front("s3.hf.test", hub.doors[1], room.stage.context(room.stage.public, "s3.hf.test"))
        trust(room, "https://hf.test")
        place = clone_of(room, f"https://hf.test/{REPO}")
        config = room.place / "gitconfig"
        config.write_text("")
        own = {"GIT_CONFIG_GLOBAL": str(config), "GIT_TERMINAL_PROMPT": "0"}
        told = told_of("https://hf.test", hub.token)
        return replace(told, arguments=(str(place),), cwd=place, environment={**told.environment, **own})

    return stage


def straight(room: Room) -> Told:
    _, told = in_front(room, lambda method, path, headers: None)
    trust(room, "https://hf.test")
    return told


def prefixed(room: Room) -> Told:
    """A registry with a path of its own before the Hub's API, which knows neither accounts nor git."""

    def answer(method: str, path: str, headers: dict[str, str]) -> Given | None:
        return page("no such path", 404) if "whoami" in path or ".git/" in path else None

    url = "https://mirror.test/repository/hf"
    hub, _ = in_front(room, answer, url=url, prefix="/repository/hf")
    trust(room, url, "nexus")
    return told_of(url, hub.token, REPO, "--for", "fetch")


def below_a_path(room: Room) -> Told:
    """A Hub with a path of its own before everything, which carries all."""
    url = "https://mirror.test/repository/hf"
    _, told = in_front(room, lambda method, path, headers: None, url=url, prefix="/repository/hf")
    trust(room, url, "mirror")
    return told


# ---------------------------------------------------------------- cures


def another_token(token_of: Callable[[Room], str]) -> Callable[[Room, Told, dict[str, Any]], Told]:
    """The line of the remedy that reads a token, pasted into a shell, and a good token typed there."""

    def cure(room: Room, told: Told, finding: dict[str, Any]) -> Told:
        typed = room.place / "typed"
        typed.write_text(token_of(room) + "\n")
        line = next(one for one in finding["remedy"] if "read -rs" in one)
        return replace(told, wrap=("bash", "-c", f'{{ {line}\n}} <{typed}; exec "$@" </dev/null', "bash"))

    return cure


def _owners(room: Room) -> str:
    kept: dict[str, str] = json.loads((room.place / "hub/tokens.json").read_text())
    return kept["write"]


def publish(room: Room, told: Told) -> Ended:
    """`hfpush publish` of a small folder."""
    folder = room.place / "folder"
    folder.mkdir(exist_ok=True)
    (folder / "a.txt").write_text("a\n")
    return room.run(told, *HFPUSH, "publish", str(folder), "--to", REPO)


def pasted(lines: int = 1) -> Callable[[Room, Told, dict[str, Any]], Told]:
    """The first lines of the remedy, pasted into a shell where doctor was run."""

    def cure(room: Room, told: Told, finding: dict[str, Any]) -> Told:
        done = room.run(told, "bash", "-ec", "\n".join(finding["remedy"][:lines]))
        assert done.code == 0, done.text
        return told

    return cure


def forgotten(room: Room, told: Told, finding: dict[str, Any]) -> Told:
    """git's helper forgets the dead token, and is given the good one, as git would."""
    pasted()(room, told, finding)
    assert DEAD_TOKEN not in (room.place / "logins").read_text()
    given = f"url={told.environment['HF_ENDPOINT']}\nusername=me\npassword={told.environment['HF_TOKEN']}\n\n"
    env = {**room.environment, **told.environment}
    subprocess.run(["git", "credential", "approve"], input=given, text=True, env=env, check=True)
    return told


def list_remote(room: Room, told: Told) -> Ended:
    """The first question of a push and a fetch, by git itself."""
    return room.run(told, "git", "ls-remote", "origin")


# ---------------------------------------------------------------- all of them


_AGAIN = {"cure": another_token(_owners), "works": publish}
_STAGE = ("ip", "nft")

ROWS: tuple[Ailment, ...] = (
    Ailment("a login page for everything", "captive-portal", instead(lambda m, p, h: LOGIN_PAGE), quick=True),
    Ailment("everything is redirected to a login page elsewhere", "captive-portal", portal_elsewhere),
    Ailment("a portal that takes TLS too", "captive-portal", portal_without_tls, needs=_STAGE),
    Ailment("a web server that is no Hub", "not-a-hub", instead(lambda m, p, h: page("It works!"))),
    Ailment("a server that knows no such path", "not-a-hub", instead(lambda m, p, h: page("not found", 404))),
    Ailment("redirects in circles", "redirect-refused", faulty(redirect_loop), rare=True),
    Ailment("redirects from https to http", "redirect-insecure", to_plain_http, needs=_STAGE),
    Ailment("503 from everything", "hub-unavailable", faulty(lambda on: status(503, on, times=None))),
    Ailment(
        "502 with a page, from something before the Hub", "hub-unavailable", instead(lambda m, p, h: page("x", 502))
    ),
    Ailment(
        "429 with RateLimit",
        "rate-limited",
        faulty(lambda on: status(429, on, times=None, ratelimit='"api";r=0;t=30')),
        rare=True,
    ),
    Ailment(
        "429 with a Retry-After of an hour",
        "rate-limited",
        faulty(lambda on: status(429, on, times=None, retry_after=3600)),
        rare=True,
    ),
    Ailment("what is asked is cut off", "connection-cut", faulty(lambda on: no_answer(on, how="reset")), rare=True),
    Ailment("what is asked is never answered", "stalled", faulty(no_answer), rare=True),
    Ailment("HTTP/2 that is reset", "http2-broken", http2("reset"), pasted(), list_remote, needs=_STAGE),
    Ailment("HTTP/2 that ends", "http2-broken", http2("goaway"), pasted(), list_remote, needs=_STAGE),
    Ailment("no token", "token-missing", with_token(None)),
    Ailment("a token that was deleted", "token-refused", with_token(DEAD_TOKEN), quick=True, **_AGAIN),  # type: ignore[arg-type]
    Ailment("a password in the token's place", "password-not-token", with_token("hunter2"), **_AGAIN),  # type: ignore[arg-type]
    Ailment("a token for reading", "no-permission", read_only, **_AGAIN),  # type: ignore[arg-type]
    Ailment("a token of somebody else", "no-permission", of_somebody_else),
    Ailment("a fine-grained token without this repository", "no-permission", fine_grained),
    Ailment("a private repository, and nobody's token", "token-missing", private(None)),
    Ailment("a private repository, and another's token", "repo-not-found", private(OTHER_TOKEN)),
    Ailment("a gated repository", "repo-gated", gated, rare=True),
    Ailment("a dataset given as a model", "repo-not-found", wrong_type, pasted(), list_remote, needs=("git",)),
    Ailment(
        "a slip in the repository's name",
        "repo-not-found",
        lambda room: replace(at_home(room)[1], arguments=("--repo", "local/modle")),
    ),
    Ailment("a token in a remote's URL", "token-in-remote", token_in_remote, needs=("git",), rare=True),
    Ailment(
        "a dead token in git's helper", "token-refused", stale_helper, forgotten, list_remote, needs=("git",), rare=True
    ),
    Ailment("HF_ENDPOINT at a mirror without trust", "token-to-mirror", untrusted_mirror, needs=_STAGE, rare=True),
    Ailment("a clock that is an hour ahead", "clock-skewed", slow_clock),
    Ailment("well: a Hub on this machine", None, lambda room: at_home(room)[1], quick=True),
    Ailment("well: straight", None, straight, needs=_STAGE),
    Ailment("well: a registry with a path of its own", None, prefixed, needs=_STAGE),
    Ailment("well: a mirror with a path of its own", None, below_a_path, needs=_STAGE),
    Ailment("well: HTTP/2", None, http2("well"), needs=_STAGE),
)
