"""What the next commit would bring in, and what a commit holds: files as git's index and trees have them.

The index decides, never the files on the disk: what is staged is what will be in the commit. Nothing is judged here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from hfpush.lfs.pointer import MAX_POINTER_BYTES, parse_pointer
from hfpush.repo.hooks.verdict import File
from hfpush.repo.objects import ObjectReader
from hfpush.repo.process import Git
from hfpush.repo.repository import Repository, commit_id
from hfpush.repo.rules import HEAD_BYTES, is_binary
from hfpush.repo.tree_files import files_of

_MOST_READ = 10 * 2**20  # a blob over this is refused for its size, whatever is in it


def staged_files(repository: Repository, index: Path | None) -> list[File]:
    """The files whose content the next commit brings in: new against HEAD, and in a merge against each parent.

    `index` is the index file that the commit is made of, None for the repository's own. A file that is moved without
    a change, or has a new mode alone, is not among them; neither are links and submodules.
    """
    git = Git(repository.root or repository.git_dir, repository.git_dir, repository.root, index)
    parents = [repository.tip or git.line("hash-object", "-t", "tree", "--stdin"), *_merged(repository)]
    changed = [_changed(git, parent) for parent in parents]
    files = [file for file in changed[0] if all(file in others for others in changed[1:])]
    return _described(repository, files)


def all_files(repository: Repository) -> list[File]:
    """Every file of the commit that is checked out."""
    return _described(repository, [File(one.path, one.blob) for one in files_of(repository.git, repository.head)])


_WHAT = ("--no-abbrev", "-M100%", "--diff-filter=AMT", "--ignore-submodules=all", "--no-ext-diff", "--no-textconv")


def _changed(git: Git, base: str) -> list[File]:
    fields = git.read("diff-index", "--cached", "-z", "--raw", *_WHAT, base, "--").split(b"\0")
    return list(_parse(fields))


def _parse(fields: Sequence[bytes]) -> Iterator[File]:
    for description, name in zip(fields[::2], fields[1::2], strict=False):
        _, mode, before, after, _ = description.decode("ascii").split()
        if mode.startswith("100") and before != after:
            yield File(name.decode("utf-8", "surrogateescape"), after)


def _merged(repository: Repository) -> list[str]:
    """The other parents of a merge that is being committed."""
    try:
        lines = (repository.git_dir / "MERGE_HEAD").read_text("ascii").split()
    except (FileNotFoundError, UnicodeDecodeError):
        return []
    return [commit for commit in lines if commit_id(repository.git, commit)]


def _described(repository: Repository, files: Sequence[File]) -> list[File]:
    """The files with their sizes and kinds; those that are not here (a partial clone) are left out."""
    with ObjectReader(repository.git, partial=repository.partial) as reader:
        sizes = {info.id: info.size for info in reader.info([file.blob for file in files]) if info.type == "blob"}
        small = [blob for blob, size in sizes.items() if size <= _MOST_READ]
        binary, pointers = set(), set()
        for blob, content in reader.contents(small):
            if is_binary(content[:HEAD_BYTES], whole=len(content) <= HEAD_BYTES):
                binary.add(blob)
            elif len(content) < MAX_POINTER_BYTES and parse_pointer(content) is not None:
                pointers.add(blob)
    return [
        replace(file, size=sizes[file.blob], binary=file.blob in binary, pointer=file.blob in pointers)
        for file in files
        if file.blob in sizes
    ]
