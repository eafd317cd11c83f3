"""`POST /api/complete_multipart?…`: the parts of an upload become the object. The URL itself is the authorization."""

from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import web

from hfpush.localhub.appkeys import OBJECTS, SIGNER, UPLOADS
from hfpush.localhub.lfsdoor import LfsError, read_json
from hfpush.localhub.refusals import refusal
from hfpush.localhub.seen import row_of
from hfpush.localhub.shaping import take
from hfpush.localhub.signing import BadSignature, Expired
from hfpush.localhub.uploads import UploadRefused


def add_routes(app: web.Application) -> None:
    """The completion URL of batch answers."""
    app.router.add_post("/api/complete_multipart", complete)


async def complete(request: web.Request) -> web.Response:
    """Complete one upload; again and at once is fine."""
    try:
        query = request.app[SIGNER].check_completion(request.rel_url.raw_query_string)
    except BadSignature:
        return refusal("complete", 403, "The signature of the completion URL is wrong")
    except Expired:
        return refusal("complete", 403, "The completion URL has expired")
    row = row_of(request)
    row.upload_id = query["uploadId"]
    try:
        body = await read_json(request)
        oid, parts = parse_completion(body)
        row.oid = oid
        repo = await asyncio.to_thread(request.app[UPLOADS].complete, query["uploadId"], oid, parts)
    except LfsError as wrong:
        return refusal("complete", wrong.status, str(wrong))
    except UploadRefused as refused:
        return refusal("complete", 404 if refused.code == "NoSuchUpload" else 400, str(refused))
    if take(request, "forget_object"):
        request.app[OBJECTS].revoke(repo, oid)
    return web.json_response({"success": True})


def parse_completion(body: dict[str, Any]) -> tuple[str, list[tuple[int, str]]]:
    """The oid and the (number, ETag) of every part. Raises UploadRefused; a missing ETag is what S3 calls bad XML."""
    oid, parts = body.get("oid"), body.get("parts")
    if isinstance(oid, str) and isinstance(parts, list):
        named = [(part.get("partNumber"), part.get("etag")) for part in parts if isinstance(part, dict)]
        good = [(number, etag) for number, etag in named if isinstance(number, int) and isinstance(etag, str)]
        if len(good) == len(parts):
            return oid, [(number, _quoted(etag)) for number, etag in good]
    raise UploadRefused(
        "MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema"
    )


def _quoted(etag: str) -> str:
    return etag if etag.startswith('"') else f'"{etag}"'
