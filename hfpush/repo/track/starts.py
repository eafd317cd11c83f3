"""What the Hub itself writes into a new repository as `.gitattributes`, byte for byte. Pure.

Git blobs a6344aac8c09253b3b630fb776ae94478aa0275b for models (and spaces), 1ef325f1b111266a6b26e0196871bd78baa8c2f3 for
datasets.
"""

from __future__ import annotations

from typing import Literal

_TO_LFS = " filter=lfs diff=lfs merge=lfs -text\n"
_MODEL = (
    "*.7z *.arrow *.bin *.bz2 *.ckpt *.ftz *.gz *.h5 *.joblib *.lfs.* *.mlmodel *.model *.msgpack *.npy *.npz *.onnx "
    "*.ot *.parquet *.pb *.pickle *.pkl *.pt *.pth *.rar *.safetensors saved_model/**/* *.tar.* *.tar *.tflite *.tgz "
    "*.wasm *.xz *.zip *.zst *tfevents*"
)
_DATASET = (
    ("Audio files - uncompressed", "*.pcm *.sam *.raw"),
    ("Audio files - compressed", "*.aac *.flac *.mp3 *.ogg *.wav"),
    ("Image files - uncompressed", "*.bmp *.gif *.png *.tiff"),
    ("Image files - compressed", "*.jpg *.jpeg *.webp"),
    ("Video files - compressed", "*.mp4 *.webm"),
)


def hub_attributes(kind: Literal["model", "dataset"]) -> bytes:
    """The file of a new repository of that kind."""
    if kind == "model":
        return _lines(_MODEL)
    text = _lines(_MODEL.replace("*.lfs.*", "*.lfs.* *.lz4 *.mds"))
    for title, patterns in _DATASET:
        text += f"# {title}\n".encode() + _lines(patterns)
    return text


def _lines(patterns: str) -> bytes:
    return "".join(pattern + _TO_LFS for pattern in patterns.split()).encode()
