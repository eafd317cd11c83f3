"""A history like that of a large public project, with files planted in it at known commits and paths.

    python bench/history.py DIR [--commits 50000] [--large 20] [--middle 60] [--binary 30] [--seed 1]

DIR becomes a bare repository: packages of small text files that grow over the years, topic branches that are merged,
hundreds that are not, hundreds of tags, a few LFS pointers. Planted are `large` files (over 10 MiB, half of them text),
`middle` ones (text over 1 MB) and small `binary` ones: on the trunk, on merged and on unmerged branches; a third is
deleted by the next commit, some are moved. DIR/planted.json says which: kind, blob, size, path, commit. With none of
them the history is one that the Hub takes. The same seed makes the same ids.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

MIB = 2**20
_VERBS = ("read", "write", "parse", "merge", "plan", "send", "load", "split", "hash", "find")
_WORDS = [f"{verb}{end}" for verb in _VERBS for end in ("", "_all", "er", "s", "_one")]
_START = 1_400_000_000


@dataclass
class Plant:
    """A file to be planted: `mark` of its blob, and where it came in (path, mark of the commit)."""

    kind: str
    mark: int
    size: int
    path: str
    commits: list[tuple[str, int]] = field(default_factory=list)


class Writer:
    """Writes a history into the stdin of git fast-import."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.random = random.Random(options.seed)
        self.options = options
        command = ["git", "-C", str(options.dir), "-c", "core.compression=1", "fast-import", "--quiet", "--force"]
        self.process = subprocess.Popen([*command, "--export-marks=marks"], stdin=subprocess.PIPE)
        assert self.process.stdin is not None
        self.out = self.process.stdin
        self.mark = 0
        self.made = 0
        self.files: dict[str, tuple[int, bytes]] = {}
        self.paths: list[str] = []
        self.plants: list[Plant] = []
        self.lines = [" ".join(self.random.choices(_WORDS, k=8)).encode() for _ in range(5000)]
        kinds = [kind for kind in ("large", "middle", "binary") for _ in range(getattr(options, kind))]
        places = self.random.sample(range(options.commits // 50, options.commits - 5), len(kinds))
        self.random.shuffle(kinds)
        self.due = sorted(zip(places, kinds, strict=True), reverse=True)

    # ------------------------------------------------------------------ words of the stream

    def blob(self, data: bytes) -> int:
        self.mark += 1
        self.out.write(b"blob\nmark :%d\ndata %d\n%s\n" % (self.mark, len(data), data))
        return self.mark

    def commit(self, ref: str, changes: list[bytes], parents: list[int]) -> int:
        self.mark += 1
        self.made += 1
        who = b"Person %d <p%d@example.com> %d +0200" % (self.made % 97, self.made % 97, _START + self.made * 3600)
        message = b"Change number %d\n\nWhat was wrong, and why this helps.\n" % self.made
        lines = [
            b"commit %s\nmark :%d\ncommitter %s\ndata %d\n%s" % (ref.encode(), self.mark, who, len(message), message)
        ]
        lines += [b"%s :%d\n" % (b"merge" if number else b"from", parent) for number, parent in enumerate(parents)]
        self.out.write(b"".join([*lines, *changes, b"\n"]))
        return self.mark

    def tag(self, name: str, commit: int) -> None:
        who = b"Person 0 <p0@example.com> %d +0000" % (_START + self.made * 3600)
        self.out.write(b"tag %s\nfrom :%d\ntagger %s\ndata 8\nrelease\n\n" % (name.encode(), commit, who))

    # ------------------------------------------------------------------ contents

    def line(self) -> bytes:
        return b"%s = %d\n" % (self.random.choice(self.lines), self.random.randrange(10**6))

    def text_change(self) -> tuple[str, int]:
        """A file that is new or edited: its path and the mark of its blob."""
        if len(self.paths) < 200 or self.random.random() < 0.06:
            package, module = self.random.randrange(40), self.random.randrange(25)
            end = self.random.choice((".py", ".py", ".py", ".md", ".json", ".js"))
            path = f"src/package_{package}/module_{module}/{self.random.choice(_WORDS)}_{len(self.paths)}{end}"
            data = b"".join([self.line() for _ in range(self.random.choice((5, 20, 60, 120)))])
            self.paths.append(path)
        else:
            path = self.paths[int(len(self.paths) * self.random.random() ** 2)]
            data = self.files[path][1]
            at = data.find(b"\n", self.random.randrange(len(data))) + 1
            data = data[:at] + self.line() + data[at + (60 if len(data) > 9000 else 0) :]
        mark = self.blob(data)
        self.files[path] = mark, data
        return path, mark

    def plant(self, kind: str) -> Plant:
        """A file to be planted, its blob written."""
        number = len(self.plants)
        size = {"large": 10 * MIB + self.random.randrange(1, 3 * MIB), "middle": 1_100_000, "binary": 20_000}[kind]
        size += self.random.randrange(1000)
        if kind == "middle" or (kind == "large" and number % 2):
            block = b"".join([self.line() for _ in range(2000)])
            data = (b"%d\n" % number + block * (size // len(block) + 1))[:size]
        else:
            data = self.random.randbytes(size - 1) + b"\0"
        end = {"large": (".ckpt", ".jsonl")[number % 2], "middle": ".csv", "binary": ".png"}[kind]
        plant = Plant(kind, self.blob(data), size, f"data/set {number % 7}/{kind}-{number}{end}")
        self.plants.append(plant)
        return plant

    # ------------------------------------------------------------------ the history

    def write(self) -> None:
        attributes = b"*.bin filter=lfs diff=lfs merge=lfs -text\n"
        changes = [_modify(".gitattributes", self.blob(attributes)), *(self._pointer(number) for number in range(50))]
        trunk = self.commit("refs/heads/main", changes, [])
        recent = [trunk]
        number = 0
        while self.made < self.options.commits:
            if self.random.random() < 0.2:
                number += 1
                start = self.random.choice(recent)
                tip, changed = self._series(f"refs/heads/topic/{number}", start, self.random.randint(1, 5))
                if number % 14:
                    self.out.write(b"reset refs/heads/topic/%d\nfrom %s\n\n" % (number, b"0" * 40))
                    merged = [_modify(path, mark) for path, mark in changed.items()]
                    trunk = self.commit("refs/heads/main", merged, [trunk, tip])
            else:
                trunk, _ = self._series("refs/heads/main", trunk, 1)
            recent = [*recent[-20:], trunk]
            if self.made % (self.options.commits // 250 + 1) == 0:
                self.tag(f"v0.{self.made}", trunk)
        self.out.close()
        if self.process.wait():
            raise SystemExit("git fast-import failed")

    def _series(self, ref: str, tip: int, length: int) -> tuple[int, dict[str, int]]:
        """Some commits on a line: its tip, and what they leave there of files."""
        changed: dict[str, int] = {}
        for _ in range(length):
            edits = dict(self.text_change() for _ in range(self.random.choice((1, 1, 1, 2, 4))))
            if not self.due or self.made < self.due[-1][0]:
                tip = self.commit(ref, [_modify(path, mark) for path, mark in edits.items()], [tip])
                changed |= edits
                continue
            plant = self.plant(self.due.pop()[1])
            tip = self.commit(ref, [_modify(plant.path, plant.mark)], [tip])
            plant.commits.append((plant.path, tip))
            fate = len(self.plants) % 6
            if fate in (0, 1):
                tip = self.commit(ref, [b'D "%s"\n' % plant.path.encode()], [tip])
            elif fate == 2:
                moved = f"moved/{plant.path}"
                tip = self.commit(ref, [b'R "%s" "%s"\n' % (plant.path.encode(), moved.encode())], [tip])
                plant.commits.append((moved, tip))
                changed[moved] = plant.mark
            else:
                changed[plant.path] = plant.mark
        return tip, changed

    def _pointer(self, number: int) -> bytes:
        oid = hashlib.sha256(b"%d" % number).hexdigest()
        text = f"version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize {len(str(number))}\n"
        place = self.options.dir / "lfs/objects" / oid[:2] / oid[2:4] / oid
        place.parent.mkdir(parents=True)
        place.write_text(str(number))
        return _modify(f"weights/part-{number}.bin", self.blob(text.encode()))


def _modify(path: str, mark: int) -> bytes:
    return b'M 100644 :%d "%s"\n' % (mark, path.encode())


def make(
    folder: Path, *, commits: int = 50_000, large: int = 20, middle: int = 60, binary: int = 30, seed: int = 1
) -> None:
    """Make the history in `folder`, which must not exist."""
    subprocess.run(["git", "init", "-q", "--bare", "--template=", "-b", "main", str(folder)], check=True)
    wanted = argparse.Namespace(dir=folder, commits=commits, large=large, middle=middle, binary=binary, seed=seed)
    writer = Writer(wanted)
    writer.write()
    marks = dict(line.split() for line in (folder / "marks").read_text().splitlines())
    planted = [
        {"kind": one.kind, "blob": marks[f":{one.mark}"], "size": one.size, "path": path, "commit": marks[f":{commit}"]}
        for one in writer.plants
        for path, commit in one.commits
    ]
    (folder / "planted.json").write_text(json.dumps(planted, indent=1) + "\n")
    (folder / "marks").unlink()
    subprocess.run(["git", "-C", str(folder), "pack-refs", "--all"], check=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dir", type=Path)
    for name, number in (("commits", 50_000), ("large", 20), ("middle", 60), ("binary", 30), ("seed", 1)):
        parser.add_argument(f"--{name}", type=int, default=number)
    options = vars(parser.parse_args())
    began = time.monotonic()
    make(options.pop("dir"), **options)
    print(f"made in {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
