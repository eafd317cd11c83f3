import asyncio
import hashlib

import pytest

from hfpush.localhub.digesting import Sha256


@pytest.mark.parametrize("size", [0, 10, 3 << 20, 40 << 20])
def test_the_digest_is_that_of_all_bytes_in_order(size):
    content = bytes(range(251)) * (size // 251 + 1)
    content = content[:size]

    async def hashed():
        digest = Sha256(size)
        for at in range(0, size, 300_000):
            await digest.update(content[at : at + 300_000])
        return await digest.hexdigest()

    assert asyncio.run(hashed()) == hashlib.sha256(content).hexdigest()


def test_a_body_that_breaks_off_leaves_no_thread_at_work():
    async def broken():
        digest = Sha256(1 << 30)
        await digest.update(b"x" * (2 << 20))
        await digest.close()
        await digest.close()

    asyncio.run(broken())
