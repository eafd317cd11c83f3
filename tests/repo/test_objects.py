from __future__ import annotations

from collections.abc import Callable

import pytest

from hfpush.errors import HfpushError
from hfpush.repo.objects import ObjectInfo, ObjectReader
from hfpush.repo.process import Git

NewRepo = Callable[..., "Place"]  # noqa: F821


def test_sizes_and_contents_come_in_order_however_many(new_repo: NewRepo) -> None:
    place = new_repo()
    for number in range(300):
        place.write(f"f{number}", b"%d\n" % number * 20)
    place.git("add", "-A")
    ids = [line.split()[1] for line in place.git("ls-files", "-s").splitlines()]
    absent = "12" * 20
    with ObjectReader(Git(place.path)) as reader:
        infos = list(reader.info([*ids, absent]))
        assert [info.id for info in infos] == [*ids, absent]
        assert infos[-1] == ObjectInfo(absent, None, 0)
        assert [info.size for info in infos[:-1]] == [len(body) for _, body in reader.contents(ids)]
        assert [id for id, _ in reader.contents([absent, ids[0]])] == [ids[0]]
        assert list(reader.info([])) == []


def test_an_error_inside_the_block_is_the_one_that_is_raised(new_repo: NewRepo) -> None:
    def stop(reader: ObjectReader) -> None:
        list(reader.info(["1" * 40]))
        raise KeyError

    place = new_repo()
    with pytest.raises(KeyError), ObjectReader(Git(place.path)) as reader:
        stop(reader)


def test_a_git_that_cannot_read_here_is_an_error(tmp_path: object) -> None:
    with pytest.raises(HfpushError), ObjectReader(Git(tmp_path)) as reader:  # type: ignore[arg-type]
        list(reader.info(["1" * 40]))
