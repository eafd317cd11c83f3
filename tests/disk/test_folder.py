from pathlib import Path

from hfpush.disk.folder import make_our_folder


def test_new_folder_says_what_it_is(tmp_path: Path) -> None:
    make_our_folder(tmp_path / "a" / "b")
    assert "safe" in (tmp_path / "a" / "b" / "README").read_text()


def test_folder_that_is_there_is_left_as_it_is(tmp_path: Path) -> None:
    make_our_folder(tmp_path)
    assert not list(tmp_path.iterdir())
