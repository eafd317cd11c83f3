"""A request, as a value."""

from __future__ import annotations

from hfpush.net.call import Call


def test_neither_address_nor_headers_nor_data_are_shown() -> None:
    call = Call("PUT", "https://s3.example/?sig=SECRET", {"Authorization": "SECRET"}, data=b"SECRET", signed=True)
    assert "SECRET" not in repr(call)
    assert "PUT" in repr(call)
