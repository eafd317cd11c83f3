"""Which server objects come from: git-lfs's order, and no other host for a .lfsconfig."""

from __future__ import annotations

import pytest

from hfpush.errors import Misuse
from hfpush.repo.filter.origin import LfsServer, asked_server, lfs_server, over_http, remote_of

HUB = "https://huggingface.co/ada/model"


@pytest.mark.parametrize(
    ("settings", "brought", "url", "server"),
    [
        ({}, {}, HUB, f"{HUB}.git/info/lfs"),
        ({}, {}, f"{HUB}.git/", f"{HUB}.git/info/lfs"),
        ({}, {}, "http://HOST:8080/x/y", "http://HOST:8080/x/y.git/info/lfs"),
        ({"lfs.url": "https://lfs.example.com/x/"}, {}, HUB, "https://lfs.example.com/x"),
        ({"remote.origin.lfsurl": "https://l.example.com"}, {}, HUB, "https://l.example.com"),
        ({"remote.other.lfsurl": "https://l.example.com"}, {}, HUB, f"{HUB}.git/info/lfs"),
        ({}, {"lfs.url": "https://huggingface.co/mirror/lfs/"}, HUB, "https://huggingface.co/mirror/lfs"),
        ({}, {"lfs.url": "https://evil.example.com/x"}, HUB, f"{HUB}.git/info/lfs"),
        ({}, {"lfs.url": "http://huggingface.co/x"}, HUB, f"{HUB}.git/info/lfs"),
        ({}, {"lfs.url": "https://huggingface.co@evil.example.com/x"}, HUB, f"{HUB}.git/info/lfs"),
        ({}, {"lfs.url": "https://huggingface.co\\@evil.example.com/x"}, HUB, f"{HUB}.git/info/lfs"),
        ({}, {"remote.origin.lfsurl": "ssh://evil.example.com/x"}, HUB, f"{HUB}.git/info/lfs"),
        ({"lfs.url": "https://own.example.com"}, {"lfs.url": f"{HUB}/x"}, HUB, "https://own.example.com"),
    ],
)
def test_the_server_is_found_as_git_lfs_finds_it(
    settings: dict[str, str], brought: dict[str, str], url: str, server: str
) -> None:
    assert lfs_server(settings, brought, remote="origin", remote_url=url) == LfsServer(server)


def test_a_password_in_the_url_is_taken_out_and_never_shown() -> None:
    found = lfs_server({}, {}, remote="origin", remote_url="https://ada:hf_s%2Fecret@huggingface.co/ada/model")
    assert (found.url, found.password) == (f"{HUB}.git/info/lfs", "hf_s/ecret")
    assert "ecret" not in repr(found)


@pytest.mark.parametrize("url", [None, "git@hf.co:ada/model", "/srv/model.git", "file:///x", "https://[", "https://"])
def test_a_remote_without_http_is_told(url: str | None) -> None:
    with pytest.raises(Misuse) as told:
        lfs_server({}, {}, remote="origin", remote_url=url)
    assert told.value.finding.reference == "lfs-remote"


@pytest.mark.parametrize(
    ("settings", "branch", "remote"),
    [
        ({}, "main", "origin"),
        ({"branch.main.remote": "hub"}, "main", "hub"),
        ({"branch.main.remote": "."}, "main", "origin"),
        ({"branch.main.remote": "hub"}, None, "origin"),
        ({"remote.a.b.url": "x"}, None, "a.b"),
        ({"remote.a.url": "x", "remote.b.url": "y"}, None, "origin"),
        ({"remote.a.url": "x", "remote.b.url": "y", "remote.lfsdefault": "b"}, None, "b"),
    ],
)
def test_the_remote_is_the_branchs_or_the_only_one(settings: dict[str, str], branch: str | None, remote: str) -> None:
    assert remote_of(settings, branch) == remote


OWN, OTHER = "https://own.example.com/lfs", "https://other.example.com/lfs"
DERIVED = f"{HUB}.git/info/lfs"


@pytest.mark.parametrize(
    ("settings", "brought", "pushed_to", "pulled_from"),
    [
        ({}, {}, LfsServer(DERIVED), LfsServer(DERIVED)),
        ({"lfs.pushurl": OWN}, {}, LfsServer(OWN), LfsServer(DERIVED)),
        ({"lfs.url": OWN, "remote.origin.lfsurl": OTHER}, {}, LfsServer(OWN), LfsServer(OWN)),
        ({"remote.origin.lfspushurl": OWN, "remote.origin.lfsurl": OTHER}, {}, LfsServer(OWN), LfsServer(OTHER)),
        ({"lfs.url": OWN}, {"lfs.pushurl": OTHER}, LfsServer(OTHER, None, True), LfsServer(OWN)),
        ({"lfs.url": OWN}, {"lfs.url": OTHER}, LfsServer(OWN), LfsServer(OWN)),
        ({"remote.origin.lfsurl": OWN}, {"lfs.url": OTHER}, LfsServer(OTHER, None, True), LfsServer(OTHER, None, True)),
        ({}, {"remote.origin.lfspushurl": OTHER}, LfsServer(DERIVED), LfsServer(DERIVED)),
        ({}, {"lfs.url": f"{HUB}/lfs"}, LfsServer(f"{HUB}/lfs"), LfsServer(f"{HUB}/lfs")),
        ({"remote.other.lfsurl": OWN}, {}, LfsServer(DERIVED), LfsServer(DERIVED)),
    ],
)
def test_an_agent_goes_where_git_lfs_has_asked_and_knows_who_chose_that(
    settings: dict[str, str], brought: dict[str, str], pushed_to: LfsServer, pulled_from: LfsServer
) -> None:
    for push, server in ((True, pushed_to), (False, pulled_from)):
        assert asked_server(settings, brought, push=push, remote="origin", remote_url=HUB) == server


def test_without_a_remote_only_settings_say_where_git_lfs_has_asked() -> None:
    given = {"lfs.url": OWN}
    assert asked_server(given, {}, push=True, remote="origin", remote_url=None) == LfsServer(OWN)
    assert asked_server({}, given, push=True, remote="origin", remote_url=None) == LfsServer(OWN, None, True)
    with pytest.raises(Misuse):
        asked_server({}, {}, push=True, remote="origin", remote_url=None)


@pytest.mark.parametrize(
    ("url", "web"),
    [
        ("git@hf.co:ada/model", HUB),
        ("ssh://git@hf.co/ada/model", HUB),
        ("ssh://git@hf.co:2222/ada/model.git", f"{HUB}.git"),
        ("git+ssh://lfs.example.com/x", "https://lfs.example.com/x"),
        ("lfs.example.com:x/y", "https://lfs.example.com/x/y"),
        (HUB, HUB),
        ("http://127.0.0.1:80/x", "http://127.0.0.1:80/x"),
        ("file:///srv/x", "file:///srv/x"),
        ("/srv/x:y", "/srv/x:y"),
    ],
)
def test_an_ssh_address_stands_for_the_https_one(url: str, web: str) -> None:
    assert over_http(url) == web
