"""git's choice among its network settings for one URL; the rows agree with what `git config --get-urlmatch` says."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from hfpush.net.git_settings import GitNetwork, GitSetting, fits

ALL = ("http.proxy", "all")
HUB = ("http.https://hub.test.proxy", "hub")


def network(*pairs: tuple[str, str]) -> GitNetwork:
    def setting(key: str, value: str) -> GitSetting:
        scope = key.removeprefix("http.").removesuffix("proxy").removesuffix(".")
        return GitSetting("proxy", value, scope or None, "/etc/gitconfig", 3, key)

    return GitNetwork(tuple(setting(key, value) for key, value in pairs))


ROWS = [
    ((ALL,), "https://hub.test/a", "all"),
    ((HUB,), "https://hub.test/a", "hub"),
    ((HUB,), "https://HUB.test/a", "hub"),
    ((HUB,), "https://hub.test:443/a", "hub"),
    ((HUB,), "https://hub.test:8443/a", None),
    ((HUB,), "http://hub.test/a", None),
    ((HUB,), "https://s3.hub.test/a", None),
    ((HUB,), "https://other.test/a", None),
    ((ALL, HUB), "https://hub.test/a", "hub"),
    ((HUB, ALL), "https://hub.test/a", "hub"),
    ((HUB, ALL), "https://s3.test/a", "all"),
    ((ALL, ("http.proxy", "later")), "https://hub.test/a", "later"),
    ((ALL, ("http.proxy", "")), "https://hub.test/a", ""),
    ((ALL, ("http.https://hub.test.proxy", "")), "https://hub.test/a", ""),
    ((("http.https://*.test.proxy", "any"),), "https://hub.test/a", "any"),
    ((("http.https://*.test.proxy", "any"),), "https://a.hub.test/a", None),
    ((("http.https://hub.test/a.proxy", "deep"), HUB), "https://hub.test/a/b", "deep"),
    ((("http.https://hub.test/a.proxy", "deep"), HUB), "https://hub.test/ab", "hub"),
    ((("http.https://hub.test/a/.proxy", "deep"),), "https://hub.test/a/b", "deep"),
    ((("http.https://ada@hub.test.proxy", "ada"), HUB), "https://ada@hub.test/a", "ada"),
    ((("http.https://ada@hub.test.proxy", "ada"),), "https://hub.test/a", None),
]


@pytest.mark.parametrize(("pairs", "url", "value"), ROWS)
def test_the_setting_that_fits_best_counts(pairs: tuple[tuple[str, str], ...], url: str, value: str | None) -> None:
    found = network(*pairs).proxy(url)
    assert (found.value if found else None) == value


@pytest.mark.needs("git")
@pytest.mark.parametrize(("pairs", "url", "value"), ROWS)
def test_git_chooses_the_same(pairs: tuple[tuple[str, str], ...], url: str, value: str | None, tmp_path: Path) -> None:
    file = tmp_path / "config"
    for key, given in pairs:
        subprocess.run(["git", "config", "--file", file, "--add", key, given], check=True, timeout=30)
    asked = ["git", "config", "--file", file, "--get-urlmatch", "http.proxy", url]
    done = subprocess.run(asked, capture_output=True, text=True, timeout=30, check=False)
    assert (done.stdout.removesuffix("\n") if done.returncode == 0 else None) == value


def test_a_url_that_cannot_be_read_fits_nothing() -> None:
    assert [fits(a, b) for a, b in [("https://[", "https://a"), ("https://a", "a"), ("https://a:x", "https://a")]] == [
        None
    ] * 3


def test_for_a_host_a_remotes_proxy_goes_before_that_of_the_url_and_of_a_path() -> None:
    path = ("http.https://hub.test/me.proxy", "path")
    remote = GitSetting("proxy", "remote", "https://hub.test/me/x", written="remote.origin.proxy")
    url = "https://hub.test"
    found = [network(ALL, path), network(path, HUB), GitNetwork((remote, *network(HUB).settings)), network(ALL)]
    assert [n.proxy_of_host(url).value for n in found] == ["path", "hub", "remote", "all"]  # type: ignore[union-attr]
    assert GitNetwork().proxy_of_host(url) is None
    assert GitNetwork((remote,)).proxy_of_host("https://other.test") is None


def test_a_setting_says_where_it_stands() -> None:
    assert network(HUB).settings[0].place == "http.https://hub.test.proxy (/etc/gitconfig, line 3)"
    assert GitSetting("sslcainfo", "x", None).place == "http.sslCAInfo"
    assert GitSetting("proxy", "x", "https://hub.test/me", "f", 1, "remote.origin.proxy").key == "remote.origin.proxy"
    assert "secret" not in repr(GitSetting("proxy", "http://u:secret@p"))
    assert "secret" not in GitSetting("proxy", "x", "https://u:secret@hub.test").place


def test_ca_files_add_up_and_one_that_does_not_count_is_told() -> None:
    settings = (
        GitSetting("sslcainfo", "/a.pem"),
        GitSetting("sslcainfo", "/b.pem", "https://hub.test"),
        GitSetting("sslcainfo", "/a.pem", "https://s3.test"),
        GitSetting("sslcainfo", ""),
    )
    git = GitNetwork(settings, (GitSetting("sslcainfo", "/repo/ca.pem", None, "/repo/.git/config", 9),))
    assert {setting.value for setting in git.ca_files} == {"/a.pem", "/b.pem"}
    assert [(note.reference, note.severity) for note in git.notes] == [("ca-file-in-repo", "note")]
    assert git.notes[0].evidence == ("http.sslCAInfo (/repo/.git/config, line 9): /repo/ca.pem",)
