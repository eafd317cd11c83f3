"""What the tree at one tip of a history holds, as far as its judgement needs it. Reads git; judges nothing.

One `ls-tree` per distinct tree; the contents that are read are attribute files, the card, link targets, and small files
that may be pointers. A partial clone is asked for nothing: what is not here has no size and no content.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from hfpush.lfs.pointer import MAX_POINTER_BYTES, parse_pointer
from hfpush.repo.attributes import FILE, lfs_paths
from hfpush.repo.audit.names import is_gits_own, is_plain
from hfpush.repo.audit.offences import is_read_by_git
from hfpush.repo.audit.tree import CARD, FILES, LINK, Tip, TipEntry
from hfpush.repo.objects import ObjectReader
from hfpush.repo.repository import Repository
from hfpush.repo.scope import Scope
from hfpush.repo.tree_files import nul_separated

MOST_TIPS = 20
"""How many distinct trees are looked at, HEAD's first."""
MOST_ENTRIES = 1_000_000
"""How many entries of trees are looked at in all, before no further tree is begun."""
_MOST_ATTRIBUTE_BYTES = 2**20
_LEAST_POINTER = 90
_MOST_PATH_BYTES = 3000
_ASKED_AT_ONCE = 30_000


def tips_of(repository: Repository, scope: Scope) -> Iterator[Tip]:
    """The tips of the scope that have something new, each distinct tree once: HEAD's branch first, then by name. Of
    tags only where there is nothing else. At most MOST_TIPS, and MOST_ENTRIES entries."""
    seen = 0
    with ObjectReader(repository.git, partial=repository.partial) as reader:
        for commit, refs in _commits(repository, scope):
            if seen >= MOST_ENTRIES:
                return
            tip = read_tip(repository, reader, commit, refs)
            seen += len(tip.entries)
            yield tip


def read_tip(repository: Repository, reader: ObjectReader, commit: str, refs: Sequence[str]) -> Tip:
    """The tree of one commit."""
    entries = tuple(_entries(repository, commit, reader))
    attributes = _attributes(reader, entries)
    links = [entry for entry in entries if entry.mode == LINK and entry.size <= 4096]
    targets = dict(reader.contents(_ids(links)))
    card = next((one for one in entries if one.path == CARD and one.mode in FILES), None)
    small = card is not None and 0 <= card.size <= _MOST_ATTRIBUTE_BYTES
    text = dict(reader.contents([card.blob])).get(card.blob) if card is not None and small else None
    files = [
        one.path for one in entries if one.mode in FILES and _can_be_asked(one.path) and not is_read_by_git(one.path)
    ]
    lfs = _in_lfs(attributes, files)
    pointers, unknown = _pointers(reader, entries)
    nested = any(folder and b"filter" in text for folder, text in attributes.items())
    by_top = _in_lfs({"": attributes[""]}, files) if nested and "" in attributes else lfs
    return Tip(
        commit=commit,
        refs=tuple(refs),
        entries=entries,
        attributes=attributes,
        links={one.path: _text(targets[one.blob]) for one in links if one.blob in targets},
        lfs=frozenset(lfs),
        by_top=frozenset(by_top),
        pointers=frozenset(pointers),
        unknown=frozenset(unknown),
        card=text,
    )


def _commits(repository: Repository, scope: Scope) -> list[tuple[str, tuple[str, ...]]]:
    """Commits with distinct trees, and the refs that stand there."""
    chosen = [ref for ref in scope.tips if not ref.startswith("refs/tags/")] or list(scope.tips)
    head = f"refs/heads/{repository.branch}"
    by_tree: dict[str, tuple[str, list[str]]] = {}
    order = sorted(chosen, key=lambda ref: (ref not in (head, "HEAD"), not ref.startswith("refs/heads/"), ref))
    asked = "".join(f"{scope.tips[ref]}^{{commit}}\n{scope.tips[ref]}^{{tree}}\n" for ref in order)
    format = "--batch-check=%(objectname)"
    answers = repository.git.read("cat-file", format, stdin=asked.encode("ascii")).decode("ascii").splitlines()
    for ref, commit, tree in zip(order, answers[0::2], answers[1::2], strict=True):
        # A tag of a tree or a blob is answered with its name and `missing`.
        if not commit.isalnum() or not tree.isalnum() or commit in scope.known:
            continue
        if tree in by_tree or len(by_tree) < MOST_TIPS:
            by_tree.setdefault(tree, (commit, []))[1].append(ref)
    return [(commit, tuple(refs)) for commit, refs in by_tree.values()]


def _entries(repository: Repository, commit: str, reader: ObjectReader) -> Iterator[TipEntry]:
    # With -l git 2.30 would try to fetch what a partial clone lacks, one object after the other.
    sizes = () if repository.partial else ("-l",)
    entries, modes = [], dict[str, str]()
    with repository.git.running("ls-tree", "-r", *sizes, "-z", "--full-tree", commit) as tree:
        assert tree.stdout is not None
        for token in nul_separated(tree.stdout):
            head, _, path = token.partition(b"\t")
            mode, _, blob, *size = head.decode("ascii").split()
            length = int(size[0]) if size and size[0].isdigit() else -1
            entries.append(TipEntry(_text(path), modes.setdefault(mode, mode), blob, length))
    if not repository.partial:
        yield from entries
        return
    files = [entry for entry in entries if entry.mode in (*FILES, LINK)]
    known = {info.id: info.size if info.type else -1 for info in reader.info(_ids(files))}
    yield from (entry._replace(size=known.get(entry.blob, -1)) for entry in entries)


def _attributes(reader: ObjectReader, entries: Collection[TipEntry]) -> dict[str, bytes]:
    """The attribute files by folder; one that is a link is not followed, as git does not, and a huge one left out."""
    files = [
        entry
        for entry in entries
        if entry.mode in FILES
        and entry.path.rpartition("/")[2] == FILE
        and 0 <= entry.size <= _MOST_ATTRIBUTE_BYTES
        and _can_be_asked(entry.path)
    ]
    contents = dict(reader.contents(_ids(files)))
    return {entry.path.rpartition("/")[0]: contents[entry.blob] for entry in files if entry.blob in contents}


def _in_lfs(attributes: Mapping[str, bytes], files: Sequence[str]) -> set[str]:
    """Those of the files that go to LFS; asked a part at a time, for the sake of memory."""
    found = set[str]()
    for start in range(0, len(files) if attributes else 0, _ASKED_AT_ONCE):
        found |= lfs_paths(attributes, files[start : start + _ASKED_AT_ONCE])
    return found


def _pointers(reader: ObjectReader, entries: Collection[TipEntry]) -> tuple[set[str], set[str]]:
    """The paths with a pointer, and those of which nothing is known."""
    files = [entry for entry in entries if entry.mode in FILES]
    maybe = [entry for entry in files if _LEAST_POINTER <= entry.size < MAX_POINTER_BYTES]
    pointers = {id for id, content in reader.contents(_ids(maybe)) if _is_pointer(content)}
    absent = {entry.path for entry in files if entry.size < 0}
    return {entry.path for entry in maybe if entry.blob in pointers}, absent


def _can_be_asked(path: str) -> bool:
    """Whether git's question about attributes can be put for the path; a hostile tree holds names that lead away."""
    if is_plain(path):
        return True
    parts = path.split("/")
    fits = len(path.encode("utf-8", "surrogateescape")) <= _MOST_PATH_BYTES
    short = all(len(part.encode("utf-8", "surrogateescape")) <= 255 for part in parts)
    return fits and short and not any(part in ("", ".", "..") for part in parts) and not is_gits_own(path)


def _is_pointer(content: bytes) -> bool:
    return parse_pointer(content) is not None


def _ids(entries: Collection[TipEntry]) -> list[str]:
    return list(dict.fromkeys(entry.blob for entry in entries))


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")
