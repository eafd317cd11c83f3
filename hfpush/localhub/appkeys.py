"""The aiohttp application keys under which the parts of the local Hub find each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from hfpush.localhub.auth import Auth
    from hfpush.localhub.config import HubConfig
    from hfpush.localhub.crowd import Crowd
    from hfpush.localhub.faults import Faults
    from hfpush.localhub.objects import ObjectStore
    from hfpush.localhub.origins import Origins
    from hfpush.localhub.repos import Repos
    from hfpush.localhub.seen import SeenLog
    from hfpush.localhub.signing import Signer
    from hfpush.localhub.uploads import Uploads
    from hfpush.localhub.wear import Wear

CONFIG: web.AppKey[HubConfig] = web.AppKey("CONFIG")
OBJECTS: web.AppKey[ObjectStore] = web.AppKey("OBJECTS")
UPLOADS: web.AppKey[Uploads] = web.AppKey("UPLOADS")
REPOS: web.AppKey[Repos] = web.AppKey("REPOS")
AUTH: web.AppKey[Auth] = web.AppKey("AUTH")
FAULTS: web.AppKey[Faults] = web.AppKey("FAULTS")
CROWD: web.AppKey[Crowd] = web.AppKey("CROWD")
WEAR: web.AppKey[Wear] = web.AppKey("WEAR")
SEEN: web.AppKey[SeenLog] = web.AppKey("SEEN")
SIGNER: web.AppKey[Signer] = web.AppKey("SIGNER")
ORIGINS: web.AppKey[Origins] = web.AppKey("ORIGINS")
