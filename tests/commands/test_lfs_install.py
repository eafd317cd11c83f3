"""Installing the filter: where its settings go, who is left in charge, and that it all goes away again."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.filter_talk import bare_path

from hfpush.commands.lfs_install import (
    LfsReport,
    LfsRequest,
    filter_status,
    git_lfs_program,
    install_filter,
    own_command,
    uninstall_filter,
)
from hfpush.errors import Misuse
from hfpush.repo.process import Git

pytestmark = pytest.mark.needs("git")
GIT_LFS = '[filter "lfs"]\n\tclean = git-lfs clean -- %f\n\tprocess = git-lfs filter-process\n\trequired = true\n'


@pytest.fixture
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without git-lfs."""
    monkeypatch.setenv("PATH", bare_path(tmp_path / "bin"))


@pytest.fixture
def beside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with a program git-lfs."""
    folder = Path(bare_path(tmp_path / "bin"))
    (folder / "git-lfs").write_text("#!/bin/sh\nexit 1\n")
    (folder / "git-lfs").chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))
    return folder / "git-lfs"


@pytest.fixture
def two_files(monkeypatch: pytest.MonkeyPatch, home: Path) -> tuple[Path, Path]:
    """The two files of a user's settings, as git finds them by itself."""
    monkeypatch.delenv("GIT_CONFIG_GLOBAL")
    return home / ".gitconfig", home / ".config/git/config"


def request(path: Path, *, local: bool = False, force: bool = False) -> LfsRequest:
    return LfsRequest(path, os.environ, local=local, force=force)


def ends(report: LfsReport) -> tuple[str, bool, list[str]]:
    return report.done, "hfpush" in (report.process or ""), [one.reference for one in report.findings]


@pytest.mark.usefixtures("alone")
def test_it_is_installed_once_and_goes_away_without_a_trace(tmp_path: Path, two_files: tuple[Path, Path]) -> None:
    own, other = two_files
    before = own.read_text()
    assert ends(install_filter(request(tmp_path))) == ("installed", True, [])
    assert ends(install_filter(request(tmp_path))) == ("unchanged", True, [])
    assert own.read_text() == before
    assert "required = true" in other.read_text()
    assert ends(uninstall_filter(request(tmp_path))) == ("removed", False, [])
    assert ends(uninstall_filter(request(tmp_path))) == ("unchanged", False, [])
    assert (own.read_text(), other.exists()) == (before, False)


@pytest.mark.usefixtures("alone")
def test_a_user_without_any_file_gets_two_so_that_git_lfs_finds_its_own(
    tmp_path: Path, two_files: tuple[Path, Path]
) -> None:
    own, other = two_files
    own.unlink()
    install_filter(request(tmp_path))
    assert own.read_text().startswith("# Made by hfpush")
    uninstall_filter(request(tmp_path))
    assert not own.exists()
    other.write_text("[user]\n\tname = Ada\n")
    install_filter(request(tmp_path))
    assert not own.exists(), "a user who keeps all settings in the other file goes on doing so"


@pytest.mark.usefixtures("alone")
def test_settings_of_a_git_lfs_that_is_gone_give_way_and_come_back(
    tmp_path: Path, two_files: tuple[Path, Path]
) -> None:
    own, _ = two_files
    own.write_text(GIT_LFS)
    assert ends(install_filter(request(tmp_path))) == ("installed", True, [])
    uninstall_filter(request(tmp_path))
    assert filter_status(tmp_path).process == "git-lfs filter-process"


def test_git_lfs_in_charge_is_left_alone_unless_forced(tmp_path: Path, home: Path, beside: Path) -> None:
    assert filter_status(tmp_path).filter == "none"
    (home / ".gitconfig").write_text(GIT_LFS)
    assert ends(install_filter(request(tmp_path))) == ("left", False, ["git-lfs-in-charge"])
    assert (home / ".gitconfig").read_text() == GIT_LFS
    assert filter_status(tmp_path).filter == "git-lfs"
    assert ends(install_filter(request(tmp_path, force=True))) == ("installed", True, [])
    assert ends(uninstall_filter(request(tmp_path)))[0] == "removed"
    assert filter_status(tmp_path).process == "git-lfs filter-process"
    assert git_lfs_program(Git(tmp_path)) == str(beside)


@pytest.mark.usefixtures("beside")
def test_git_lfs_that_is_there_but_in_nobodys_settings_is_no_reason_to_wait(tmp_path: Path) -> None:
    assert ends(install_filter(request(tmp_path))) == ("installed", True, [])


@pytest.mark.usefixtures("alone")
def test_a_single_repository_can_have_it_alone(tmp_path: Path) -> None:
    repo = tmp_path / "a repo"
    subprocess.run(["git", "init", "-q", str(repo)], check=True)
    (repo / "sub").mkdir()
    before = (repo / ".git/config").read_text()
    assert ends(install_filter(request(repo / "sub", local=True))) == ("installed", True, [])
    assert filter_status(tmp_path).filter == "none"
    found = filter_status(repo / "sub")
    assert (found.filter, found.objects, found.store) == ("hfpush", 0, repo / ".git/lfs/objects")
    assert found.as_json()["store"] == str(repo / ".git/lfs/objects")
    assert ends(uninstall_filter(request(repo, local=True)))[0] == "removed"
    assert (repo / ".git/config").read_text() == before
    with pytest.raises(Misuse):
        install_filter(request(tmp_path, local=True))


@pytest.mark.usefixtures("alone")
def test_another_file_that_overrules_it_is_named(tmp_path: Path, home: Path) -> None:
    (tmp_path / "late").write_text('[filter "lfs"]\n\tprocess = cat\n')
    (home / ".gitconfig").write_text(f'[filter "lfs"]\n\trequired = true\n[include]\n\tpath = {tmp_path}/late\n')
    report = install_filter(request(tmp_path))
    assert ends(report) == ("installed", False, ["filter-overruled"])
    assert str(tmp_path / "late") in report.findings[0].evidence[0]
    assert report.as_json()["process"] == "cat"
    assert filter_status(tmp_path).filter == "another"


def test_the_command_never_runs_a_package_of_the_work_tree() -> None:
    command = own_command()
    assert Path(command[0]).is_absolute()
    assert command[1:] in ([], ["-I", "-m", "hfpush"])
    assert command[0] == sys.executable or Path(command[0]).name == "hfpush"
