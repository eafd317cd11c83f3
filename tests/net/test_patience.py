"""What a connection may take: known before anything that connects is loaded, and longer for a large part."""

from __future__ import annotations

import subprocess
import sys

import pytest

from hfpush.net.patience import Patience


def test_settings_are_read_without_loading_what_connects() -> None:
    asked = "import sys, hfpush.settings; print([name for name in ('requests', 'urllib3') if name in sys.modules])"
    said = subprocess.run([sys.executable, "-c", asked], check=True, capture_output=True, timeout=60).stdout
    assert said.strip() == b"[]"


@pytest.mark.parametrize(
    ("answer", "size", "seconds"),
    [
        (60.0, 0, 60.0),
        (60.0, 16_000_000, 76.0),
        (5.0, 16_000_000, 21.0),
        (60.0, 5_000_000_000, 3600.0),
        (7200.0, 5_000_000_000, 7200.0),
    ],
)
def test_a_mirror_that_takes_a_whole_part_first_gets_the_time_to_pass_it_on(
    answer: float, size: int, seconds: float
) -> None:
    assert Patience(answer=answer).answer_to(size) == seconds
