"""Repositories that ail, and disks: what the Hub would refuse, hooks that are not there, files that are only pointers.

None of it needs a network: doctor is asked with --offline. Commands that doctor gives are pasted as they are.
"""

from __future__ import annotations

import os
import re
import secrets
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from support.ailing import Ailment, Room, Told
from support.small_disk import SmallDisk
from support.stage import Ended

LFS = ("git-lfs",)
_REMOTE = "https://hf.test/acme/model"
_ATTRIBUTES = "*.bin filter=lfs diff=lfs merge=lfs -text\n"
_CARD = "---\nlicense: mit\n---\n# A model\n"
_WORDS = b"what a model knows\n" * 3000
_TOKEN = "hf_" + "aBcDeFgHiJkLmNoPqRsTuVwXyZaBcDeFgH"
"""As long as one, and of letters as one has them; nobody's."""


# ---------------------------------------------------------------- repositories


def git(repo: Path, *words: str) -> str:
    """Run git there; it must end well."""
    done = subprocess.run(["git", *words], cwd=repo, check=False, capture_output=True, text=True)
    assert done.returncode == 0, (words, done.stderr)
    return done.stdout.strip()


def new_repo(room: Room, files: Mapping[str, str | bytes] = {}, *, name: str = "repo", remote: str = _REMOTE) -> Path:
    """A repository with these files in one commit, and a remote at the Hub."""
    repo = room.place / name
    repo.mkdir()
    git(repo, "init", "-q")
    if remote:
        git(repo, "remote", "add", "origin", remote)
    write(repo, {"README.md": _CARD, **files})
    commit(repo)
    return repo


def write(repo: Path, files: Mapping[str, str | bytes]) -> None:
    """Write files there."""
    for path, content in files.items():
        (repo / path).parent.mkdir(parents=True, exist_ok=True)
        (repo / path).write_bytes(content.encode() if isinstance(content, str) else content)


def commit(repo: Path) -> None:
    """Commit what is there."""
    git(repo, "add", "--all")
    git(repo, "commit", "-qm", "change")


def lfs_repo(room: Room, *, name: str = "repo") -> Path:
    """A repository whose model.bin is in LFS, as git-lfs makes it: filter, hook, and the object in its store."""
    repo = new_repo(room, {".gitattributes": _ATTRIBUTES}, name=name)
    git(repo, "lfs", "install", "--local")
    write(repo, {"model.bin": _WORDS})
    commit(repo)
    return repo


def stored(repo: Path) -> Path:
    """The only object in git-lfs's store."""
    (found,) = (path for path in (repo / ".git/lfs/objects").rglob("*") if path.is_file())
    return found


def told(repo: Path, *more: str, **other: Any) -> Told:
    """Doctor is asked about the repository, offline."""
    environment = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", **other.pop("environment", {})}
    return Told(arguments=("--offline", *more, str(repo)), cwd=repo, environment=environment, **other)


def pasted(room: Room, told: Told, finding: dict[str, Any]) -> Told:
    """The first line of the remedy is pasted into a shell; what its comment says, `then commit`, is done as well."""
    return paste(room, told, finding["remedy"][:1])


def all_pasted(room: Room, told: Told, finding: dict[str, Any]) -> Told:
    """Every line of the remedy is pasted."""
    return paste(room, told, finding["remedy"])


def second_pasted(room: Room, told: Told, finding: dict[str, Any]) -> Told:
    """The second line is, which needs nothing to be installed."""
    return paste(room, told, finding["remedy"][1:2])


def paste(room: Room, told: Told, lines: list[str]) -> Told:
    """Run lines of a remedy."""
    for line in lines:
        commits = "then commit" in line.partition("   # ")[2]
        done = room.run(told, "bash", "-c", line + ("\ngit commit -qm mended" if commits else ""))
        assert done.code == 0, (line, done.text)
    return told


def agreed(room: Room, told: Told, finding: dict[str, Any]) -> Told:
    """The first line is pasted, and somebody agrees to what it asks."""
    return paste(room, told, [f"{finding['remedy'][0]} --yes"])


def audit(room: Room, told: Told) -> Ended:
    """What a publish would be refused for."""
    return room.run(told, "hfpush", "audit", str(told.cwd))


# ---------------------------------------------------------------- what the Hub would refuse


def large(room: Room) -> Told:
    repo = new_repo(room, {"weights.txt": b"0123456789abcde\n" * (11 * 2**16)})
    (repo / "weights.txt").unlink()
    commit(repo)
    return told(repo)


def binary(room: Room) -> Told:
    return told(new_repo(room, {"weights.dat": bytes(range(256)) * 20}))


def token(room: Room) -> Told:
    return told(new_repo(room, {"upload.py": f"login({_TOKEN!r})\n"}))


def card(room: Room) -> Told:
    return told(new_repo(room, {"README.md": "---\nlicense: [mit\n---\n"}))


def crowded(room: Room) -> Told:
    return told(new_repo(room, {f"data/{number}.txt": f"{number}\n" for number in range(10_001)}))


def before_the_pattern(room: Room) -> Told:
    repo = new_repo(room, {"model.bin": _WORDS})
    git(repo, "push", "-q", bare(room), "main:main")
    git(repo, "update-ref", "refs/remotes/origin/main", "HEAD")
    git(repo, "lfs", "install", "--local")
    write(repo, {".gitattributes": _ATTRIBUTES})
    git(repo, "add", ".gitattributes")
    git(repo, "commit", "-qm", "pattern")
    return told(repo)


def line_ends(room: Room) -> Told:
    repo = lfs_repo(room)
    pointer = git(repo, "cat-file", "blob", "HEAD:model.bin").replace("\n", "\r\n") + "\r\n"
    (repo / "pointer").write_bytes(pointer.encode())
    blob = git(repo, "hash-object", "-w", "--no-filters", "pointer")
    (repo / "pointer").unlink()
    git(repo, "update-index", "--cacheinfo", f"100644,{blob},model.bin")
    git(repo, "commit", "-qm", "edited on Windows")
    return told(repo)


def comment_in_attributes(room: Room) -> Told:
    line = _ATTRIBUTES.strip() + " # all weights\n"
    return told(new_repo(room, {".gitattributes": line}))


def shallow(room: Room) -> Told:
    repo = new_repo(room, name="whole", remote="")
    write(repo, {"more.txt": "more\n"})
    commit(repo)
    clone = room.place / "repo"
    git(room.place, "clone", "-q", "--depth=1", f"file://{repo}", str(clone))
    git(clone, "remote", "add", "hub", _REMOTE)
    return told(clone)


# ---------------------------------------------------------------- hooks and filters


def bare(room: Room) -> str:
    """A place to push to, with LFS objects beside it."""
    place = room.place / "there.git"
    if not place.exists():
        git(room.place, "init", "-q", "--bare", str(place))
    return f"file://{place}"


def push_with_objects(room: Room, told: Told) -> Ended:
    """A push of the commits after which their LFS objects are there as well."""
    pushing = f"git push -q {bare(room)} HEAD:refs/heads/{secrets.token_hex(4)}"  # git-lfs is told of what is new
    found = f'test -n "$(find {room.place}/there.git/lfs -type f 2>/dev/null)"'
    return room.run(told, "bash", "-c", f"{pushing} && {found}")


def without_hook(room: Room) -> Told:
    repo = lfs_repo(room)
    (repo / ".git/hooks/pre-push").unlink()
    return told(repo)


def idle_hook(room: Room) -> Told:
    repo = lfs_repo(room)
    (repo / ".git/hooks/pre-push").chmod(0o644)
    return told(repo)


def another_s_hook(room: Room) -> Told:
    repo = lfs_repo(room)
    (repo / ".git/hooks/pre-push").write_text("#!/bin/sh\n./run-tests || true\n")
    return told(repo)


def hooks_elsewhere(room: Room) -> Told:
    repo = lfs_repo(room)
    git(repo, "config", "core.hooksPath", ".githooks")
    return told(repo)


def without_git_lfs(room: Room) -> Told:
    """A machine on which git-lfs is not installed any more, or is not on PATH."""
    repo = lfs_repo(room)
    programs = room.place / "programs"
    programs.mkdir()
    for folder in ("/usr/local/bin", "/usr/bin", "/bin"):
        for program in Path(folder).iterdir():
            if program.name != "git-lfs" and not (programs / program.name).is_symlink():
                (programs / program.name).symlink_to(program)
    return told(repo, environment={"PATH": f"{Path(sys.executable).parent}:{programs}"})


def checks_out(room: Room, told: Told) -> Ended:
    """The large file is written to the folder."""
    return room.run(told, "bash", "-c", "rm -f model.bin; git checkout -q -- model.bin; grep -q knows model.bin")


def without_filter(room: Room) -> Told:
    repo = lfs_repo(room)
    for key in ("process", "clean", "smudge", "required"):
        git(repo, "config", "--unset", f"filter.lfs.{key}")
    return told(repo)


# ---------------------------------------------------------------- files and objects


def only_pointers(room: Room) -> Told:
    repo = lfs_repo(room)
    write(repo, {"model.bin": git(repo, "cat-file", "blob", "HEAD:model.bin") + "\n"})
    return told(repo)


def is_whole(room: Room, told: Told) -> Ended:
    """A program can read the large file."""
    return room.run(told, "grep", "-q", "knows", "model.bin")


def flipped(room: Room) -> Told:
    repo = lfs_repo(room)
    file = stored(repo)
    file.chmod(0o644)
    content = bytearray(file.read_bytes())
    content[1000] ^= 1
    file.write_bytes(content)
    return told(repo)


def store_is_sound(room: Room, told: Told) -> Ended:
    return room.run(told, "git", "lfs", "fsck", "--objects", "--dry-run")


def cut_short(room: Room) -> Told:
    repo = lfs_repo(room)
    file = stored(repo)
    file.chmod(0o644)
    file.write_bytes(file.read_bytes()[:100])
    (repo / "model.bin").unlink()
    return told(repo)


def lost(room: Room) -> Told:
    repo = lfs_repo(room)
    stored(repo).unlink()
    (repo / "model.bin").unlink()
    return told(repo)


def unpushed_submodule(room: Room) -> Told:
    inner = new_repo(room, name="inner", remote="")
    place = room.place / "inner.git"
    git(room.place, "clone", "-q", "--bare", str(inner), str(place))
    repo = new_repo(room)
    git(repo, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", f"file://{place}", "inner")
    write(repo / "inner", {"more.txt": "more\n"})
    commit(repo / "inner")
    commit(repo)
    return told(repo)


# ---------------------------------------------------------------- settings


def leads_elsewhere(room: Room) -> Told:
    return told(new_repo(room, {".lfsconfig": "[lfs]\n\turl = https://lfs.example/acme/model\n"}))


def token_in_url(room: Room) -> Told:
    return told(new_repo(room, remote=f"https://ada:{_TOKEN}@hf.test/acme/model"))


def nothing_secret(room: Room, told: Told) -> Ended:
    return room.run(told, "bash", "-c", "! grep -q hf_ .git/config")


def agent_gone(room: Room) -> Told:
    repo = new_repo(room)
    git(repo, "config", "lfs.customtransfer.multipart.path", str(room.place / "gone/huggingface-cli"))
    git(repo, "config", "lfs.customtransfer.multipart.args", "lfs-multipart-upload")
    return told(repo)


def agent_starts(room: Room, told: Told) -> Ended:
    return room.run(told, "bash", "-c", 'command -v -- "$(git config lfs.customtransfer.multipart.path)"')


# ---------------------------------------------------------------- disks


def full(room: Room) -> Told:
    disk = room.enter(SmallDisk(16_000_000))
    disk.fill(leave=100_000)
    return Told(wrap=tuple(disk.enter), arguments=("--offline",), environment={"HF_HUB_CACHE": str(disk.place)})


def read_only(room: Room) -> Told:
    cache = room.place / "cache"
    cache.mkdir()
    script = f'mount --bind {cache} {cache} && mount -o remount,bind,ro {cache} && exec "$@"'
    user = () if os.getuid() == 0 else ("--user", "--map-root-user")
    wrap = ("unshare", *user, "--mount", "sh", "-c", script, "sh")
    return Told(wrap=wrap, arguments=("--offline",), environment={"HF_HUB_CACHE": str(cache)})


def elsewhere(room: Room, told: Told, finding: dict[str, Any]) -> Told:
    """The line that names another folder is pasted into the shell from which everything is run then."""
    (line,) = (line for line in finding["remedy"] if line.startswith("export "))
    place = room.place / "other"
    line = re.sub(r"/var/tmp", str(place), line)  # what it leaves behind goes with the room
    return replace(told, wrap=(*told.wrap, "bash", "-c", line + '\nexec "$@"', "bash"))


def writes_to_cache(room: Room, told: Told) -> Ended:
    return room.run(told, "sh", "-c", 'mkdir -p "$HF_HUB_CACHE" && head -c 500000 /dev/zero > "$HF_HUB_CACHE/file"')


# ---------------------------------------------------------------- healthy ones


def well_kept(room: Room) -> Told:
    return told(lfs_repo(room))


def no_repository(room: Room) -> Told:
    folder = room.place / "folder"
    folder.mkdir()
    write(folder, {"model.bin": _WORDS})
    return told(folder)


def unborn(room: Room) -> Told:
    repo = room.place / "repo"
    git(room.place, "init", "-q", str(repo))
    git(repo, "remote", "add", "origin", _REMOTE)
    return told(repo)


def another_s(room: Room) -> Told:
    """A repository of quite another kind, with all that the Hub would refuse, which was never meant to go there."""
    files = {"icon.png": b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 9, "test.py": f"TOKEN = {_TOKEN!r}\n"}
    return told(new_repo(room, files, remote="https://git.example/someone/tool"))


def many_files(room: Room) -> Told:
    repo = new_repo(room, {".gitattributes": _ATTRIBUTES})
    git(repo, "lfs", "install", "--local")
    write(repo, {f"shards/{number % 40}/{number}.bin": f"shard {number}\n" * 20 for number in range(2000)})
    commit(repo)
    return told(repo)


def _sick(name: str, reference: str, stage: Callable[[Room], Told], **more: Any) -> Ailment:
    return Ailment(name, reference, stage, **more)


ROWS: tuple[Ailment, ...] = (
    _sick("large file in an old commit", "large-file-in-git", large, cure=agreed, works=audit),
    _sick("binary file in git", "binary-file-in-git", binary, cure=agreed, works=audit, quick=True),
    _sick("token in a file", "secret-in-history", token, rare=True),
    _sick("card that is no YAML", "model-card-invalid", card, rare=True),
    _sick("folder with 10,001 files", "too-many-files", crowded, rare=True),
    _sick("file older than its pattern", "should-be-pointer", before_the_pattern, needs=LFS),
    _sick("pointer with CRLF", "pointer-not-canonical", line_ends, needs=LFS, rare=True),
    _sick("comment behind a pattern", "attributes-ignored", comment_in_attributes, rare=True),
    _sick("shallow clone", "history-incomplete", shallow, rare=True),
    _sick(
        "pre-push hook gone",
        "lfs-hook-missing",
        without_hook,
        cure=pasted,
        works=push_with_objects,
        needs=LFS,
        quick=True,
    ),
    _sick("pre-push hook idle", "lfs-hook-missing", idle_hook, cure=pasted, works=push_with_objects, needs=LFS),
    _sick(
        "pre-push hook of another", "lfs-hook-missing", another_s_hook, cure=pasted, works=push_with_objects, needs=LFS
    ),
    _sick(
        "core.hooksPath elsewhere", "lfs-hook-missing", hooks_elsewhere, cure=pasted, works=push_with_objects, needs=LFS
    ),
    _sick("git-lfs gone", "git-lfs-missing", without_git_lfs, cure=second_pasted, works=checks_out, needs=LFS),
    _sick("filter gone", "lfs-filter-missing", without_filter, cure=pasted, works=checks_out, needs=LFS),
    _sick("pointers in place of files", "pointers-not-files", only_pointers, cure=pasted, works=is_whole, needs=LFS),
    _sick("bit flipped in the store", "object-corrupt", flipped, cure=all_pasted, works=store_is_sound, needs=LFS),
    _sick("object cut short", "object-corrupt", cut_short, needs=LFS),
    _sick("object nowhere", "object-missing", lost, needs=LFS),
    _sick("submodule not pushed", "submodule-unpushed", unpushed_submodule),
    _sick(".lfsconfig leads elsewhere", "lfs-elsewhere", leads_elsewhere, rare=True),
    _sick("token in a remote", "token-in-remote", token_in_url, cure=pasted, works=nothing_secret),
    _sick("agent gone", "lfs-agent-missing", agent_gone, cure=pasted, works=agent_starts),
    _sick("disk full", "disk-full", full, cure=elsewhere, works=writes_to_cache, needs=("unshare",)),
    _sick("disk read-only", "place-read-only", read_only, cure=elsewhere, works=writes_to_cache, needs=("unshare",)),
    Ailment("well-kept repository", None, well_kept, needs=LFS),
    Ailment("folder without a repository", None, no_repository, rare=True),
    Ailment("repository without a commit", None, unborn, rare=True),
    Ailment("repository of another kind", None, another_s),
    Ailment("2,000 LFS files", None, many_files, needs=LFS, rare=True),
)
