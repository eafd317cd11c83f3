"""What is in a bare repository: revisions, trees, blobs. Reads only; gitcommit.py writes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from hfpush.localhub.gitcmd import GitFailed, git, git_text
from hfpush.localhub.names import revision_candidates
from hfpush.localhub.pointer import MAX_POINTER_SIZE, Pointer, parse_pointer

_OID = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True)
class Entry:
    """One line of a tree. `type` is `blob`, `tree` or `commit` (a submodule); `size` in bytes is 0 for all but blobs.

    `path` is the full path inside the repository. `mode` is git's, in octal digits (`100644`).
    """

    mode: str
    type: str
    oid: str
    size: int
    path: str


def resolve_revision(repo: Path, revision: str) -> str | None:
    """The commit (40 hex digits) that a branch, a tag, `refs/…` or a commit id of at least 4 digits means; else None.

    A branch beats a tag beats a commit id of the same spelling.
    """
    candidates = revision_candidates(revision)
    if not candidates:
        return None
    at_hand = _loose_branch(repo, candidates)
    if at_hand:
        return at_hand
    asked = "".join(f"{name}^{{commit}}\n" for name in candidates).encode()
    for line in git_text(repo, "cat-file", "--batch-check=%(objectname) %(objecttype)", stdin=asked).split("\n"):
        oid, _, type = line.partition(" ")
        if type == "commit" and len(oid) == 40:
            return oid
    return None


def list_tree(repo: Path, commit: str, folder: str = "", *, recursive: bool = False) -> list[Entry] | None:
    """The entries of a folder (`""`: the root), in git's order; with all that is below it if `recursive`.

    Folders are entries too. None if there is no such folder.
    """
    tree = f"{commit}:{folder}"
    flags = ["-r", "-t"] if recursive else []
    try:
        answer = git(repo, "ls-tree", *flags, "-l", "-z", "--full-tree", tree)
    except GitFailed:
        return None
    prefix = f"{folder}/" if folder else ""
    return [_entry(line, prefix) for line in answer.split(b"\0") if line]


def entries_at(repo: Path, commit: str, paths: Sequence[str]) -> dict[str, Entry]:
    """The entry at each of `paths` that exists, by path. The paths have passed `names.check_path`."""
    if not paths:
        return {}
    asked = "".join(f"{commit}:{path}\n" for path in paths).encode()
    answer = git(repo, "cat-file", "--batch-check=%(objectname) %(objecttype) %(objectsize)", stdin=asked)
    found = {}
    for path, line in zip(paths, answer.decode("utf-8", "replace").splitlines(), strict=False):
        fields = line.split(" ")
        if len(fields) == 3 and fields[1] in ("blob", "tree") and len(fields[0]) == 40:
            oid, type, size = fields
            mode = "100644" if type == "blob" else "040000"
            found[path] = Entry(mode, type, oid, int(size) if type == "blob" else 0, path)
    return found


def entry_at(repo: Path, commit: str, path: str) -> Entry | None:
    """The entry at one path, or None. The path has passed `names.check_path`."""
    return entries_at(repo, commit, [path]).get(path)


def file_at(repo: Path, commit: str, path: str) -> tuple[Entry, bytes] | None:
    """The file at one path with its content, or None if there is no file. The path has passed `names.check_path`."""
    answer = git(repo, "cat-file", "--batch", stdin=f"{commit}:{path}\n".encode())
    head, _, content = answer.partition(b"\n")
    fields = head.decode("utf-8", "replace").split(" ")
    if len(fields) != 3 or fields[1] != "blob":
        return None
    return Entry("100644", "blob", fields[0], int(fields[2]), path), content[: int(fields[2])]


def blob(repo: Path, oid: str) -> bytes:
    """The content of one blob. Raises GitFailed if there is none of that id."""
    return git(repo, "cat-file", "blob", oid)


def blobs(repo: Path, oids: Iterable[str]) -> dict[str, bytes]:
    """The contents of several blobs, read in one go; ids that are no blobs are left out."""
    wanted = list(dict.fromkeys(oids))
    answer = git(repo, "cat-file", "--batch", stdin="".join(f"{oid}\n" for oid in wanted).encode()) if wanted else b""
    found, at = {}, 0
    while at < len(answer):
        end = answer.index(b"\n", at)
        fields = answer[at:end].split(b" ")
        at = end + 1
        if len(fields) == 3 and fields[2].isdigit():
            size = int(fields[2])
            if fields[1] == b"blob":
                found[fields[0].decode()] = answer[at : at + size]
            at += size + 1
    return found


def pointers(repo: Path, entries: Iterable[Entry]) -> dict[str, Pointer]:
    """Which of the entries are LFS pointers: by git blob id, what they point to."""
    small = (entry.oid for entry in entries if entry.type == "blob" and 0 < entry.size < MAX_POINTER_SIZE)
    parsed = {oid: parse_pointer(data) for oid, data in blobs(repo, small).items()}
    return {oid: pointer for oid, pointer in parsed.items() if pointer}


def _loose_branch(repo: Path, candidates: Sequence[str]) -> str | None:
    """The answer to the most frequent questions without a process: a branch, or the commit that `main` is at.

    A branch is the first candidate unless a full ref was asked for; refs that are packed are left to git.
    """
    first = candidates[0]
    head = _loose(repo, first) if first.startswith("refs/heads/") else None
    if head is None and candidates[-1] == _loose(repo, "refs/heads/main"):
        return candidates[-1] if len(candidates[-1]) == 40 else None
    return head


def _loose(repo: Path, ref: str) -> str | None:
    try:
        text = (repo / ref).read_text("ascii").strip()
    except (OSError, UnicodeDecodeError):
        return None
    return text if _OID.fullmatch(text) else None


def _entry(line: bytes, prefix: str) -> Entry:
    head, _, name = line.partition(b"\t")
    mode, type, oid, size = head.decode().split()
    return Entry(mode, type, oid, int(size) if size.isdigit() else 0, prefix + name.decode("utf-8", "replace"))
