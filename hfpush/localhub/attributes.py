"""`.gitattributes`: what a new repository starts with, and whether a path goes to LFS by the file in force.

The two starting files are byte for byte those of the Hub (git blobs a6344aac… for models, 1ef325f1… for datasets;
spaces get the models' list). Matching is git's own (`git check-attr`), asked of one commit or of a given text.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from hfpush.localhub.gitcmd import git

_LINE = "{pattern} filter=lfs diff=lfs merge=lfs -text\n"
_MODELS = (
    "*.7z *.arrow *.bin *.bz2 *.ckpt *.ftz *.gz *.h5 *.joblib *.lfs.* *.mlmodel *.model *.msgpack *.npy *.npz *.onnx "
    "*.ot *.parquet *.pb *.pickle *.pkl *.pt *.pth *.rar *.safetensors saved_model/**/* *.tar.* *.tar *.tflite *.tgz "
    "*.wasm *.xz *.zip *.zst *tfevents*"
)
_DATASET_GROUPS = {
    "Audio files - uncompressed": "*.pcm *.sam *.raw",
    "Audio files - compressed": "*.aac *.flac *.mp3 *.ogg *.wav",
    "Image files - uncompressed": "*.bmp *.gif *.png *.tiff",
    "Image files - compressed": "*.jpg *.jpeg *.webp",
    "Video files - compressed": "*.mp4 *.webm",
}


def lfs_line(pattern: str) -> str:
    """The line that sends `pattern` to LFS, newline included. A blank is written git's way (`[[:space:]]`)."""
    return _LINE.format(pattern=pattern.replace(" ", "[[:space:]]"))


def literal_line(path: str) -> str:
    """The line that sends exactly the file at `path` to LFS: glob characters stand for themselves, and no same-named
    file in another folder matches."""
    escaped = "".join(f"[{c}]" if c in "*?[" else c for c in path)
    return lfs_line(escaped if "/" in path else f"/{escaped}")


def default_attributes(repo_type: str) -> bytes:
    """The `.gitattributes` of a new repository of this type (`models`, `datasets`, `spaces`)."""
    patterns = _MODELS.split()
    if repo_type != "datasets":
        return "".join(map(lfs_line, patterns)).encode()
    at = patterns.index("*.lfs.*") + 1
    patterns[at:at] = ["*.lz4", "*.mds"]
    text = "".join(map(lfs_line, patterns))
    for title, group in _DATASET_GROUPS.items():
        text += f"# {title}\n" + "".join(map(lfs_line, group.split()))
    return text.encode()


def paths_in_lfs(repo: Path, paths: Sequence[str], *, tree: str | None = None) -> set[str]:
    """Those of `paths` whose `filter` attribute is `lfs` by the `.gitattributes` files of `tree` (a tree or commit).

    None stands for a repository without any commit: nothing goes to LFS by attributes there.
    """
    if tree is None or not paths:
        return set()
    with tempfile.TemporaryDirectory(prefix="hub-attr-") as aside:
        env = {"GIT_INDEX_FILE": f"{aside}/index"}
        git(repo, "read-tree", tree, env=env)
        stdin = b"".join(path.encode("utf-8", "surrogateescape") + b"\0" for path in paths)
        answer = git(repo, "check-attr", "--cached", "--stdin", "-z", "filter", stdin=stdin, env=env)
    fields = answer.decode("utf-8", "surrogateescape").split("\0")
    return {path for path, value in zip(fields[0::3], fields[2::3], strict=False) if value == "lfs"}
