"""A machine with git and hfpush, and no git-lfs: clone, add, commit, switch, publish; then git-lfs takes over."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from support.filter_talk import HELLO, bare_path, lines, packet, start

from hfpush.localhub import LocalHub, status

pytestmark = pytest.mark.needs("git")


def oid_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def pointer(content: bytes) -> bytes:
    return f"version https://git-lfs.github.com/spec/v1\noid sha256:{oid_of(content)}\nsize {len(content)}\n".encode()


@dataclass
class Machine:
    """A person's machine without git-lfs, with hfpush's filter installed; what was said last is kept."""

    folder: Path
    hub: LocalHub
    environment: dict[str, str] = field(default_factory=dict)
    said: str = ""

    def run(self, *words: str, at: str = ".", ok: bool = True, **environment: str) -> str:
        env = os.environ | self.environment | environment
        done = subprocess.run(
            words, cwd=self.folder / at, env=env, capture_output=True, timeout=90, check=False, stdin=subprocess.DEVNULL
        )
        self.said = (done.stdout + done.stderr).decode("utf-8", "replace")
        assert (done.returncode == 0) is ok, self.said
        assert "Traceback" not in self.said
        assert self.hub.token not in self.said
        return done.stdout.decode("utf-8", "replace").strip()

    def git(self, at: str, *words: str, ok: bool = True, **environment: str) -> str:
        return self.run("git", *words, at=at, ok=ok, **environment)

    def hfpush(self, *words: str, at: str = ".") -> str:
        return self.run(sys.executable, "-m", "hfpush", *words, at=at)

    def read(self, name: str) -> bytes:
        return (self.folder / name).read_bytes()

    def write(self, name: str, content: bytes) -> bytes:
        (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / name).write_bytes(content)
        return content


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[LocalHub]:
    with LocalHub(root=tmp_path / "hub") as running:
        running.create("acme/model")
        yield running


@pytest.fixture
def machine(hub: LocalHub, tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    monkeypatch.delenv("GIT_CONFIG_GLOBAL")  # as on most machines: git finds the two files of its user's settings
    folder = tmp_path / "machine"
    folder.mkdir()
    environment = {"PATH": bare_path(tmp_path / "bin"), "HF_ENDPOINT": hub.url, "HF_TOKEN": hub.token}
    made = Machine(folder, hub, environment)
    made.hfpush("lfs", "install")
    return made


def written(machine: Machine, **files: bytes) -> None:
    """A first version in a clone, not published yet: `a_bin` stands for a.bin."""
    machine.git(".", "clone", "-q", machine.hub.git_url("acme/model"), "ada")
    for name, content in files.items():
        machine.write(f"ada/{name.replace('_', '.')}", content)
    machine.git("ada", "add", ".")
    machine.git("ada", "commit", "-q", "-m", "files")


def published(machine: Machine, **files: bytes) -> None:
    """The same, at the Hub too."""
    written(machine, **files)
    machine.hfpush("publish", "ada", "--to", "acme/model")


def test_clone_add_commit_switch_and_publish_work_without_git_lfs(machine: Machine, hub: LocalHub) -> None:
    machine.run("sh", "-c", "git lfs version", ok=False)
    first, second, third = (os.urandom(size) for size in (30_000, 2_000_000, 5))
    published(machine, a_bin=first, b_bin=second, empty_bin=b"", README_md=b"# a model\n")
    assert machine.git("ada", "show", "HEAD:a.bin").encode() + b"\n" == pointer(first)

    machine.git(".", "clone", "-q", hub.git_url("acme/model"), "bob")
    assert (machine.read("bob/a.bin"), machine.read("bob/b.bin"), machine.read("bob/empty.bin")) == (first, second, b"")
    assert machine.git("bob", "status", "--porcelain") == ""

    machine.git("bob", "switch", "-q", "-c", "other")
    machine.write("bob/a.bin", third)
    machine.git("bob", "commit", "-q", "-a", "-m", "smaller")
    machine.git("bob", "switch", "-q", "main")
    assert machine.read("bob/a.bin") == first
    machine.git("bob", "switch", "-q", "other")
    assert machine.read("bob/a.bin") == third
    machine.hfpush("publish", "bob", "--to", "acme/model")
    assert hub.objects.path(oid_of(third)).read_bytes() == third
    machine.git("ada", "pull", "-q")
    assert machine.read("ada/a.bin") == third


@pytest.mark.slow
@pytest.mark.needs("git-lfs")
def test_git_lfs_takes_over_the_same_repository_without_complaint(machine: Machine, hub: LocalHub) -> None:
    content, more = os.urandom(30_000), os.urandom(40_000)
    published(machine, a_bin=content)
    machine.git(".", "clone", "-q", hub.git_url("acme/model"), "bob")
    machine.environment["PATH"] = os.environ["PATH"]
    machine.git("bob", "lfs", "install")
    assert machine.git("bob", "config", "filter.lfs.process") == "git-lfs filter-process"
    assert "OK" in machine.git("bob", "lfs", "fsck")
    assert machine.git("bob", "lfs", "ls-files", "--long") == f"{oid_of(content)} * a.bin"
    machine.git("bob", "lfs", "pull")
    for name in ("bob/a.bin", "bob/.git/index"):
        os.utime(machine.folder / name, (1, 1))  # so that git has to run the filter to know
    assert machine.git("bob", "status", "--porcelain") == ""
    machine.write("bob/c.bin", more)
    machine.git("bob", "add", "c.bin")
    assert machine.git("bob", "show", ":c.bin").encode() + b"\n" == pointer(more)
    assert "left" in machine.hfpush("lfs", "install", "--json")


@pytest.mark.needs("git-lfs")
def test_objects_made_by_git_lfs_are_used_by_our_filter(machine: Machine, hub: LocalHub) -> None:
    content, theirs = os.urandom(30_000), {"PATH": os.environ["PATH"]}
    machine.git(".", "init", "-q", "work")
    machine.git("work", "lfs", "install", "--local", "--skip-repo", **theirs)
    machine.write("work/.gitattributes", b"*.bin filter=lfs diff=lfs merge=lfs -text\n")
    machine.write("work/a.bin", content)
    machine.git("work", "add", ".", **theirs)
    machine.git("work", "commit", "-q", "-m", "by git-lfs", **theirs)
    machine.git("work", "lfs", "uninstall", "--local", **theirs)
    (machine.folder / "work/a.bin").unlink()
    machine.git("work", "checkout", "--", "a.bin")
    assert machine.read("work/a.bin") == content
    assert machine.git("work", "status", "--porcelain") == ""
    assert hub.seen.count("batch") == 0


@pytest.mark.slow
def test_many_missing_objects_are_asked_for_in_batches_and_equal_ones_once(machine: Machine, hub: LocalHub) -> None:
    files = {f"f{number}_bin": b"%d" % (number // 2) for number in range(220)}
    published(machine, **files)
    hub.seen.clear()
    machine.git(".", "clone", "-q", hub.git_url("acme/model"), "bob")
    assert all(machine.read(f"bob/f{number}.bin") == b"%d" % (number // 2) for number in range(220))
    assert (hub.seen.count("batch"), hub.seen.count("get")) == (2, 110)


@pytest.mark.slow
def test_skipped_smudging_leaves_pointers_that_a_later_checkout_fills(machine: Machine, hub: LocalHub) -> None:
    content = os.urandom(30_000)
    published(machine, a_bin=content)
    machine.git(".", "clone", "-q", hub.git_url("acme/model"), "bob", GIT_LFS_SKIP_SMUDGE="1")
    assert machine.read("bob/a.bin") == pointer(content)
    assert machine.git("bob", "status", "--porcelain") == ""
    (machine.folder / "bob/a.bin").unlink()
    machine.git("bob", "-c", "lfs.fetchexclude=*.bin", "checkout", "a.bin")
    assert machine.read("bob/a.bin") == pointer(content)
    (machine.folder / "bob/a.bin").unlink()
    machine.git("bob", "checkout", "a.bin")
    assert machine.read("bob/a.bin") == content


def test_a_private_repository_is_read_with_the_token_of_the_remote_or_of_a_helper(
    machine: Machine, hub: LocalHub, home: Path
) -> None:
    content = os.urandom(3_000)
    hub.create("acme/secret", private=True)
    machine.git(".", "clone", "-q", hub.git_url("acme/secret", token=hub.token), "ada")
    machine.write("ada/a.bin", content)
    machine.git("ada", "add", ".")
    machine.git("ada", "commit", "-q", "-m", "files")
    machine.hfpush("publish", "ada", "--to", "acme/secret")
    del machine.environment["HF_TOKEN"]
    machine.git(".", "clone", "-q", hub.git_url("acme/secret", token=hub.token), "by-url")
    assert machine.read("by-url/a.bin") == content
    helper = f"!f() {{ echo username=anybody; echo password={hub.token}; }}; f"
    machine.git(".", "config", "--global", "credential.helper", helper)
    machine.git(".", "clone", "-q", hub.git_url("acme/secret"), "by-helper")
    assert machine.read("by-helper/a.bin") == content


def test_an_object_that_nobody_has_ends_the_checkout_with_one_sentence(machine: Machine, hub: LocalHub) -> None:
    content = os.urandom(3_000)
    published(machine, a_bin=content)
    hub.objects.path(oid_of(content)).unlink()
    machine.git(".", "clone", "-q", hub.git_url("acme/model"), "bob", ok=False)
    assert "error: object-missing" in machine.said
    assert "a.bin: smudge filter lfs failed" in machine.said
    machine.git("bob", "-c", "lfs.skipdownloaderrors=true", "checkout", "-f", "main")
    assert "warning: object-missing" in machine.said
    assert machine.read("bob/a.bin") == pointer(content)


def test_a_hub_in_trouble_is_told_once_and_a_later_checkout_goes_on(machine: Machine, hub: LocalHub) -> None:
    content = os.urandom(3_000)
    published(machine, a_bin=content, b_bin=content[1:])
    hub.faults.add(status(503, on="batch", times=None))
    machine.git(".", "clone", "-q", hub.git_url("acme/model"), "bob", ok=False, HFPUSH_ATTEMPTS="1")
    assert machine.said.count("error: hub-unavailable") == 1
    hub.faults.clear()
    machine.git("bob", "checkout", "-f", "main")
    assert (machine.read("bob/a.bin"), machine.read("bob/b.bin")) == (content, content[1:])


def test_a_hostile_lfsconfig_leads_nobody_to_another_host(machine: Machine, hub: LocalHub, tmp_path: Path) -> None:
    content = os.urandom(3_000)
    with LocalHub(root=tmp_path / "hostile") as hostile:
        settings = f'[lfs]\n\turl = {hostile.url}/acme/model.git/info/lfs\n[filter "lfs"]\n\tprocess = false\n'
        written(machine, a_bin=content, _lfsconfig=settings.encode())
        to = ("ada", "--to", "acme/model")
        refused = machine.run(sys.executable, "-m", "hfpush", "publish", *to, ok=False)
        assert "lfs-elsewhere" in machine.said, refused
        assert hub.seen.count("put") == 0
        machine.hfpush("publish", *to, "--allow-lfsconfig")
        machine.git(".", "clone", "-q", hub.git_url("acme/model"), "bob")
        assert machine.read("bob/a.bin") == content
        assert hostile.seen.rows() == []


@pytest.mark.slow
def test_worktrees_submodules_and_another_storage_share_and_find_their_store(machine: Machine, hub: LocalHub) -> None:
    content, other = os.urandom(3_000), os.urandom(4_000)
    published(machine, a_bin=content)
    machine.git("ada", "worktree", "add", "-q", "../linked", "-b", "linked")
    assert machine.read("linked/a.bin") == content
    machine.write("linked/b.bin", other)
    machine.git("linked", "add", "b.bin")
    assert (machine.folder / "ada/.git/lfs/objects" / other_place(other)).read_bytes() == other

    machine.git(".", "init", "-q", "outer")
    machine.git("outer", "submodule", "add", "-q", hub.git_url("acme/model"), "inner")
    assert machine.read("outer/inner/a.bin") == content
    assert (machine.folder / "outer/.git/modules/inner/lfs/objects" / other_place(content)).exists()

    store = machine.folder / "elsewhere"
    machine.git(".", "-c", f"lfs.storage={store}", "clone", "-q", hub.git_url("acme/model"), "bob")
    assert machine.read("bob/a.bin") == content
    assert (store / "objects" / other_place(content)).exists()
    machine.git(".", "clone", "-q", "--shared", "ada", "borrower")
    assert machine.read("borrower/a.bin") == content


def other_place(content: bytes) -> str:
    oid = oid_of(content)
    return f"{oid[:2]}/{oid[2:4]}/{oid}"


@pytest.mark.slow
def test_a_bare_repository_smudges(machine: Machine, hub: LocalHub) -> None:
    content = os.urandom(3_000)
    published(machine, a_bin=content)
    machine.git(".", "clone", "-q", "--bare", hub.git_url("acme/model"), "bare.git")
    machine.run("sh", "-c", "git cat-file --filters --path=a.bin HEAD:a.bin > ../smudged", at="bare.git")
    if machine.read("smudged") != content:  # before 2.43 git reads no attributes of a bare repository's commits
        machine.write("bare.git/info/attributes", b"*.bin filter=lfs\n")
        machine.run("sh", "-c", "git cat-file --filters --path=a.bin HEAD:a.bin > ../smudged", at="bare.git")
    assert machine.read("smudged") == content


def test_a_kill_in_the_middle_of_a_clean_leaves_no_object(machine: Machine) -> None:
    machine.git(".", "init", "-q", "work")
    with start(machine.folder / "work") as process:
        assert process.stdin is not None
        process.stdin.write(HELLO + lines("command=clean", "pathname=a.bin"))
        for _ in range(60):
            process.stdin.write(packet(bytes(65516)))
        process.stdin.flush()
        store = machine.folder / "work/.git/lfs"
        while not any(store.rglob("tmp/hfpush-*")):
            assert process.poll() is None
        process.kill()
        process.stdin.close()
    assert [file.parent.name for file in store.rglob("*") if file.is_file()] == ["tmp"]
    draft = next(store.rglob("tmp/hfpush-*"))
    os.utime(draft, (1, 1))  # long ago
    machine.write("work/.gitattributes", b"*.bin filter=lfs -text\n")
    content = machine.write("work/a.bin", bytes(2_000_000))
    machine.git("work", "add", ".")
    found = [file for file in store.rglob("*") if file.is_file()]
    assert [(file.name, file.read_bytes()) for file in found] == [(oid_of(content), content)]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "small-disk"
    place.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(place)], capture_output=True)
    if done.returncode:
        pytest.skip("may not mount")
    yield place
    subprocess.run(["umount", str(place)], check=True)


@pytest.mark.needs("mount")
def test_a_full_disk_is_one_sentence_and_leaves_nothing_half_made(machine: Machine, small_disk: Path) -> None:
    machine.git(".", "init", "-q", "work")
    machine.git("work", "config", "lfs.storage", str(small_disk))
    machine.write("work/.gitattributes", b"*.bin filter=lfs -text\n")
    machine.write("work/a.bin", os.urandom(3_000_000))
    machine.git("work", "add", ".", ok=False)
    assert machine.said.count("error: disk-full") == 1
    assert "There is not enough room on the disk." in machine.said
    assert [file for file in small_disk.rglob("*") if file.is_file()] == []


@pytest.mark.slow
def test_three_gigabytes_pass_in_bounded_memory(tmp_path: Path) -> None:
    size, block = 3 * 2**30, packet(bytes(65516))
    if shutil.disk_usage(tmp_path).free < 2 * size:
        pytest.skip("the disk has no room for it")
    subprocess.run(["git", "init", "-q", str(tmp_path / "work")], check=True)
    with start(tmp_path / "work") as process:
        assert process.stdin is not None
        process.stdin.write(HELLO + lines("command=clean", "pathname=a.bin"))
        whole, rest = divmod(size, 65516)
        for _ in range(whole):
            process.stdin.write(block)
        process.stdin.write(packet(bytes(rest)))
        process.stdin.flush()
        peak = next(
            int(line.split()[1])
            for line in Path(f"/proc/{process.pid}/status").read_text().splitlines()
            if line.startswith("VmHWM")
        )
        out, err = process.communicate(b"0000", timeout=60)
    assert process.returncode == 0, err
    assert b"size %d\n" % size in out
    assert peak < 150 * 1024, f"{peak} KiB"
    for file in (tmp_path / "work/.git/lfs/objects").rglob("*"):
        if file.is_file():
            file.unlink()
