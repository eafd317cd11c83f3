"""What the commits of a scope bring in that deserves a word: looked at as a stream, with nothing written or fetched.

Two ways lead through a history. A short one, and any question about contents, is read change by change, in blocks. For
the one question which blobs are large, a long history is asked the other way round: sizes of all objects first, which
takes no walk at all, and only for the few hits where they came in.

What was found is judged elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack

from hfpush.lfs.pointer import Pointer
from hfpush.repo.audit.at_commit import AttrOracle
from hfpush.repo.audit.content_facts import ContentFacts, facts_of
from hfpush.repo.audit.contents import heads, unreadable
from hfpush.repo.audit.found import Scan
from hfpush.repo.audit.gather import Gathering
from hfpush.repo.audit.inherited import Inheritance, is_about_attributes
from hfpush.repo.audit.large import LargeObjects
from hfpush.repo.audit.rows import Row
from hfpush.repo.audit.stored import Stores
from hfpush.repo.audit.trees import TreeReader
from hfpush.repo.audit.walk import LEAST_PART, Walk
from hfpush.repo.objects import ObjectReader
from hfpush.repo.process import GitFailed
from hfpush.repo.repository import Repository
from hfpush.repo.rules import HEAD_BYTES, MAX_GIT_FILE, NEVER_LFS
from hfpush.repo.scope import Scope

Progress = Callable[[str, int, int | None], None]
"""Told what is being done, how much of it is done, and how much there is (None: not known)."""
PointerSeen = Callable[[Pointer, str], None]
"""Told a pointer and a path that a commit of the scope brings it in under."""

MAX_LFS_FILE = 5 * 10**9
"""Bytes; a larger LFS object takes an upload in parts."""
MANY_COMMITS = 8000
"""From about here on, sizes first and history second is the quicker way (measured: even at 8,800 commits)."""
_BLOCK = 10_000


def scan(
    repository: Repository,
    scope: Scope,
    *,
    above: int = MAX_GIT_FILE,
    sizes_only: bool = False,
    progress: Progress | None = None,
    pointer_seen: PointerSeen | None = None,
    many: int = MANY_COMMITS,
) -> Scan:
    """Looks at everything that the commits of `scope` bring in. `above` is the size in bytes from which on a blob is
    found for its size; `sizes_only` looks at nothing else. `pointer_seen` hears of every pointer (not with
    `sizes_only`). With more than `many` commits, `sizes_only` asks sizes first. A blob of a partial clone that is not
    here is counted and not fetched.

    Raises Damaged when an object that should be here is missing or unreadable, LocalTrouble when git is.
    """
    try:
        with ExitStack() as stack:
            return _Scanner(repository, scope, stack, above, sizes_only, progress, pointer_seen, many).run()
    except GitFailed as broken:
        raise unreadable(*broken.finding.evidence) from broken


class _Scanner:
    """One scan. Of ordinary blobs it holds ids, of those that deserve a word what is known of them."""

    def __init__(
        self,
        repository: Repository,
        scope: Scope,
        stack: ExitStack,
        above: int,
        sizes_only: bool,
        progress: Progress | None,
        pointer_seen: PointerSeen | None,
        many: int,
    ) -> None:
        self.repository, self.scope, self.above, self.sizes_only = repository, scope, above, sizes_only
        self.progress, self.pointer_seen, self.many = progress, pointer_seen, many
        self.reader = stack.enter_context(ObjectReader(repository.git, partial=repository.partial))
        self.large: LargeObjects | None = None
        if sizes_only and not scope.known and not repository.partial:  # asked while the commits are listed
            self.large = stack.enter_context(LargeObjects(repository.git, above))
        self.oracle = stack.enter_context(AttrOracle(repository, self.reader))
        self.walk = stack.enter_context(Walk(repository.git, scope, self.reader))
        self.stores = Stores(repository)
        self.found = Gathering()
        self.ordinary: set[bytes] = set()
        self.pointers: dict[bytes, Pointer] = {}  # those that nothing is wrong with, so far
        self.late: set[str] = set()  # found after they had been passed by: their rows are collected at the end
        self.silent: set[str] = set()  # absent or empty: they deserve no word wherever they are
        self.absent = 0
        self.checked = 0

    def run(self) -> Scan:
        if self.sizes_only and self.walk.commits > self.many and not self.repository.partial:
            for id, size in self._large_blobs().items():
                self.late.add(id)
                self.found.want(id, ContentFacts(size))
        else:
            following = Inheritance(self.oracle.states, self.walk.graph(), TreeReader(self.reader))
            for block in self._blocks(self.walk.rows(), "commits", following):
                self._look_at(block)
            for id, size, head in heads(self.repository.git, sorted(self.late), HEAD_BYTES):
                self._want(id, facts_of(head, size))
        if self.late:
            rows = self._rows_of_late()
            for start in range(0, len(rows), _BLOCK):
                self._collect(rows[start : start + _BLOCK])
        blobs = self.found.blobs(self.walk, TreeReader(self.reader))
        return Scan(self.scope, self.walk.commits, blobs, self.checked, self.absent)

    def _large_blobs(self) -> dict[str, int]:
        if self.large is not None:
            return self.large.blobs(self.reader)
        with LargeObjects(self.repository.git, self.above) as large:
            return large.blobs(self.reader)

    def _rows_of_late(self) -> list[Row]:
        """All rows about the blobs that were found late."""
        phase = "history of what was found"
        late = self.late
        if self.repository.partial:
            blocks = self._blocks(self.walk.rows(), phase)
            return [row for block in blocks for row in block if row.blob in late or not late.isdisjoint(row.olds)]
        least = min(LEAST_PART, self.many // 2 + 1)
        rows = self.walk.rows_about(late, lambda commits: self._tell(phase, commits), least=least)
        return [row for row in rows if row.blob in late or not late.isdisjoint(row.olds)]

    def _tell(self, phase: str, commits: int) -> None:
        if self.progress is not None:
            self.progress(phase, commits, self.walk.commits)

    def _blocks(
        self, rows: Iterator[Row | str], phase: str, following: Inheritance | None = None
    ) -> Iterator[list[Row]]:
        """The rows in blocks of whole commits; `following` hears of each commit before its block is told."""
        commits = 0
        block: list[Row] = []
        attributes: list[Row] = []
        for row in rows:
            if isinstance(row, str):
                if following is not None and commits:
                    following.follow(attributes)
                    attributes = []
                if len(block) >= _BLOCK or not commits % _BLOCK:
                    yield block
                    block = []
                    self._tell(phase, commits)
                commits += 1
            else:
                block.append(row)
                if following is not None and row.commit and is_about_attributes(row):
                    attributes.append(row)
        if following is not None and commits:
            following.follow(attributes)
        yield block
        self._tell(phase, commits)

    def _look_at(self, rows: list[Row]) -> None:
        brings = [row for row in rows if row.brings]
        new = [id for id in dict.fromkeys(row.blob for row in brings) if self._is_new(id)]
        fresh = self._classified(new)
        if not self.sizes_only:
            for row, lfs in zip(brings, self._lfs(brings), strict=True):
                self._judge_place(row, lfs, fresh)
        self._collect(rows)

    def _is_new(self, id: str) -> bool:
        digest = bytes.fromhex(id)
        return digest not in self.ordinary and digest not in self.pointers and id not in self.found

    def _classified(self, ids: list[str]) -> dict[str, ContentFacts]:
        """What is known of new blobs that are all right by themselves; the others are wanted from now on."""
        self.checked += len(ids)
        unread = []
        for info in self.reader.info(ids):
            if info.type is None and self.repository.partial:
                self.absent += 1
                self.silent.add(info.id)
            elif info.type != "blob":
                raise unreadable(f"blob {info.id}")
            elif info.size > self.above:
                self.found.want(info.id, ContentFacts(info.size))
                continue
            elif info.size == 0:
                self.silent.add(info.id)
            elif not self.sizes_only:
                unread.append(info.id)
                continue
            self.ordinary.add(bytes.fromhex(info.id))
        fresh = {}
        for id, size, head in heads(self.repository.git, unread, HEAD_BYTES):
            facts = facts_of(head, size)
            if facts.binary or facts.broken_pointer or (facts.pointer is not None and not self._is_sound(facts)):
                self._want(id, facts)
                continue
            fresh[id] = facts
            if facts.pointer is not None:
                self.pointers[bytes.fromhex(id)] = facts.pointer
            else:
                self.ordinary.add(bytes.fromhex(id))
        return fresh

    def _is_sound(self, facts: ContentFacts) -> bool:
        pointer = facts.pointer
        assert pointer is not None
        return facts.canonical and pointer.size <= MAX_LFS_FILE and self.stores.hold(pointer)

    def _want(self, id: str, facts: ContentFacts) -> None:
        self.found.want(id, facts, None if facts.pointer is None else self.stores.hold(facts.pointer))

    def _judge_place(self, row: Row, lfs: bool, fresh: dict[str, ContentFacts]) -> None:
        """Finds what is wrong only where it stands: a pointer outside LFS, a file that should have been a pointer."""
        pointer = self.pointers.get(bytes.fromhex(row.blob)) or self.found.pointer(row.blob)
        if pointer is not None and self.pointer_seen is not None:
            self.pointer_seen(pointer, row.path)
        if row.blob in self.found or row.blob in self.late or row.blob in self.silent:
            return
        if lfs != (pointer is not None) and not (lfs and row.path.rpartition("/")[2] in NEVER_LFS):
            if row.blob in fresh:
                self._want(row.blob, fresh[row.blob])
            else:
                self.late.add(row.blob)

    def _collect(self, rows: list[Row]) -> None:
        brought = [row for row in rows if row.brings and row.blob in self.found]
        for row, lfs in zip(brought, self._lfs(brought), strict=True):
            self.found.add(row, lfs)
        for row in rows:
            if row.olds:
                self.found.take_away(row)

    def _lfs(self, rows: Collection[Row]) -> Iterator[bool]:
        """Whether each row's path goes to LFS there."""
        answers = iter(self.oracle.answer([(row.at, row.path) for row in rows if row.at]))
        return (next(answers) if row.at else False for row in rows)
