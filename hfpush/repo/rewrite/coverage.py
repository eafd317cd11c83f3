"""Whether the attribute files of a commit send a path to LFS, along a history: only what changed is looked at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from types import TracebackType

from hfpush.repo.attributes import FILE
from hfpush.repo.objects import ObjectReader
from hfpush.repo.repository import Repository
from hfpush.repo.rewrite.answers import AttributeAnswers
from hfpush.repo.rewrite.cover import only_gains
from hfpush.repo.rewrite.differences import Differences
from hfpush.repo.tree_files import files_of

_NAME = FILE.encode()
_KEPT = 256

_Files = Mapping[bytes, bytes]  # id of each attribute file, in hex, by folder
_Way = tuple[tuple[bytes, bytes], ...]


class Coverage:
    """Follows the attribute files of commits, each after its first parent. A context manager; one thread."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._stack = ExitStack()
        self._reader = ObjectReader(repository.git, partial=repository.partial)
        self._answers = AttributeAnswers()
        self._files: dict[str, _Files] = {}
        self._covered: set[tuple[bytes, _Way]] = set()
        self._contents: dict[bytes, bytes] = {}

    def __enter__(self) -> Coverage:
        self._stack.enter_context(self._reader)
        self._stack.enter_context(self._answers)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        return self._stack.__exit__(kind, error, trace)

    def follow(self, commit: str, parent: str | None, found: Differences) -> None:
        """Takes note of a commit, which differs from its first parent in what was `found`."""
        files = self._of(parent) if parent is not None else {}
        changed = [path for path in found if path.rpartition(b"/")[2] == _NAME]
        if changed:
            files = dict(files)
            for path in changed:
                folder, now = path.rpartition(b"/")[0], found[path][1]
                files.pop(folder, None)
                if now.mode.startswith(b"100"):
                    files[folder] = now.id
        self._files[commit] = files

    def only_grows(self, found: Differences) -> bool:
        """Whether no attribute file among the differences has lost a line or gained one that is not ours."""
        changed = [sides for path, sides in found.items() if path.rpartition(b"/")[2] == _NAME]
        if not all(now.mode.startswith(b"100") for _, now in changed):
            return False
        read = self._read({side.id for sides in changed for side in sides if side.mode.startswith(b"100")})
        return all(only_gains(read.get(was.id, b""), read[now.id]) for was, now in changed)

    def bare(self, commit: str, paths: Iterable[bytes]) -> list[bytes]:
        """Those of the paths that the attribute files of the commit, which was followed, do not send to LFS."""
        files = self._files[commit]
        ways = {path: _way(files, path) for path in paths}
        unknown = {path: way for path, way in ways.items() if (path, way) not in self._covered}
        if not unknown:
            return []
        asked = {folder: id for way in unknown.values() for folder, id in way}
        contents = self._read(set(asked.values()))
        lfs = self._answers.lfs({folder: contents[id] for folder, id in asked.items()}, list(unknown))
        self._covered |= {(path, way) for path, way in unknown.items() if path in lfs}
        return sorted(unknown.keys() - lfs)

    def _of(self, commit: str) -> _Files:
        if commit not in self._files:  # one that did not change: the only ones whose trees are read whole
            paths = (
                (one.path.encode("utf-8", "surrogateescape"), one.blob)
                for one in files_of(self._repository.git, commit)
            )
            self._files[commit] = {
                path.rpartition(b"/")[0]: blob.encode() for path, blob in paths if path.rpartition(b"/")[2] == _NAME
            }
        return self._files[commit]

    def _read(self, ids: set[bytes]) -> Mapping[bytes, bytes]:
        if len(self._contents) > _KEPT:
            self._contents = {}
        new = [id.decode() for id in ids if id not in self._contents]
        self._contents |= {id.encode(): content for id, content in self._reader.contents(new)}
        return self._contents


def _way(files: _Files, path: bytes) -> _Way:
    """The attribute files that have a say about a path."""
    way, folder = [], path
    while folder:
        folder = folder.rpartition(b"/")[0]
        if folder in files:
            way.append((folder, files[folder]))
    return tuple(way)
