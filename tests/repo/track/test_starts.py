from __future__ import annotations

import hashlib
from typing import Literal

import pytest

from hfpush.repo.attributes import lfs_paths
from hfpush.repo.track.starts import hub_attributes


@pytest.mark.parametrize(
    ("kind", "blob"),
    [
        ("model", "a6344aac8c09253b3b630fb776ae94478aa0275b"),
        ("dataset", "1ef325f1b111266a6b26e0196871bd78baa8c2f3"),
    ],
)
def test_the_lists_are_the_hubs_own_byte_for_byte(kind: Literal["model", "dataset"], blob: str) -> None:
    content = hub_attributes(kind)
    assert hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest() == blob


def test_a_dataset_has_its_sounds_and_images_in_lfs() -> None:
    paths = ["a.png", "b.mp3", "c.bin", "d.txt"]
    assert lfs_paths({"": hub_attributes("dataset")}, paths) == {"a.png", "b.mp3", "c.bin"}
    assert lfs_paths({"": hub_attributes("model")}, paths) == {"c.bin"}
