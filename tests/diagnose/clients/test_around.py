"""What the clients' rules look at."""

from __future__ import annotations

from hfpush.diagnose.clients.around import Surroundings
from hfpush.diagnose.facts.machine import Program
from hfpush.net.git_settings import GitSetting


def test_a_variable_is_the_first_that_is_not_empty() -> None:
    around = Surroundings({"B": "", "C": "c"})
    assert around.variable("A", "B", "C") == ("C", "c")
    assert around.variable("A") == ("", "")


def test_git_lfs_has_no_proxies_of_remotes() -> None:
    own = GitSetting("proxy", "http://a:1", "https://hf.test/me/m", written="remote.origin.proxy")
    around = Surroundings(settings=(own, GitSetting("proxy", "http://b:1")))
    assert [one.value for one in around.lfs.settings] == ["http://b:1"]
    assert len(around.git.settings) == 2


def test_a_program_that_is_not_there_has_no_version() -> None:
    assert Surroundings(programs=(Program("git", version="2.39.5"),)).program("curl").version == ""


def test_neither_the_environment_nor_curlrc_is_in_its_repr() -> None:
    around = Surroundings({"HTTPS_PROXY": "http://u:secret@p:1"}, curlrc=(("proxy", "http://u:secret@p:1"),))
    assert "secret" not in repr(around)
