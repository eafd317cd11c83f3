"""Clocks that are wrong by minutes, and leases that end while something is sent under them."""

from __future__ import annotations

import re
import time
from datetime import datetime, timezone
from typing import Any

import pytest
from support.half_mirror import half_mirror

from hfpush.localhub import new_upload_per_lease, short_lease, slow
from hfpush.net.patience import Patience


def in_absolute_time(content: bytes) -> bytes:
    """A batch answer that says when leases end in place of after how many seconds, and nowhere else."""

    def moment(match: re.Match[bytes]) -> bytes:
        when = datetime.fromtimestamp(time.time() + int(match[1]), timezone.utc)
        return f'"expires_at": "{when.isoformat()}"'.encode()

    return re.sub(rb'"expires_in": ?([0-9]+)', moment, content)


@pytest.mark.parametrize("skew", [-600, 0, 600])
@pytest.mark.parametrize("size", [1000, 300_000])
def test_with_a_wrong_clock_a_lease_is_used_as_long_as_it_is_good(room: Any, skew: int, size: int) -> None:
    room.clock = lambda: time.time() + skew
    one = room.object(size)
    with room.hub(url_ttl=300) as hub, half_mirror(hub.url, edits=in_absolute_time) as mirror:
        with room.api(mirror.url, hub.token) as api:
            room.engine(api).run([one])
        assert room.has(hub, one)
        assert (hub.seen.count("batch"), hub.seen.bytes_in("put")) == (1, size)


@pytest.mark.parametrize("faults", [(), (new_upload_per_lease(),)], ids=["same upload", "new upload"])
def test_a_lease_that_ends_while_parts_are_on_their_way_costs_at_most_those(room: Any, faults: tuple[Any, ...]) -> None:
    one, room.patience = room.object(6 * room.part), Patience()
    with room.hub(slow(rate=room.part / 0.9), short_lease(seconds=1.5, times=1), *faults) as hub:
        room.send(hub, [one], jobs=2)
        assert room.has(hub, one)
        lost = one.pointer.size if faults else 2 * room.part
        assert hub.seen.bytes_in("put") <= one.pointer.size + lost
        assert hub.seen.count("batch") == 2
