"""Random git histories from a seed, small and full of what breaks tools that read or rewrite history.

    made = history(folder, seed)

Files count as large above LIMIT, so that a history is tiny. Everything comes from `random.Random(seed)`: the same seed
makes the same ids. What is drawn: branches, merges (ordinary, octopus, evil, of unrelated roots), renames, copies,
deletes and re-adds, modes, symbolic links, gitlinks, a path that is a file here and a folder there, odd names, files
that grow and shrink, pointers in every state of repair, .gitattributes of all kinds and at all depths, tags of
everything, signatures, encodings, time zones, skewed clocks, packed and loose objects and refs, both object formats.
"""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass, field
from pathlib import Path

from support.object_writer import FILE, GITLINK, LINK, PROGRAM, Entry, Objects

LIMIT = 2000
"""Bytes; a file of this size is small still."""

_NAMES = (
    *(b"model.bin", b"weights.json", b"notes.txt", b"data.csv", b"x.dat", b"README.md", b".gitignore", b"no-extension"),
    *(
        b"w-00001.bin",
        b"w-00002.bin",
        b"w-00003.bin",
        b"UPPER.BIN",
        b"archive.tar.gz",
        b"index.bin.json",
        b".gitmodules",
    ),
)
_ODD = (
    *(
        b"sp ace.bin",
        b"tab\there.bin",
        b"new\nline.bin",
        b"cr\rname.bin",
        b'quo"te.bin',
        b"back\\slash.bin",
        b"[x].bin",
    ),
    *(b"st*r.bin", b"wh?t.bin", b"-dash.bin", b":colon.bin", b"!bang.bin", b"#hash.bin", b" lead.bin", b"trail.bin "),
    *("é-nfc.bin".encode(), "e\u0301-nfd.bin".encode(), b"latin-\xe9.bin", b"{a,b}.bin", b"$HOME.bin", b"~a.bin"),
    *("日本.bin".encode(), b'"quoted"', b"\x01\x7f.bin", b"'a'.json", b"a;b&c|d", b"\\[a\\].bin", b"end\\", b"**"),
)
_FOLDERS = (b"", b"", b"", b"d/", b"d/e/", b"a b/", b"[q]/", b"-x/", b"w\tt/", b"d/e/f/g/", b"caf\xe9/")
_LFS = b"filter=lfs diff=lfs merge=lfs -text"
_LINES = (
    *(b"*.bin " + _LFS, b"*.json " + _LFS, b"*.dat " + _LFS, b"d/** " + _LFS, b"d/* " + _LFS, b"/*.csv " + _LFS),
    *(
        b"*.bin -filter",
        b"*.bin !filter",
        b"*.bin filter=other",
        b"*.json filter",
        b"*.txt text eol=crlf",
        b"* text=auto",
    ),
    *(b"*.BIN " + _LFS, b"e/ " + _LFS, b"**/g/*.bin " + _LFS, b"w-*.bin filter=lfs", b"sp[[:space:]]ace.bin " + _LFS),
    *(b"[attr]big " + _LFS, b"*.dat big", b"*.json -big", b"[attr]off -filter", b"*.bin off", b"*.txt big"),
    *(
        b"!*.bin " + _LFS,
        b"*.bin filter=lfs # a comment",
        b"# a comment",
        b"",
        b'"sp ace.bin" ' + _LFS,
        b"./model.bin " + _LFS,
    ),
    *(
        b"*.csv\t" + _LFS,
        b"\\!bang.bin " + _LFS,
        b"model.bin " + b"x" * 2100,
        b"*.{bin,json} " + _LFS,
        b"[ab" + b" " + _LFS,
    ),
    *(b"* " + _LFS, b"README.md " + _LFS, b"*.bin binary", b"a\\ b/* " + _LFS, b"latin-\xe9.bin " + _LFS),
)
_PEOPLE = (b"Ada Example <ada@example.com>", b"R\xc3\xa9mi <remi@example.com>", b"A <>", b"x  y <a b@example.com>")
_ZONES = (b"+0000", b"+0530", b"-0330", b"+1400", b"-1200", b"-0000", b"+0545", b"+9999")
_SIGNATURE = b"-----BEGIN PGP SIGNATURE-----\n \n iQFakeFakeFake\n =AbCd\n -----END PGP SIGNATURE-----"

State = dict[bytes, Entry]


@dataclass(frozen=True)
class History:
    """A repository on disk. `refs` are all of its direct refs; `head` is what HEAD holds: a ref's name or an id;
    `store` the LFS objects put into the store, by oid."""

    root: Path
    git_dir: Path
    seed: int
    object_format: str
    refs: dict[str, str]
    head: str
    store: dict[str, bytes] = field(repr=False)


@dataclass(frozen=True)
class _Made:
    id: str
    state: State = field(repr=False)
    parents: tuple[str, ...]


def history(folder: Path, seed: int, *, bare: bool | None = None, remote: bool | None = None) -> History:
    """Make the history of a seed in `folder`, which is created. None leaves the choice to the seed. A repository that
    is not bare has neither index nor files yet: `git reset --hard` makes them."""
    return _Maker(folder, seed, bare, remote).make()


class _Maker:
    def __init__(self, folder: Path, seed: int, bare: bool | None, remote: bool | None) -> None:
        self.random = random.Random(seed)
        self.seed, self.folder = seed, folder
        self.bare = self.random.random() < 0.5 if bare is None else bare
        self.remote = self.random.random() < 0.4 if remote is None else remote
        self.objects = Objects("sha256" if self.random.random() < 0.2 else "sha1")
        self.store: dict[str, bytes] = {}
        self.blobs: list[str] = []
        self.made: list[_Made] = []
        self.heads: list[_Made] = []
        self.refs: dict[str, str] = {}
        self.date = 1_500_000_000
        names = [*self.random.sample(_NAMES, 5), *self.random.sample(_ODD, 4)]
        self.paths = [self.random.choice(_FOLDERS) + name for name in names]
        self.paths += self.random.sample([b"d", b"d/e", b"d/e/model.bin", b"x/e/model.bin", b"model.bin"], 2)

    def make(self) -> History:
        for _ in range(self.random.randint(10, 40)):
            self._commit()
        self._name_refs()
        git_dir = self.folder if self.bare else self.folder / ".git"
        head = self._head()
        self._write(git_dir, head)
        return History(self.folder, git_dir, self.seed, self.objects.object_format, self.refs, head, self.store)

    # ------------------------------------------------------------------ commits

    def _commit(self) -> None:
        kind = self.random.random()
        if not self.made or kind < 0.03:
            parents, replaced = [], None
        elif kind < 0.18:
            parents, replaced = [self.random.choice(self.made)], None
        elif kind < 0.4 and len(self.heads) > 1:
            parents = self.random.sample(self.heads, min(len(self.heads), self.random.choice((2, 2, 2, 3, 4))))
            replaced = parents[0]
        else:
            parents = [self.random.choice(self.heads)]
            replaced = parents[0]
        state = self._merged([parent.state for parent in parents])
        evil = len(parents) > 1 and self.random.random() < 0.35
        if len(parents) < 2 or evil:
            for _ in range(self.random.choice((0, 1, 1, 2, 3, 5))):
                self._change(state)
        made = self._written(state, parents)
        self.made.append(made)
        if replaced in self.heads:
            self.heads.remove(replaced)
        self.heads.append(made)

    def _merged(self, states: list[State]) -> State:
        merged: State = {}
        for path in sorted({path for state in states for path in state}):
            entry = self.random.choice(states).get(path)
            if entry is not None:
                _set(merged, path, entry)
        return merged

    def _written(self, state: State, parents: list[_Made]) -> _Made:
        draw = self.random.random
        self.date += self.random.choice((0, 1, 60, 86400, -3000, 500_000))
        lines = [b"tree " + self.objects.tree(state).encode(), *(b"parent " + one.id.encode() for one in parents)]
        message = self.random.choice((b"change\n", b"", b"no newline", b"\n\nodd\n\n\n", b"title\n\nbody\n", b"a\0b\n"))
        lines += [b"author " + self._who(), b"committer " + self._who()]
        if draw() < 0.1:
            lines.append(b"encoding ISO-8859-1")
            message = b"h\xe9 \xff\n"
        if draw() < 0.1:
            name = b"gpgsig-sha256 " if self.objects.object_format == "sha256" else b"gpgsig "
            lines.append(name + _SIGNATURE)
        if draw() < 0.04:
            lines.append(b"HG:extra close:1")
        if len(parents) > 1 and draw() < 0.2:
            lines.append(
                b"mergetag object " + parents[1].id.encode() + b"\n type commit\n tag v\n tagger " + self._who()
            )
        id = self.objects.put("commit", b"\n".join(lines) + b"\n\n" + message)
        return _Made(id, state, tuple(one.id for one in parents))

    def _who(self) -> bytes:
        return b"%s %d %s" % (self.random.choice(_PEOPLE), self.date, self.random.choice(_ZONES))

    # ------------------------------------------------------------------ what a commit changes

    def _change(self, state: State) -> None:
        draw = self.random.random()
        path = self.random.choice(self.paths)
        if not state and draw < 0.5:
            self._attributes(state)
        elif draw < 0.42:
            mode = PROGRAM if self.random.random() < 0.15 else FILE
            _set(state, path, (mode, self._content()))
        elif draw < 0.56:
            self._attributes(state)
        elif draw < 0.64 and state:
            _set(state, path, state.pop(self.random.choice(sorted(state))))
        elif draw < 0.72 and self.blobs:
            _set(state, path, (FILE, self.random.choice(self.blobs)))
        elif draw < 0.80 and state:
            del state[self.random.choice(sorted(state))]
        elif draw < 0.84 and self.made:
            _set_all(state, self.random.choice(self.made).state, self.random)
        elif draw < 0.89 and path in state and state[path][0] in (FILE, PROGRAM):
            state[path] = (FILE if state[path][0] == PROGRAM else PROGRAM, state[path][1])
        elif draw < 0.94 and b".git" not in path:
            target = self.random.choice((b"model.bin", b"../outside", b"/etc/passwd", b"d"))
            _set(state, path, (LINK, self.objects.put("blob", target)))
        elif draw < 0.97:
            _set(state, path, (GITLINK, hashlib.new(self.objects.object_format, path).hexdigest()))
        else:
            for one in [one for one in state if one.startswith(b"d/")]:
                del state[one]

    def _content(self) -> str:
        if self.blobs and self.random.random() < 0.12:
            return self.random.choice(self.blobs)
        blob = self.objects.put("blob", self._bytes())
        self.blobs.append(blob)
        return blob

    def _bytes(self) -> bytes:
        size = self.random.choice((0, 1, 30, 600, LIMIT - 1, LIMIT, LIMIT + 1, 3000, 5000, 9001))
        text = b"%d\n" % self.random.randrange(10**9)
        kind = self.random.choice(("text",) * 6 + ("binary",) * 4 + ("latin", "late", "cut") + ("pointer",) * 5)
        if kind == "pointer":
            return self._pointer()
        if kind == "latin":
            return b"caf\xe9 " + text
        if kind == "late":
            return text * 900 + b"\0" + text
        if kind == "cut":
            return (text * 900)[:7999] + "é".encode() * 40
        if kind == "binary":
            return self.random.randbytes(max(size, 1)) + b"\0"
        return (text * (size // len(text) + 1))[:size]

    def _pointer(self) -> bytes:
        content = self.random.randbytes(self.random.choice((1, 200, LIMIT + 5)))
        oid = hashlib.sha256(content).hexdigest()
        if self.random.random() < 0.6:
            self.store[oid] = content
        good = b"version https://git-lfs.github.com/spec/v1\noid sha256:%s\nsize %d\n" % (oid.encode(), len(content))
        first, rest = good.split(b"\n", 1)
        bad = (
            *(good, good, good, good, good.replace(b"\n", b"\r\n"), good.rstrip(), good + b"\n", b"\n" + good),
            *(first + b"\next-0-foo sha256:" + b"0" * 64 + b"\n" + rest, good.replace(b"size ", b"size x"), good[:60]),
            *(good + b"#" * 1024, good.replace(b"git-lfs.github.com", b"hawser.github.com"), good.upper()),
            *(good + b"<<<<<<< HEAD\n", good + b"more 1\n", first + b"\n"),
        )
        return self.random.choice(bad)

    def _attributes(self, state: State) -> None:
        folder = self.random.choice((b"", b"", b"", b"d/", b"d/e/", b"a b/", b"[q]/", b"caf\xe9/"))
        path, draw = folder + b".gitattributes", self.random.random()
        old = state.get(path)
        if draw < 0.1 and old is not None:
            del state[path]
            return
        if draw < 0.15:
            _set(state, path, (LINK, self.objects.put("blob", self.random.choice((b"elsewhere", b"*.bin filter=lfs")))))
            return
        lines = self.random.choices(_LINES, k=self.random.choice((1, 1, 2, 4)))
        if draw < 0.5:
            lines[0] = self.random.choice((b"*.bin ", b"*.json ", b"w-* ", b"d/** ")) + _LFS
        before = b""
        if old is not None and old[0] == FILE and self.random.random() < 0.6:
            before = self.objects.kept[old[1]][1]
        end = b"\r\n" if self.random.random() < 0.15 else b"\n"
        text = before + end.join(lines) + (b"" if self.random.random() < 0.15 else end)
        if not before and self.random.random() < 0.08:
            text = b"\xef\xbb\xbf" + text
        if self.random.random() < 0.03:
            text += b"# padding\n" * 300
        _set(state, path, (FILE, self.objects.put("blob", text)))

    # ------------------------------------------------------------------ refs

    def _name_refs(self) -> None:
        draw, names = (
            self.random.random,
            [b"main", b"dev", b"feature/x", "ödd/näme".encode(), b"a", b"release-1", b"f/y"],
        )
        for number, one in enumerate(self.heads):
            if number and draw() < 0.15:
                continue  # nothing reaches it
            name = names[number].decode() if number < len(names) else f"more/{number}"
            self.refs[f"refs/heads/{name}"] = one.id
        for number in range(self.random.randint(0, 5)):
            self._tag(number)
        if draw() < 0.2:
            self.refs["refs/custom/x"] = self.random.choice(self.made).id
        if draw() < 0.15:
            self.refs["refs/stash"] = self.random.choice(self.made).id
        if draw() < 0.2:
            note = self._written({self.made[0].id.encode(): (FILE, self.objects.put("blob", b"a note\n"))}, [])
            self.refs["refs/notes/commits"] = note.id
        if self.remote:
            for name in self.random.sample(["main", "dev", "old"], self.random.randint(1, 2)):
                self.refs[f"refs/remotes/origin/{name}"] = self.random.choice(
                    self.made[: len(self.made) * 2 // 3 + 1]
                ).id
            if draw() < 0.2:
                self.refs["refs/remotes/other/main"] = self.random.choice(self.made).id

    def _tag(self, number: int) -> None:
        commit = self.random.choice(self.made)
        kind = self.random.choice(
            ("light", "light", "annotated", "annotated", "signed", "nested", "blob", "tree", "far")
        )
        name, target, what = f"v{number}", commit.id, "commit"
        if kind == "blob" or (kind == "far" and self.blobs):
            target, what = (self.random.choice(self.blobs) if self.blobs else self.objects.put("blob", b"x")), "blob"
        elif kind == "tree":
            target, what = self.objects.tree(commit.state), "tree"
        if kind in ("annotated", "signed", "nested", "far") or (
            kind in ("blob", "tree") and self.random.random() < 0.5
        ):
            target, what = self._annotated(target, what, name, signed=kind == "signed"), "tag"
        if kind in ("nested", "far"):
            target = self._annotated(target, what, name + "-outer", signed=False)
        self.refs[f"refs/tags/{name}"] = target

    def _annotated(self, target: str, what: str, name: str, *, signed: bool) -> str:
        body = f"object {target}\ntype {what}\ntag {name}\n".encode() + b"tagger " + self._who() + b"\n\nabout it\n"
        if signed:
            body += _SIGNATURE.replace(b"\n ", b"\n") + b"\n"
        return self.objects.put("tag", body)

    def _head(self) -> str:
        if not self.refs.get("refs/heads/main"):
            self.refs["refs/heads/main"] = self.made[-1].id
        if self.random.random() < 0.15:
            return self.random.choice(self.made).id
        return self.random.choice([name for name in self.refs if name.startswith("refs/heads/")])

    # ------------------------------------------------------------------ the disk

    def _write(self, git_dir: Path, head: str) -> None:
        for name in ("objects/pack", "objects/info", "refs/heads", "refs/tags"):
            (git_dir / name).mkdir(parents=True)
        (git_dir / "HEAD").write_text((f"ref: {head}" if head.startswith("refs/") else head) + "\n")
        config = (
            f"[core]\n\trepositoryformatversion = 1\n\tbare = {str(self.bare).lower()}\n\tlogAllRefUpdates = true\n"
        )
        config += f"[extensions]\n\tobjectFormat = {self.objects.object_format}\n"
        if self.remote:
            for name in ("origin", "other"):
                fetch = f"+refs/heads/*:refs/remotes/{name}/*"
                config += f'[remote "{name}"]\n\turl = https://hub.invalid/{name}\n\tfetch = {fetch}\n'
        (git_dir / "config").write_text(config)
        share = self.random.choice((0.0, 1.0, 0.5))
        self.objects.write(git_dir, [id for id in self.objects.kept if self.random.random() < share])
        self._write_refs(git_dir, packed=self.random.random() < 0.5)
        for oid, content in self.store.items():
            place = git_dir / "lfs/objects" / oid[:2] / oid[2:4] / oid
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)

    def _write_refs(self, git_dir: Path, *, packed: bool) -> None:
        if packed:
            (git_dir / "packed-refs").write_text("".join(f"{id} {name}\n" for name, id in sorted(self.refs.items())))
            return
        for name, id in self.refs.items():
            (git_dir / name).parent.mkdir(parents=True, exist_ok=True)
            (git_dir / name).write_text(id + "\n")


def _set(state: State, path: bytes, entry: Entry) -> None:
    """Put a file there; what stands in its way, as a folder or as the file that is now one, goes."""
    parts = path.split(b"/")
    for cut in range(1, len(parts)):
        state.pop(b"/".join(parts[:cut]), None)
    for below in [one for one in state if one.startswith(path + b"/")]:
        del state[below]
    state[path] = entry


def _set_all(state: State, other: State, chosen: random.Random) -> None:
    """Bring back some files as another commit has them."""
    for path in sorted(other):
        if chosen.random() < 0.3:
            _set(state, path, other[path])
