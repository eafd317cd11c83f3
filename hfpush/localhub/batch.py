"""The batch call: which objects the repository lacks or has, and the signed URLs to send or fetch them.

If the client knows `multipart` and one missing object is larger than the threshold, the whole answer is `multipart`:
every missing object then gets `chunk_size` and one URL per part, and no other key, because clients tell the objects
apart by these keys alone. (With `small_ones_whole` only those above the threshold do.) Part keys are padded to one
width, because clients sort them as text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from hfpush.localhub.appkeys import CONFIG, OBJECTS, ORIGINS, SIGNER, UPLOADS
from hfpush.localhub.lfsdoor import LfsError, answer, read_json, reading, writing
from hfpush.localhub.objects import is_oid
from hfpush.localhub.repos import Repo
from hfpush.localhub.route import Target
from hfpush.localhub.shaping import take
from hfpush.localhub.signed_get import Life, life_of, object_url
from hfpush.localhub.storage import BUCKET, object_path, prefix

COMPLETION_LIFETIME = 86_400.0


@dataclass(frozen=True)
class Asked:
    """One object of the request; `error` says what is wrong with it."""

    oid: str
    size: int
    error: tuple[int, str] | None = None


@dataclass(frozen=True)
class Terms:
    """How long the URLs of one answer live, and how it begins uploads and writes part keys."""

    life: Life
    reuse: bool = True
    key_width: int = 5


async def batch(request: web.Request, target: Target) -> web.Response:
    """Answer a batch call. Raises LfsError."""
    reading(request, target)
    body = await read_json(request)
    operation = body.get("operation")
    if operation not in ("upload", "download"):
        raise LfsError(422, "operation is upload or download")
    if body.get("hash_algo", "sha256") not in ("sha256", "sha_256"):
        raise LfsError(409, "the hash algorithm is sha256")
    asked = parse_objects(body.get("objects"))
    repo = writing(request, target) if operation == "upload" else reading(request, target)
    terms = _terms(request)
    if operation == "download":
        objects = [_download(request, repo, one, terms) for one in asked]
        in_parts = offers_multipart(body) and request.app[CONFIG].multipart_downloads
        return _answer(request, "multipart" if in_parts else "basic", objects)
    missing = [one for one in asked if not one.error and not request.app[OBJECTS].has(repo.record.uid, one.oid)]
    config = request.app[CONFIG]
    multipart = wants_multipart(missing, offered=offers_multipart(body), threshold=config.multipart_threshold)
    begun: list[str] = []
    objects = []
    for one in asked:
        in_parts = multipart and not (config.small_ones_whole and one.size <= config.multipart_threshold)
        objects.append(_upload(request, repo, one, terms, begun if in_parts else None))
    return _answer(request, "multipart" if multipart else "basic", objects)


def offers_multipart(body: Mapping[str, Any]) -> bool:
    """Whether the client of a request knows `multipart`."""
    transfers = body.get("transfers")
    return isinstance(transfers, list) and "multipart" in transfers


def parse_objects(value: Any) -> list[Asked]:
    """The objects of a request; each may be wrong by itself. Raises LfsError if there is no list of them."""
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise LfsError(422, "objects is a list of objects with oid and size")
    return [_parse_object(one) for one in value]


def _parse_object(value: dict[str, Any]) -> Asked:
    oid, size = value.get("oid"), value.get("size")
    if not isinstance(oid, str) or not is_oid(oid):
        return Asked(str(oid)[:64], 0, (422, "The oid is not a sha256 in lower-case hex"))
    if not isinstance(size, int) or isinstance(size, bool) or size < 0:
        return Asked(oid, 0, (422, "The size is not a number of bytes"))
    return Asked(oid, size)


def wants_multipart(missing: list[Asked], *, offered: bool, threshold: int) -> bool:
    """Whether the answer is a multipart one: the client knows it, and a missing object is larger than the threshold."""
    return offered and any(one.size > threshold for one in missing)


def part_keys(count: int, width: int) -> list[str]:
    """The header keys of the parts, first to last."""
    return [str(number).zfill(width) for number in range(1, count + 1)]


def _terms(request: web.Request) -> Terms:
    return Terms(
        life_of(request),
        reuse=take(request, "new_upload_per_lease") is None,
        key_width=1 if take(request, "unpadded_parts") else 5,
    )


def _download(request: web.Request, repo: Repo, one: Asked, terms: Terms) -> dict[str, Any]:
    objects = request.app[OBJECTS]
    if one.error:
        return _refused(one, *one.error)
    if not objects.has(repo.record.uid, one.oid):
        return _refused(one, 404, "Object does not exist on the server")
    if objects.size(one.oid) != one.size:
        return _refused(one, 422, "The stored object has another size")
    href = object_url(request, object_path(repo.record.uid, one.oid), terms.life)
    return _entry(one, download={"href": href, "expires_in": terms.life.expires_in})


def _upload(request: web.Request, repo: Repo, one: Asked, terms: Terms, begun: list[str] | None) -> dict[str, Any]:
    """`begun` collects the multipart uploads of this answer; None: the object is to be sent whole."""
    objects = request.app[OBJECTS]
    if one.error:
        return _refused(one, *one.error)
    if objects.has(repo.record.uid, one.oid):
        if objects.size(one.oid) != one.size:
            return _refused(one, 422, "The stored object has another size")
        return {"oid": one.oid, "size": one.size}
    if begun is None:
        query = {"size": str(one.size), "x-amz-storage-class": "INTELLIGENT_TIERING", "x-id": "PutObject"}
        href = _signed(request, repo, one, terms, query)
        upload: dict[str, Any] = {"href": href, "expires_in": terms.life.expires_in}
    else:
        upload = _multipart(request, repo, one, terms, begun)
    ticket = request.app[SIGNER].ticket(repo.record.uid, COMPLETION_LIFETIME)
    verify = f"{request.app[ORIGINS].api}/{repo.key.path}.git/info/lfs/verify"
    return _entry(one, upload=upload, verify={"href": verify, "header": {"Authorization": ticket}})


def _multipart(request: web.Request, repo: Repo, one: Asked, terms: Terms, begun: list[str]) -> dict[str, Any]:
    uploads, part_size = request.app[UPLOADS], request.app[CONFIG].part_size
    # One upload per mention: a client that lists an object twice sends it twice, at the same time.
    upload = uploads.begin(repo.record.uid, one.oid, one.size, part_size, reuse=terms.reuse, apart_from=begun)
    begun.append(upload.id)
    header = {"chunk_size": str(upload.part_size)}
    for number, key in enumerate(part_keys(upload.parts, terms.key_width), 1):
        query = {"partNumber": str(number), "uploadId": upload.id, "x-id": "UploadPart"}
        header[key] = _signed(request, repo, one, terms, query)
    folder = prefix(repo.record.uid)
    href = request.app[SIGNER].completion(
        request.app[ORIGINS].api, upload.id, bucket=BUCKET, prefix=folder, lifetime=COMPLETION_LIFETIME
    )
    return {"href": href, "header": header, "expires_in": terms.life.expires_in}


def _signed(request: web.Request, repo: Repo, one: Asked, terms: Terms, query: dict[str, str]) -> str:
    url = request.app[ORIGINS].storage + object_path(repo.record.uid, one.oid)
    return request.app[SIGNER].presign("PUT", url, terms.life.lifetime, query, age=terms.life.age)


def _entry(one: Asked, **actions: dict[str, Any]) -> dict[str, Any]:
    return {"oid": one.oid, "size": one.size, "authenticated": True, "actions": actions}


def _refused(one: Asked, code: int, message: str) -> dict[str, Any]:
    return {"oid": one.oid, "size": one.size, "error": {"code": code, "message": message}}


def _answer(request: web.Request, transfer: str, objects: list[dict[str, Any]]) -> web.Response:
    if objects and take(request, "wrong_size"):
        objects[0]["size"] += 1
    if objects and take(request, "unknown_oid"):
        objects[0]["oid"] = objects[0]["oid"][::-1]
    return answer({"transfer": transfer, "objects": objects, "hash_algo": "sha256"})
