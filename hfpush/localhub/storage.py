"""The storage origin: signed PUT of an object or a part, signed GET of an object, in the manner of S3.

    PUT /<bucket>/repos/<xx>/<yy>/<repository uid>/<oid>?…size=…&x-id=PutObject&X-Amz-Signature=…
    PUT …/<oid>?…partNumber=3&uploadId=…&x-id=UploadPart&X-Amz-Signature=…
    GET …/<oid>?…x-id=GetObject&X-Amz-Signature=…

No other authentication is looked at. An ETag is a digest of the part's bytes and otherwise opaque.
"""

from __future__ import annotations

import errno
import zlib
from datetime import datetime, timezone

from aiohttp import web

from hfpush.localhub.appkeys import OBJECTS, SIGNER, UPLOADS, WEAR
from hfpush.localhub.digesting import Sha256
from hfpush.localhub.objects import ContentMismatch, is_oid
from hfpush.localhub.refusals import refusal, s3_error
from hfpush.localhub.seen import row_of
from hfpush.localhub.sending import send_file
from hfpush.localhub.shaping import body_shape, received, take
from hfpush.localhub.signed_get import USES
from hfpush.localhub.signing import BadSignature, Expired

BUCKET = "hf-hub-lfs-local"
_TIME = "%Y-%m-%dT%H:%M:%SZ"


def add_routes(app: web.Application) -> None:
    """PUT and GET of signed URLs."""
    app.router.add_put("/{key:.*}", put)
    app.router.add_get("/{key:.*}", get)


def object_path(repo: str, oid: str) -> str:
    """The path of an object of a repository (its uid) at the storage origin."""
    return f"/{BUCKET}/{prefix(repo)}/{oid}"


def prefix(repo: str) -> str:
    """The folder of a repository (its uid) in the bucket."""
    return f"repos/{repo[:2]}/{repo[2:4]}/{repo}"


async def put(request: web.Request) -> web.StreamResponse:
    """Store an object, or a part of one."""
    try:
        return await _put(request)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return refusal("put", 507)
        raise


async def _put(request: web.Request) -> web.StreamResponse:
    allowed = _allowed(request)
    if isinstance(allowed, web.Response):
        return allowed
    if "Transfer-Encoding" in request.headers:
        return s3_error(501, "NotImplemented", "A header you provided implies functionality that is not implemented")
    if request.content_length is None:
        return s3_error(411, "MissingContentLength", "You must provide the Content-Length HTTP header.")
    row = row_of(request)
    repo, oid = request.path.split("/")[-2:]
    row.oid = oid
    if "uploadId" in allowed:
        row.upload_id, row.part = allowed["uploadId"], int(allowed["partNumber"])
        return await _put_part(request, row.upload_id, row.part, request.content_length)
    return await _put_object(request, repo, oid, int(allowed["size"]))


async def get(request: web.Request) -> web.StreamResponse:
    """The bytes of an object, or a range of them."""
    allowed = _allowed(request)
    if isinstance(allowed, web.Response):
        return allowed
    repo, oid = request.path.split("/")[-2:]
    objects = request.app[OBJECTS]
    if not is_oid(oid) or not objects.has(repo, oid):
        return refusal("get", 404)
    row_of(request).oid = oid
    return await send_file(request, objects.path(oid), etag=f'"{oid}"', headers={"Content-Type": "binary/octet-stream"})


def _allowed(request: web.Request) -> dict[str, str] | web.Response:
    """The parameters of a good signature, or the refusal of a bad one."""
    url = request.rel_url
    try:
        method = "GET" if request.method == "HEAD" else request.method
        allowed = request.app[SIGNER].check(method, url.raw_path, url.raw_query_string)
    except BadSignature:
        return s3_error(
            403,
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided. Check your key and "
            "signing method.",
        )
    except Expired as late:
        more = {"X-Amz-Expires": late.lifetime, "Expires": _time(late.until), "ServerTime": _time(late.now)}
        return s3_error(403, "AccessDenied", "Request has expired", **more)
    if USES in allowed and not request.app[WEAR].use(allowed[USES]):
        return s3_error(403, "AccessDenied", "Request has expired")
    return allowed


def _too_late(request: web.Request) -> web.Response | None:
    """The refusal of a URL whose time ran out while the body came, where the time is looked at so late."""
    if take(request, "late_check") is None:
        return None
    allowed = _allowed(request)
    return allowed if isinstance(allowed, web.Response) else None


async def _put_part(request: web.Request, upload_id: str, number: int, length: int) -> web.Response:
    uploads = request.app[UPLOADS]
    upload = uploads.find(upload_id)
    if upload is None:
        return s3_error(404, "NoSuchUpload", "The specified upload does not exist.")
    if number > upload.parts or length != upload.part_length(number):
        return s3_error(400, "IncompleteBody", "The part does not have the length that the upload gives it.")
    writer = uploads.writer(upload, number)
    try:
        digest = 0
        async for data in received(request, body_shape(request, length=length)):
            if writer.superseded:
                return refusal("put", 409)
            writer.write(data)
            digest = zlib.crc32(data, digest)
        if writer.written != length:
            return s3_error(400, "RequestTimeout", "Your socket connection ended before the body was whole.")
        if writer.superseded:
            return refusal("put", 409)
        if (late := _too_late(request)) is not None:
            return late
        etag = f'"{digest:08x}{length:08x}{number:04x}"'
        writer.finish(etag)
    finally:
        writer.close()
    if take(request, "wrong_etag"):
        etag = f'"{digest ^ 1:08x}{length:08x}{number:04x}"'
    return web.Response(headers={} if take(request, "no_etag") else {"ETag": etag})


async def _put_object(request: web.Request, repo: str, oid: str, size: int) -> web.Response:
    if request.content_length != size:
        return s3_error(400, "IncompleteBody", "The body does not have the length that was announced.")
    objects = request.app[OBJECTS]
    file = objects.new_file()
    digest = Sha256(size)
    try:
        with file.open("xb", buffering=0) as out:
            async for data in received(request, body_shape(request, length=size)):
                out.write(data)
                await digest.update(data)
        if (late := _too_late(request)) is not None:
            return late
        objects.add_file(file, oid, size=size, sha256=await digest.hexdigest())
    except ContentMismatch:
        return s3_error(400, "XAmzContentSHA256Mismatch", "The provided content does not have the sha256 of the oid.")
    finally:
        await digest.close()
        file.unlink(missing_ok=True)
    objects.grant(repo, oid)
    if take(request, "forget_object"):
        objects.revoke(repo, oid)
    return web.Response(headers={"ETag": f'"{oid}"'})


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, timezone.utc).strftime(_TIME)
