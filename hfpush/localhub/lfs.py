"""The git-lfs door of a repository, split into its calls.

POST <repository>.git/info/lfs/objects/batch                    batch.py
POST <repository>.git/info/lfs/verify                           verify, below
GET, POST <repository>.git/info/lfs/locks…                      locks.py
"""

from __future__ import annotations

from aiohttp import web

from hfpush.localhub.appkeys import OBJECTS, SIGNER
from hfpush.localhub.batch import batch
from hfpush.localhub.lfsdoor import LfsError, answer, find, read_json, reading
from hfpush.localhub.locks import locks
from hfpush.localhub.refusals import refusal
from hfpush.localhub.route import Target
from hfpush.localhub.seen import row_of


async def handle(request: web.Request, target: Target) -> web.StreamResponse:
    """Answer one git-lfs call."""
    op = row_of(request).op
    try:
        match request.method, target.path.split("/"):
            case "POST", ["objects", "batch"]:
                return await batch(request, target)
            case "POST", ["verify"]:
                return await verify(request, target)
            case _, ["locks", *rest]:
                return await locks(request, target, rest)
    except LfsError as wrong:
        refused = refusal(op, wrong.status, str(wrong), wrong.code)
        refused.headers.update(wrong.headers)
        return refused
    return refusal(op, 404, "Not Found")


async def verify(request: web.Request, target: Target) -> web.Response:
    """Whether the repository has an object of that oid and size: 200, 404 or 422.

    The ticket of the batch answer counts as authorization, and so does the caller's own token.
    """
    repo = find(request, target)
    authorization = request.headers.get("Authorization", "")
    if repo is None or not request.app[SIGNER].is_ticket(authorization, repo.record.uid):
        repo = reading(request, target)
    body = await read_json(request)
    oid, size = body.get("oid"), body.get("size")
    if not isinstance(oid, str) or not isinstance(size, int):
        raise LfsError(422, "verify wants an oid and a size")
    row_of(request).oid = oid[:64]
    objects = request.app[OBJECTS]
    if not objects.has(repo.record.uid, oid):
        raise LfsError(404, "The object was not uploaded")
    if objects.size(oid) != size:
        raise LfsError(422, "The stored object has another size")
    return answer({"oid": oid, "size": size})
