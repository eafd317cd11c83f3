"""The pre-receive hook: looks at every new blob of a push and refuses what rules.py refuses.

git runs it in the bare repository, with the pushed objects in quarantine (its own environment variables say where)
and one line `<old> <new> <ref>` per ref on stdin. Whatever is printed reaches the pusher behind `remote:`.

    python -m hfpush.localhub.prereceive --root <hub root> --max-git-file <bytes>
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hfpush.localhub.gitcmd import git
from hfpush.localhub.objects import ObjectStore
from hfpush.localhub.pointer import MAX_POINTER_SIZE, parse_pointer
from hfpush.localhub.rules import MAX_BINARY, Blob, Offence, offence, refusal

_GROUP_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True)
class _New:
    oid: str
    size: int
    path: str
    ref: str


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code of the hook: 0 lets the push in, 1 refuses all of it."""
    parser = argparse.ArgumentParser(description="pre-receive hook of the local Hub")
    parser.add_argument("--root", type=Path, required=True)
    parser.add_argument("--max-git-file", type=int, required=True)
    options = parser.parse_args(arguments)
    repo = Path(os.environ.get("GIT_DIR", ".")).resolve()
    env = {name: value for name, value in os.environ.items() if name.startswith("GIT_") and name != "GIT_DIR"}
    found = list(offences(repo, sys.stdin.read().splitlines(), ObjectStore(options.root), options.max_git_file, env))
    text = refusal(found, max_git_file=options.max_git_file)
    if text is None:
        return 0
    print(text, flush=True)
    return 1


def offences(
    repo: Path, updates: Sequence[str], objects: ObjectStore, max_git_file: int, env: Mapping[str, str]
) -> Iterator[Offence]:
    """What is wrong with a push. `updates` are the lines of stdin, `env` is git's environment of the quarantine."""
    uid = str(json.loads((repo / "hub.json").read_bytes())["uid"])
    seen: set[str] = set()
    for update in updates:
        _, new, ref = update.split(" ", 2)
        if set(new) == {"0"}:
            continue
        fresh = [each for each in _new_blobs(repo, new, ref, env) if each.oid not in seen]
        seen.update(each.oid for each in fresh)
        for blob in _described(repo, fresh, objects, uid, max_git_file, env):
            wrong = offence(blob, max_git_file=max_git_file)
            if wrong:
                yield wrong


def _new_blobs(repo: Path, commit: str, ref: str, env: Mapping[str, str]) -> Iterator[_New]:
    """The blobs that no ref of the repository reaches yet, each once, with the first path it has."""
    listed = git(repo, "rev-list", "--objects", commit, "--not", "--all", env=env)
    checked = git(
        repo, "cat-file", "--batch-check=%(objecttype) %(objectname) %(objectsize) %(rest)", stdin=listed, env=env
    )
    for line in checked.decode("utf-8", "replace").split("\n"):
        type, _, rest = line.partition(" ")
        if type == "blob":
            oid, size, path = rest.split(" ", 2)
            yield _New(oid, int(size), path, ref)


def _described(
    repo: Path, news: Sequence[_New], objects: ObjectStore, uid: str, max_git_file: int, env: Mapping[str, str]
) -> Iterator[Blob]:
    """The blobs with as much of their content as the rules ask for."""
    needed = [new for new in news if new.size < MAX_POINTER_SIZE or MAX_BINARY < new.size <= max_git_file]
    for group in _groups(needed):
        contents = _contents(repo, group, env)
        for new in group:
            content = contents[new.oid]
            pointer = parse_pointer(content)
            stored = pointer is None or objects.has(uid, pointer.oid)
            yield Blob(new.path, new.size, content, new.ref, pointer, stored)
    known = set(needed)
    yield from (Blob(new.path, new.size, ref=new.ref) for new in news if new not in known)


def _groups(news: Sequence[_New]) -> Iterator[list[_New]]:
    """The blobs in groups that fit in memory together."""
    group: list[_New] = []
    for new in news:
        if group and sum(each.size for each in group) + new.size > _GROUP_BYTES:
            yield group
            group = []
        group.append(new)
    if group:
        yield group


def _contents(repo: Path, group: Sequence[_New], env: Mapping[str, str]) -> dict[str, bytes]:
    answer = git(repo, "cat-file", "--batch", stdin="".join(f"{new.oid}\n" for new in group).encode(), env=env)
    contents, at = {}, 0
    for new in group:
        start = answer.index(b"\n", at) + 1
        contents[new.oid] = answer[start : start + new.size]
        at = start + new.size + 1
    return contents


if __name__ == "__main__":
    sys.exit(main())
