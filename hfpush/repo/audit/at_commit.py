"""Whether a path goes to LFS at a commit, by the attribute files of that commit and by nothing else.

git itself decides (`check-attr`), in a scratch repository that borrows the objects and has an index of attribute files
only: a user's own attributes and a repository's info/attributes do not travel with a push and do not count. Many states
of the attribute files are asked about in one go, each in a folder of its own; one that defines macros, which git takes
at the top only, is asked about alone.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

from hfpush.repo.audit.attribute_states import FILE, AttributeStates, State
from hfpush.repo.objects import ObjectReader
from hfpush.repo.process import Git
from hfpush.repo.repository import Repository
from hfpush.repo.scratch import scratch

_KEPT = 50_000
_ENTRIES = 5_000
_TOO_LARGE = 100 * 2**20  # git itself leaves out larger attribute files since 2.40
_MARK = b"\xef\xbb\xbf"
_SETTINGS = (
    *("core.attributesFile=/dev/null", "core.ignoreCase=false", "core.protectNTFS=false", "core.protectHFS=false"),
)


class AttrOracle:
    """A context manager; one thread at a time. Quickest when neighbours in history are asked about together. `states`
    may be told what is known of commits already."""

    def __init__(self, repository: Repository, reader: ObjectReader | None = None) -> None:
        """`reader`, if given, reads the same repository and stays open."""
        self._repository = repository
        self._stack = ExitStack()
        self._reader = reader
        self._scratch: Git | None = None
        self._indices = 0
        self._answers: dict[tuple[int, str], bool] = {}
        self._speaks: dict[str, bool] = {}
        self._defines: dict[str, bool] = {}
        self._plain: dict[str, str] = {}  # what to ask with instead of it
        self._lost: dict[str, str] = {}  # the same without its first line, where it begins with a byte order mark

    def __enter__(self) -> AttrOracle:
        repository = self._repository
        if self._reader is None:
            self._reader = self._stack.enter_context(ObjectReader(repository.git, partial=repository.partial))
        self._objects = self._reader
        self.states = AttributeStates(repository.git, self._objects)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def answer(self, pairs: Sequence[tuple[str, str]]) -> list[bool]:
        """For each pair of a commit (or tree; whole id) and a path in it, whether the path goes to LFS there.

        An id that is not here has no attribute files. Where a file begins with a byte order mark, both readings that
        git has of it must say so: that of a work tree, and that of a fresh clone, which loses the first line.
        """
        numbers = self.states.numbers([treeish for treeish, _ in pairs])
        self._learn({id for number in set(numbers.values()) for _, id in self.states.states[number]})
        speaking = {
            number for number in set(numbers.values()) if any(self._speaks[id] for _, id in self.states.states[number])
        }
        if not speaking:
            return [False] * len(pairs)
        if len(self._answers) > _KEPT:
            self._answers.clear()
        asked: dict[int, set[str]] = defaultdict(set)
        for treeish, path in pairs:
            number = numbers[treeish]
            if number in speaking and (number, path) not in self._answers:
                asked[number].add(path)
        self._ask(asked)
        return [numbers[treeish] in speaking and self._answers[numbers[treeish], path] for treeish, path in pairs]

    def _learn(self, ids: Iterable[str]) -> None:
        """Which attribute files send anything to LFS, and which define macros. One that is not here says nothing."""
        new = sorted(set(ids) - self._speaks.keys())
        self._speaks |= dict.fromkeys(new, False)
        self._defines |= dict.fromkeys(new, False)
        here = [info.id for info in self._objects.info(new) if info.type == "blob" and info.size < _TOO_LARGE]
        for id, content in self._objects.contents(here):
            self._speaks[id] = b"filter=lfs" in content
            self._defines[id] = b"[attr]" in content
            plain = as_in_a_file(content)
            if plain != content and self._speaks[id]:
                self._plain[id] = self._stored(plain)
                if content.startswith(_MARK):
                    self._lost[id] = self._stored(b"#" + plain)

    def _ask(self, asked: Mapping[int, set[str]]) -> None:
        together: dict[str, tuple[int, list[str], list[tuple[str, str]]]] = {}
        entries = 0
        for number, paths in asked.items():
            usable = sorted(path for path in paths if _is_plain(path))
            self._answers |= {(number, path): False for path in paths}
            files = list(_files_above(self.states.states[number], usable))
            if not usable or not files:
                continue
            if any(self._defines[id] for folder, id in files if not folder):
                self._check({"": (number, usable, files)})
                continue
            if entries and entries + len(files) > _ENTRIES:
                self._check(together)
                together, entries = {}, 0
            together[f"{number}/"] = (number, usable, files)
            entries += len(files)
        if together:
            self._check(together)

    def _check(self, states: Mapping[str, tuple[int, list[str], list[tuple[str, str]]]]) -> None:
        """Asks git about the paths of some states, each below a prefix of its own."""
        asked = [(number, prefix, path) for prefix, (number, paths, _) in states.items() for path in paths]
        answers = self._values(states, asked, self._plain)
        if any(id in self._lost for _, _, files in states.values() for _, id in files):
            # In a work tree git skips a byte order mark; out of an index, so in a fresh clone, it loses that line.
            cloned = self._values(states, asked, {**self._plain, **self._lost})
            answers = [here and there for here, there in zip(answers, cloned, strict=True)]
        for (number, _, path), answer in zip(asked, answers, strict=True):
            self._answers[number, path] = answer

    def _values(
        self,
        states: Mapping[str, tuple[int, list[str], list[tuple[str, str]]]],
        asked: Sequence[tuple[int, str, str]],
        instead: Mapping[str, str],
    ) -> list[bool]:
        git = self._next_index()
        lines = [
            f"100644 {instead.get(id, id)}\t{prefix}{folder + '/' if folder else ''}{FILE.decode()}\0"
            for prefix, (_, _, files) in states.items()
            for folder, id in files
        ]
        git.read("update-index", "-z", "--index-info", stdin=_bytes(lines), settings=_SETTINGS)
        stdin = _bytes([f"{prefix}{path}\0" for _, prefix, path in asked])
        answer = git.read("check-attr", "--cached", "--stdin", "-z", "filter", stdin=stdin, settings=_SETTINGS)
        return [value == b"lfs" for value in answer.split(b"\0")[2::3]]

    def _stored(self, content: bytes) -> str:
        return self._place().line("hash-object", "-w", "--stdin", stdin=content)

    def _next_index(self) -> Git:
        """git in the scratch repository, with a new empty index."""
        place = self._place()
        assert place.git_dir is not None
        (place.git_dir / f"index-{self._indices}").unlink(missing_ok=True)
        self._indices += 1
        return Git(place.directory, place.git_dir, place.work_tree, place.git_dir / f"index-{self._indices}")

    def _place(self) -> Git:
        """The scratch repository; made when it is first needed."""
        if self._scratch is None:
            self._scratch = self._stack.enter_context(scratch(self._repository.object_format))
            assert self._scratch.git_dir is not None
            borrowed = self._scratch.git_dir / "objects/info/alternates"
            borrowed.parent.mkdir(exist_ok=True)
            borrowed.write_bytes(alternates_line(self._repository.common_dir / "objects"))
        return self._scratch


def alternates_line(objects: Path) -> bytes:
    """A line of objects/info/alternates, quoted so that any name of a folder will do."""
    quoted = os.fsencode(objects).replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n")
    return b'"' + quoted + b'"\n'


def as_in_a_file(content: bytes) -> bytes:
    """Attributes so written that git reads them in an index as it does in a file: there it skips a byte order mark, and
    a NUL ends a line and not the whole."""
    return re.sub(rb"\0[^\n]*", b"", content.removeprefix(_MARK))


def _files_above(state: State, paths: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The attribute files that stand in a folder of one of the paths; those that git takes into no index are left out,
    because it takes no file from there either."""
    folders = {""}
    for path in paths:
        folder = path.rpartition("/")[0]
        while folder not in folders:
            folders.add(folder)
            folder = folder.rpartition("/")[0]
    for folder, id in state:
        if folder in folders and ".git" not in folder.lower().split("/"):
            yield folder, id


def _is_plain(path: str) -> bool:
    """Whether git takes the path as it stands; the others can be in a damaged tree only."""
    return not any(part in ("", ".", "..") for part in path.split("/"))


def _bytes(texts: Iterable[str]) -> bytes:
    return "".join(texts).encode("utf-8", "surrogateescape")
