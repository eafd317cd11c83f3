import pytest

from hfpush.disk.content import Content
from hfpush.errors import Damaged
from hfpush.hub.content import content_of
from hfpush.hub.tree import TreeFile
from hfpush.lfs.pointer import Pointer


def test_lfs_file_is_its_object_and_any_other_its_git_blob() -> None:
    assert content_of(TreeFile("a", 5, "b" * 40)) == Content("b" * 40, 5, git=True)
    assert content_of(TreeFile("a", 5, "b" * 64)) == Content("b" * 64, 5, git=True)
    assert content_of(TreeFile("a", 9, "b" * 40, Pointer("c" * 64, 9))) == Content("c" * 64, 9)


@pytest.mark.parametrize("id", ["../../.ssh/authorized_keys", "", "B" * 40, "b" * 41])
def test_id_that_is_no_digest_is_refused(id: str) -> None:
    with pytest.raises(Damaged) as error:
        content_of(TreeFile("a", 5, id))
    assert error.value.finding.reference == "tree-unreadable"
