"""What a move from one commit to another changes in the files."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hfpush.repo.mend.head_change import blob, head_change
from hfpush.repo.repository import Repository


def test_every_path_that_differs_is_there_with_both_blobs(new_repo: Callable[..., Any]) -> None:
    repo = new_repo()
    for name, content in {"same": b"1", "goes": b"12", b"odd \n\xff": b"123"}.items():
        repo.write(name, content)
    old = repo.commit()
    (repo.path / "goes").unlink()
    repo.write(b"odd \n\xff", b"12345")
    repo.write("d/.gitattributes", b"x")
    new = repo.commit()
    repository = Repository.open(repo.path)
    change = head_change(repository, old, new)
    odd = "odd \n\udcff"
    assert set(change.changes) == {"goes", odd, "d/.gitattributes"}
    assert change.changes["goes"].new is None
    assert change.changes[odd].sizes == {3, 5}
    assert blob(repository, change.changes[odd].new or "") == b"12345"
    assert [path for path, one in change.changes.items() if one.is_attributes] == ["d/.gitattributes"]
    assert change.back() == head_change(repository, new, old)
