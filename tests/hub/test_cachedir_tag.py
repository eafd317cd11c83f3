from pathlib import Path

import pytest

from hfpush.hub.cachedir_tag import NAME, TEXT, mark_as_cache


def test_tag_is_the_hub_librarys(tmp_path: Path) -> None:
    library = pytest.importorskip("huggingface_hub._local_folder")
    if not hasattr(library, "CACHEDIR_TAG_CONTENT"):
        pytest.skip("this release writes none")
    library._create_cachedir_tag(tmp_path)
    assert (tmp_path / NAME).read_text() == TEXT == library.CACHEDIR_TAG_CONTENT


def test_tag_is_written_once(tmp_path: Path) -> None:
    mark_as_cache(tmp_path / "a", tmp_path / "aside")
    assert (tmp_path / "a" / NAME).read_text() == TEXT
    (tmp_path / "a" / NAME).write_text("of somebody")
    mark_as_cache(tmp_path / "a", tmp_path / "aside")
    assert (tmp_path / "a" / NAME).read_text() == "of somebody"
