from __future__ import annotations

import hashlib
import os
import random
import threading
from pathlib import Path

import pytest

from hfpush.localhub.frontier import Frontier

PART = 100_000
CONTENT = os.urandom(10 * PART - 7)
EXPECTED = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "data"
    path.write_bytes(CONTENT)
    return path


@pytest.mark.parametrize("order", [list(range(1, 11)), list(range(10, 0, -1)), [1, 2, 5], [], [2]])
def test_the_digest_is_right_whatever_has_arrived_in_which_order(order: list[int], data: Path) -> None:
    frontier = Frontier(data, len(CONTENT), PART)
    for number in order:
        frontier.stored(number)
    assert frontier.hexdigest() == EXPECTED


def test_a_part_that_is_written_again_is_read_again(data: Path) -> None:
    frontier = Frontier(data, len(CONTENT), PART)
    with data.open("r+b") as file:
        file.write(b"wrong")
        file.flush()
        for number in range(1, 11):
            frontier.stored(number)
        frontier.rewritten(1)
        file.seek(0)
        file.write(CONTENT[:5])
    frontier.stored(1)
    assert frontier.hexdigest() == EXPECTED


def test_parts_stored_and_rewritten_by_many_threads(data: Path) -> None:
    frontier = Frontier(data, len(CONTENT), PART)

    def one(seed: int) -> None:
        dice = random.Random(seed)
        for _ in range(50):
            number = dice.randint(1, 10)
            frontier.rewritten(number)
            frontier.stored(number)

    threads = [threading.Thread(target=one, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert frontier.hexdigest() == EXPECTED


def test_an_empty_object_has_the_empty_digest(tmp_path: Path) -> None:
    (tmp_path / "data").touch()
    assert Frontier(tmp_path / "data", 0, PART).hexdigest() == hashlib.sha256().hexdigest()


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    frontier = Frontier(tmp_path / "gone", 10, PART)
    frontier.stored(1)
    with pytest.raises(OSError, match="gone"):
        frontier.hexdigest()
