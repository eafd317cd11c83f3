from __future__ import annotations

from hfpush.repo.rewrite.answers import AttributeAnswers

LFS = b"*.bin filter=lfs diff=lfs merge=lfs -text\n"


def test_each_set_of_files_is_asked_by_itself() -> None:
    with AttributeAnswers() as answers:
        assert answers.lfs({b"": LFS}, [b"a.bin", b"d/a.bin", b"a.txt"]) == {b"a.bin", b"d/a.bin"}
        assert answers.lfs({b"": LFS, b"d": b"*.bin -filter\n"}, [b"a.bin", b"d/a.bin"]) == {b"a.bin"}
        assert answers.lfs({b"d": LFS}, [b"a.bin", b"d/a.bin"]) == {b"d/a.bin"}
        assert answers.lfs({}, [b"a.bin"]) == set()


def test_thousands_of_odd_paths_are_answered() -> None:
    paths = [b"d\n/\xff %d.bin" % number for number in range(3000)] + [b"x" * 4000 + b".bin"]
    with AttributeAnswers() as answers:
        assert answers.lfs({b"": LFS}, paths) == set(paths)


def test_macros_count_at_the_top() -> None:
    top = b"[attr]big filter=lfs\n[attr]no -filter\n*.bin big\n"
    with AttributeAnswers() as answers:
        assert answers.lfs({b"": top, b"d": b"x.bin no\n"}, [b"a.bin", b"d/x.bin"]) == {b"a.bin"}


def test_a_line_that_git_loses_behind_a_byte_order_mark_does_not_count() -> None:
    with AttributeAnswers() as answers:
        assert answers.lfs({b"": b"\xef\xbb\xbf" + LFS}, [b"a.bin"]) == set()
        assert answers.lfs({b"": b"\xef\xbb\xbf\n" + LFS}, [b"a.bin"]) == {b"a.bin"}
