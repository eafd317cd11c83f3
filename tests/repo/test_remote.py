from __future__ import annotations

import shutil
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.doors import door_to, remote_through

from hfpush.errors import Damaged, HfpushError, Misuse, NotFound, Refused, Unavailable
from hfpush.localhub import LocalHub, User, delay, drop_after, stall, status
from hfpush.repo.remote import Pushed, Remote, branch_ref, is_only_lfs, ls_remote, parse_pushed, parse_refs, push
from hfpush.repo.repository import Repository

NewRepo = Callable[..., "Place"]  # noqa: F821
LFS_HOOK = (
    "#!/bin/sh\n"
    "command -v git-lfs >/dev/null 2>&1 || { printf >&2 '\\n%s\\n' \"'git-lfs' was not found\"; exit 2; }\n"
    'git lfs pre-push "$@"\n'
)


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[LocalHub]:
    with LocalHub(root=tmp_path / "hub") as running:
        running.create("acme/model", empty=True)
        yield running


def remote_of(hub: LocalHub, token: str | None = "write", id: str = "acme/model") -> Remote:
    return Remote(hub.git_url(id), {"write": hub.token, "read": hub.read_token}.get(token or "", token))


def failure(call: Callable[[], object]) -> HfpushError:
    with pytest.raises(HfpushError) as caught:
        call()
    return caught.value


def hook(repository: Repository, script: str) -> None:
    path = repository.git_dir / "hooks/pre-push"
    path.parent.mkdir(exist_ok=True)
    path.write_text(script)
    path.chmod(stat.S_IRWXU)


@pytest.fixture
def repository(new_repo: NewRepo) -> Repository:
    place = new_repo()
    place.write("README.md", b"# model\n")
    place.commit()
    return Repository.open(place.path)


def more(repository: Repository, message: str = "more") -> str:
    git = repository.git
    return git.line("commit-tree", f"{repository.head}^{{tree}}", "-p", repository.head, "-m", message)


def test_a_push_arrives_and_a_second_changes_nothing(hub: LocalHub, repository: Repository) -> None:
    remote = remote_of(hub)
    assert ls_remote(remote).branch("main") is None
    said: list[str] = []
    assert push(repository, remote, repository.head, "main", said=said.append) == Pushed(changed=True, forced=False)
    assert any("Writing objects" in line for line in said)
    refs = ls_remote(remote, repository=repository)
    assert (refs.branch("main"), refs.default_branch) == (repository.head, "main")
    assert repository.head in refs.commits
    assert push(repository, remote, repository.head, "main") == Pushed(changed=False, forced=False)


def test_a_branch_moves_back_only_with_the_right_lease(hub: LocalHub, repository: Repository) -> None:
    remote, newer = remote_of(hub), more(repository)
    push(repository, remote, newer, "main")
    other = more(repository, "another line")
    assert failure(lambda: push(repository, remote, other, "main")).finding.reference == "remote-moved"
    for wrong in (None, repository.head):
        lost = failure(
            lambda wrong=wrong: push(repository, remote, other, "main", expected=wrong, force_with_lease=True)
        )
        assert lost.finding.reference == "remote-moved"
    assert push(repository, remote, other, "main", expected=newer, force_with_lease=True) == Pushed(True, True)


def test_tokens_that_do_not_do_are_told_apart(hub: LocalHub, repository: Repository) -> None:
    for token, reference in ((None, "token-missing"), ("hf_wrongwrong", "token-refused"), ("read", "no-permission")):
        refused = failure(lambda token=token: push(repository, remote_of(hub, token), repository.head, "main"))
        assert (type(refused), refused.finding.reference) == (Refused, reference)


def test_a_repository_that_is_not_there_is_told(hub: LocalHub) -> None:
    assert type(failure(lambda: ls_remote(remote_of(hub, id="acme/none")))) is NotFound


def test_what_the_hubs_hook_refuses_is_told(hub: LocalHub, new_repo: NewRepo) -> None:
    place = new_repo("big")
    place.write("a b.txt", b"0" * (10 * 2**20 + 1))
    place.commit()
    repository = Repository.open(place.path)
    finding = failure(lambda: push(repository, remote_of(hub), repository.head, "main")).finding
    assert finding.reference == "large-file-in-git"
    assert finding.evidence == ("a b.txt (refs/heads/main)",)


def test_the_token_is_in_no_argument_environment_or_configuration(hub: LocalHub, repository: Repository) -> None:
    spy = repository.git_dir / "spied"
    hook(
        repository,
        f"#!/bin/sh\nexec >{spy} 2>&1\ncat /proc/$PPID/cmdline /proc/self/environ\n"
        "for pid in $(cat /proc/$PPID/task/$PPID/children); do cat /proc/$pid/cmdline /proc/$pid/environ; done\n"
        "git config --list --show-origin\nexit 0\n",
    )
    assert push(repository, remote_of(hub), repository.head, "main").changed
    spied = spy.read_text(errors="replace")
    assert "push" in spied
    assert hub.token not in spied
    assert hub.token not in repr(remote_of(hub))
    assert hub.token not in (repository.git_dir / "config").read_text()


def test_the_users_hook_runs_with_lfs_switched_off_and_may_refuse(hub: LocalHub, repository: Repository) -> None:
    hook(repository, '#!/bin/sh\necho "lfs off: $GIT_LFS_SKIP_PUSH" >&2\necho noise\nexit 1\n')
    said: list[str] = []
    finding = failure(lambda: push(repository, remote_of(hub), repository.head, "main", said=said.append)).finding
    assert finding.reference == "hook-declined"
    assert "lfs off: 1" in said
    hook(repository, "#!/bin/sh\necho noise\n")
    assert push(repository, remote_of(hub), repository.head, "main").changed


def test_a_token_that_looks_like_none_is_not_repeated(tmp_path: Path, repository: Repository) -> None:
    hook(repository, "#!/bin/sh\necho 'it is opensesame' >&2\nexit 1\n")
    said: list[str] = []
    with LocalHub(root=tmp_path / "hub", users=(User("ada", "opensesame"),)) as hub:
        hub.create("ada/model", empty=True)
        remote = Remote(hub.git_url("ada/model"), "opensesame")
        finding = failure(lambda: push(repository, remote, repository.head, "main", said=said.append)).finding
    assert "it is ***" in said
    assert "opensesame" not in repr(finding)


def test_a_hook_of_git_lfs_does_not_stop_a_push_without_git_lfs(
    hub: LocalHub, repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("git", "sh", "cat"):
        (programs / name).symlink_to(shutil.which(name) or name)
    monkeypatch.setenv("PATH", str(programs))
    hook(repository, LFS_HOOK)
    assert push(repository, remote_of(hub), repository.head, "main").changed
    hook(repository, LFS_HOOK + "make check\n")
    finding = failure(lambda: push(repository, remote_of(hub), more(repository), "main")).finding
    assert finding.reference == "git-lfs-missing"


def test_settings_of_the_user_send_git_nowhere_else(hub: LocalHub, repository: Repository) -> None:
    for name, value in (
        ("url.http://127.0.0.1:9/.insteadOf", hub.url + "/"),
        ("url.http://127.0.0.1:9/.pushInsteadOf", hub.url + "/"),
        ("push.followTags", "true"),
        ("push.gpgSign", "true"),
        ("push.default", "matching"),
    ):
        repository.git.read("config", name, value)
    repository.git.read("-c", "user.name=a", "-c", "user.email=b", "tag", "-a", "v1", "-m", "1")
    assert push(repository, remote_of(hub), repository.head, "main").changed
    assert set(ls_remote(remote_of(hub), repository=repository).refs) == {"refs/heads/main"}


@pytest.mark.parametrize(
    "fault",
    [status(503, on="git-push", times=None), drop_after(bytes=1, on="git-push", times=None)],
    ids=["503", "cut"],
)
def test_a_broken_push_may_be_tried_again(hub: LocalHub, repository: Repository, fault: object) -> None:
    hub.faults.add(fault)  # type: ignore[arg-type]
    assert type(failure(lambda: push(repository, remote_of(hub), repository.head, "main"))) is Unavailable
    hub.faults.clear()
    assert push(repository, remote_of(hub), repository.head, "main").changed


def test_silence_ends_the_push(hub: LocalHub, repository: Repository) -> None:
    hub.faults.add(stall(20, on="git-push"))
    stuck = failure(lambda: push(repository, remote_of(hub), repository.head, "main", patience_seconds=1))
    assert (type(stuck), stuck.finding.reference) == (Unavailable, "git-stalled")


def test_through_a_door_nobody_sees_its_address_or_its_secret(hub: LocalHub, repository: Repository) -> None:
    spy = repository.git_dir / "spied"
    hook(
        repository,
        f'#!/bin/sh\nexec >{spy}\necho "$1 $2 $HFPUSH_REMOTE_URL"\ncat /proc/$PPID/cmdline /proc/self/environ\n'
        "for pid in $(cat /proc/$PPID/task/$PPID/children); do cat /proc/$pid/cmdline /proc/$pid/environ; done\n"
        'git config --list --show-origin\necho "not to $2" >&2\nexit ${STOP:-0}\n',
    )
    said: list[str] = []
    with door_to(hub) as door:
        remote = remote_through(door)
        assert push(repository, remote, repository.head, "main", said=said.append).changed
        assert ls_remote(remote, repository=repository).branch("main") == repository.head
        spied = spy.read_text(errors="replace")
        assert spied.startswith(f"{door.url} {door.url} {hub.git_url('acme/model')}\n")
        for secret in (door.secret, hub.token):
            assert secret not in spied
            assert secret not in repr(remote)
    assert f"not to {hub.git_url('acme/model')}" in said


def test_through_a_door_the_findings_are_those_of_the_hub(hub: LocalHub, repository: Repository) -> None:
    for token, reference in ((None, "token-missing"), ("hf_wrongwrong", "token-refused"), ("read", "no-permission")):
        with door_to(hub, token=token) as door:
            refused = failure(lambda door=door: push(repository, remote_through(door), repository.head, "main"))
        assert (type(refused), refused.finding.reference) == (Refused, reference)
        assert "127.0.0.1" not in repr(refused.finding).replace(hub.url, "")


def test_through_a_door_a_long_silence_of_the_hub_is_no_end(hub: LocalHub, repository: Repository) -> None:
    hub.faults.add(delay(2, on="git-refs", times=1))
    with door_to(hub) as door:
        assert push(repository, remote_through(door), repository.head, "main", patience_seconds=0.5).changed


def test_through_a_door_a_hook_that_hangs_is_told_with_the_address_that_people_know(
    hub: LocalHub, repository: Repository
) -> None:
    hook(repository, '#!/bin/sh\necho "checking $2" >&2\nexec sleep 60\n')
    with door_to(hub) as door:
        stuck = failure(
            lambda: push(repository, remote_through(door), repository.head, "main", patience_seconds=0.5)
        ).finding
    assert stuck.reference == "git-stalled"
    assert stuck.evidence == (f"checking {hub.git_url('acme/model')}",)


def test_a_push_to_a_path_works(repository: Repository, new_repo: NewRepo) -> None:
    bare = new_repo("bare.git", "--bare")
    assert push(repository, Remote(bare.path.as_uri()), repository.head, "a/b").changed
    assert ls_remote(Remote(bare.path.as_uri())).branch("a/b") == repository.head


def test_no_other_way_of_talking_is_allowed(tmp_path: Path) -> None:
    failure(lambda: ls_remote(Remote(f"ext::touch {tmp_path}/ran")))
    assert not (tmp_path / "ran").exists()


def test_lists_of_refs_are_read() -> None:
    one, two = "1" * 40, "2" * 40
    refs = parse_refs(f"ref: refs/heads/dev\tHEAD\n{one}\tHEAD\n{one}\trefs/heads/dev\n{two}\trefs/tags/v1^{{}}\n")
    assert (refs.default_branch, refs.branch("dev"), refs.branch("main")) == ("dev", one, None)
    assert refs.commits == {one, two}
    with pytest.raises(Damaged):
        parse_refs("<html>\n")


def test_reports_of_a_push_are_read() -> None:
    target = "refs/heads/main"
    assert parse_pushed(f"To x\n+\tabc:{target}\tabc...def (forced update)\nDone\n", target) == Pushed(True, True)
    assert parse_pushed(f"=\tabc:{target}\t[up to date]\n", target) == Pushed(False, False)
    with pytest.raises(Damaged):
        parse_pushed("noise\n", target)


@pytest.mark.parametrize(
    "name", ["", "-x", "a b", "a..b", "/a", "a/", "a.lock", "a~1", "@", "refs/heads/x", "a:b", "a\n"]
)
def test_what_is_no_branch_is_refused(name: str) -> None:
    with pytest.raises(Misuse):
        branch_ref(name)


def test_a_hook_that_does_more_than_lfs_is_not_only_lfs() -> None:
    assert is_only_lfs(LFS_HOOK)
    assert not is_only_lfs(LFS_HOOK + "make check\n")
    assert not is_only_lfs("#!/bin/sh\n")
