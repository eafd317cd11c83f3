"""git's network settings, with the file and the line of each, read by real git."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from hfpush.endpoints import Endpoint
from hfpush.errors import LocalTrouble
from hfpush.net.routes import Routes
from hfpush.repo.git_network import git_network

pytestmark = pytest.mark.needs("git")
HUB = "https://hub.test"


def git(place: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=place, check=True, capture_output=True, timeout=30)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q", "repo")
    return tmp_path / "repo"


def users(home: Path, text: str) -> Path:
    """Lines after those that the user's file has."""
    file = home / ".gitconfig"
    file.write_text(text)
    return file


def test_nothing_set_is_nothing_found(repository: Path) -> None:
    assert git_network(repository).settings == git_network().settings == ()


def test_each_setting_is_found_with_its_file_and_line(repository: Path, home: Path) -> None:
    file = users(
        home,
        "# mine\n[user]\n\tname = x\n[http]\n\tproxy = http://all:1 ; for now\n"
        f'[http "{HUB}"]\n\tsslVerify = false\n\tProxy = http://ada:secret@hub:2\n[HTTP] sslCAInfo = ~/ca.pem\n',
    )
    git(repository, "config", f"http.{HUB}.proxy", "socks5://mine:3")
    found = git_network(repository)
    assert [(s.name, s.scope, s.value, s.file, s.line) for s in found.settings] == [
        ("proxy", None, "http://all:1", str(file), 5),
        ("proxy", HUB, "http://ada:secret@hub:2", str(file), 8),
        ("sslcainfo", None, str(home / "ca.pem"), str(file), 9),
        ("proxy", HUB, "socks5://mine:3", str(repository / ".git" / "config"), found.settings[-1].line),
    ]
    line = (repository / ".git" / "config").read_text().splitlines()[found.settings[-1].line - 1]
    assert "socks5://mine:3" in line
    assert [s.value for s in git_network().settings] == [s.value for s in found.settings[:-1]]
    assert "secret" not in repr(found)


def test_a_key_that_stands_twice_has_two_lines(home: Path) -> None:
    users(home, "[http]\n\tproxy = a:1\n\tproxy = b:2\n[http]\n\tproxy = c:3\n")
    assert [(s.value, s.line) for s in git_network().settings] == [("a:1", 2), ("b:2", 3), ("c:3", 5)]


def test_an_included_file_is_named_itself(home: Path, tmp_path: Path) -> None:
    (tmp_path / "more").write_text("\n\n[http]\n\tproxy =\n")
    users(home, f"[include]\n\tpath = {tmp_path / 'more'}\n")
    assert [(s.value, s.file, s.line) for s in git_network().settings] == [("", str(tmp_path / "more"), 4)]


def test_what_git_was_given_on_its_command_line_counts(repository: Path, tmp_path: Path) -> None:
    program = "import sys; from pathlib import Path; from hfpush.repo.git_network import git_network; "
    program += "print([(s.value, s.place) for s in git_network(Path(sys.argv[1])).settings])"
    alias = f"alias.told=!{sys.executable} -c '{program}' {repository}"
    asked = ["git", "-c", alias, "-c", "http.proxy=http://now:1", "told"]
    done = subprocess.run(asked, cwd=repository, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[('http://now:1', \"http.proxy (git's command line)\")]"


def test_a_remotes_proxy_counts_for_its_host(repository: Path) -> None:
    git(repository, "remote", "add", "origin", f"{HUB}/ada/x")
    git(repository, "config", "remote.origin.proxy", "http://remote:1")
    routes = Routes.of({}, endpoint=Endpoint("x", HUB), git=git_network(repository))
    assert routes.route(f"{HUB}/api").proxy == routes.route("https://s3.test/x").proxy == "http://remote:1"
    assert "remote.origin.proxy" in routes.route(HUB).why


def test_a_ca_file_that_came_with_the_repository_is_not_trusted(repository: Path, home: Path) -> None:
    git(repository, "config", "http.sslCAInfo", "certs/ca.pem")
    (home / "mine.pem").touch()
    git(repository, "config", "--global", "http.sslCAInfo", str(repository / "mine.pem"))
    found = git_network(repository)
    assert [s.value for s in found.ca_files] == [str(repository / "mine.pem")]  # the user's own word
    assert [s.value for s in found.ignored] == [str(repository / "certs/ca.pem")]
    git(repository, "config", "http.sslCAInfo", str(home / "mine.pem"))
    assert str(home / "mine.pem") in [s.value for s in git_network(repository).ca_files]


def test_a_file_that_git_cannot_read_is_told(home: Path) -> None:
    users(home, "[http\n")
    with pytest.raises(LocalTrouble):
        git_network()
