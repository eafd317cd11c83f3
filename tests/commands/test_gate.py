"""What passes the gate before a publish, what does not, and whose word counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from support.command_line import git

from hfpush.commands.gate import Admitted, AskModes, admit
from hfpush.commands.publish_report import PublishPlan, PublishRequest
from hfpush.endpoints import Endpoint, RepoAddress
from hfpush.errors import Refused
from hfpush.hub.api import Candidate, UploadMode
from hfpush.repo.repository import Repository
from hfpush.transfer.observe import Silent

PICTURE = b"\x89PNG\r\n\x1a\n\0\0" * 9


class Watch(Silent):
    def stage(self, text: str) -> None: ...

    def hashed(self, count: int) -> None: ...

    def planned(self, plan: PublishPlan) -> None: ...


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """A text, and a picture that stands in git itself."""
    path = tmp_path / "model"
    path.mkdir()
    git(path, "init", "-q")
    (path / "a.txt").write_bytes(b"a\n")
    (path / "picture.png").write_bytes(PICTURE)
    git(path, "add", "-A")
    git(path, "commit", "-q", "-m", "one")
    return path


def request_of(path: Path) -> PublishRequest:
    address = RepoAddress.parse(Endpoint("hub", "http://127.0.0.1:9"), "local/model")
    return PublishRequest(path, address, path.parent / "state")


def admitted(request: PublishRequest, ask: AskModes | None = None, known: Sequence[str] = ()) -> Admitted:
    return admit(Repository.open(request.path), request, known, Watch(), ask)


def answering(mode: UploadMode, asked: list[Candidate]) -> AskModes:
    def ask(files: Sequence[Candidate]) -> Mapping[str, UploadMode]:
        asked.extend(files)
        return {file.path: mode for file in files}

    return ask


def test_where_nobody_can_be_asked_a_binary_file_is_refused(repo: Path) -> None:
    with pytest.raises(Refused) as told:
        admitted(request_of(repo))
    assert told.value.finding.reference == "binary-file-in-git"
    assert any("--rewrite" in remedy for remedy in told.value.finding.remedy)


@pytest.mark.parametrize(("mode", "passes"), [("regular", True), ("lfs", False)])
def test_the_hub_is_asked_about_binary_files_alone_and_its_word_counts(
    repo: Path, mode: UploadMode, passes: bool
) -> None:
    asked: list[Candidate] = []
    if passes:
        assert admitted(request_of(repo), answering(mode, asked)).notes == ()
    else:
        with pytest.raises(Refused):
            admitted(request_of(repo), answering(mode, asked))
    assert asked == [Candidate("picture.png", len(PICTURE), PICTURE[:512])]


def test_what_the_hub_has_is_not_looked_at(repo: Path) -> None:
    head = git(repo, "rev-parse", "HEAD")
    assert admitted(request_of(repo), known=[head]).carried.commits == 0


def test_fixing_moves_the_branch_and_says_where_the_old_one_is(repo: Path) -> None:
    old = git(repo, "rev-parse", "HEAD")
    done = admitted(replace(request_of(repo), mend="fix"))
    assert done.mended is not None
    assert (done.mended.how, done.mended.files, done.mended.commits) == ("fix", 1, 1)
    assert done.commit == git(repo, "rev-parse", "HEAD") != old
    assert git(repo, "rev-parse", f"{done.mended.backup}refs/heads/main") == old
    assert [one.paths for one in done.carried.objects] == [("picture.png",)]


def test_a_mended_copy_does_not_hang_on_what_the_hub_says(repo: Path) -> None:
    asked: list[Candidate] = []
    request = replace(request_of(repo), mend="rewrite")
    first = admitted(request)
    second = admitted(request, answering("regular", asked))
    assert first.commit == second.commit != git(repo, "rev-parse", "HEAD")
    assert asked == []


def test_a_dry_run_with_mending_changes_nothing(repo: Path) -> None:
    head = git(repo, "rev-parse", "HEAD")
    done = admitted(replace(request_of(repo), mend="fix", dry_run=True))
    assert (done.commit, git(repo, "rev-parse", "HEAD")) == (head, head)
    assert done.notes[0].reference == "history-to-be-mended"
