from __future__ import annotations

import pickle

from hfpush.repo.audit.found import FoundBlob, Scan, Sighting
from hfpush.repo.scope import Scope


def test_what_was_found_is_a_plain_value() -> None:
    sighting = Sighting("a.bin", "1" * 40, "100644", lfs=False)
    blob = FoundBlob("2" * 40, 5, (sighting,), ("refs/heads/main",), binary=True, head=b"\0secret")
    scan = Scan(Scope({"refs/heads/main": "1" * 40}), 1, (blob,), checked=1)
    assert pickle.loads(pickle.dumps(scan)) == scan
    assert "secret" not in repr(scan)


def test_nothing_is_claimed_of_what_nobody_looked_at() -> None:
    blob = FoundBlob("2" * 40, 5, (Sighting("a", "1" * 40, "100644", lfs=False),))
    assert (blob.binary, blob.stored, blob.pointer, blob.broken_pointer) == (None, None, None, False)
