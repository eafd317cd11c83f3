from __future__ import annotations

from collections.abc import Callable

import pytest

from hfpush.repo.audit.peel import Peeled, parse_tag, peeled
from hfpush.repo.objects import ObjectReader
from hfpush.repo.repository import Repository

NewRepo = Callable[..., "Place"]  # noqa: F821
ID = "ab" * 20


def test_a_tag_of_a_tag_of_anything_is_followed_to_its_end(new_repo: NewRepo) -> None:
    place = new_repo()
    place.write("f", b"1")
    commit = place.commit()
    expected = {commit: Peeled(commit, "commit")}
    for kind, name in (("commit", "HEAD"), ("tree", "HEAD^{tree}"), ("blob", "HEAD:f")):
        target = place.git("rev-parse", name)
        place.git("tag", "-a", "-m", "1", f"{kind}-1", target)
        place.git("tag", "-a", "-m", "2", f"{kind}-2", f"{kind}-1")
        for number in (1, 2):
            expected[place.git("rev-parse", f"{kind}-{number}")] = Peeled(target, kind)
        expected[target] = Peeled(target, kind)
    with ObjectReader(Repository.around(place.path).git) as reader:
        assert peeled(reader, list(expected)) == expected


def test_what_is_not_here_is_left_out(new_repo: NewRepo) -> None:
    place = new_repo()
    body = f"object {ID}\ntype commit\ntag x\ntagger A <a@example.com> 0 +0000\n\nx\n"
    tag = place.git("hash-object", "-t", "tag", "-w", "--literally", "--stdin", stdin=body.encode())
    with ObjectReader(Repository.around(place.path).git) as reader:
        assert peeled(reader, [ID, tag]) == {tag: Peeled(ID, "commit", here=False)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"object {ID}\ntype blob\ntag x\n", Peeled(ID, "blob")),
        (f"object {ID}\ntype blob", None),
        (f"object {ID}\ntype banana\ntag x\n", None),
        ("object -x\ntype blob\ntag x\n", None),
        (f"object {ID.upper()}\ntype blob\ntag x\n", None),
        ("", None),
        ("\xff\n\xff\n\xff\n", None),
    ],
)
def test_a_tag_says_what_it_tags(text: str, expected: Peeled | None) -> None:
    assert parse_tag(text.encode("latin-1")) == expected
