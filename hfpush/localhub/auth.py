"""Who is asking, and what they may do.

Tokens arrive as Bearer, or as the password of Basic with any user name. Deciding is pure: facts about the caller
and the repository go in, a `Denial` (what to answer) or None comes out. Turning a denial into a response belongs to
the caller, because git, LFS and REST say the same thing in different words.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from hfpush.localhub.repos import Repo

Role = Literal["read", "write"]

EVERY_NAMESPACE = "*"

BEARER_CHALLENGE = 'Bearer realm="Authentication required", charset="UTF-8"'
BASIC_CHALLENGE = 'Basic realm="Authentication required", charset="UTF-8"'


@dataclass(frozen=True)
class User:
    """One token of one user: `role` is what the token may do at most, `orgs` the namespaces besides the user's own.

    `*` among the orgs stands for every namespace.
    """

    name: str
    token: str = field(repr=False)
    role: Role = "write"
    orgs: tuple[str, ...] = ()

    def is_member(self, namespace: str | None) -> bool:
        """Whether the namespace (None: that of legacy one-segment ids) is the user's own or one of their orgs."""
        return namespace == self.name or EVERY_NAMESPACE in self.orgs or (namespace or "") in self.orgs


@dataclass(frozen=True)
class Identity:
    """The caller of one request: a user, nobody (`user` None), or nobody with a token we do not know (`bad_token`)."""

    user: User | None = None
    bad_token: bool = False


ANONYMOUS = Identity()


@dataclass(frozen=True)
class Denial:
    """Why a request is refused: HTTP status, the Hub's error code (or None) and its message."""

    status: int
    code: str | None
    message: str

    @property
    def headers(self) -> dict[str, str]:
        """The challenge that belongs to a 401, else nothing."""
        return {"WWW-Authenticate": BEARER_CHALLENGE} if self.status == 401 else {}


class Auth:
    """The users of one Hub."""

    def __init__(self, users: Iterable[User]) -> None:
        self.users = tuple(users)

    def identify(self, headers: Mapping[str, str]) -> Identity:
        """The caller named by the Authorization header; never raises, a malformed header is a bad token."""
        value = headers.get("Authorization")
        if value is None:
            return ANONYMOUS
        token = token_of(value)
        if token is not None:
            given = token.encode()
            for user in self.users:
                if hmac.compare_digest(user.token.encode(), given):
                    return Identity(user)
        return Identity(bad_token=True)


def token_of(authorization: str) -> str | None:
    """The token in an Authorization value (Bearer, or the password of Basic), or None if there is none to read."""
    scheme, _, rest = authorization.strip().partition(" ")
    rest = rest.strip()
    if scheme.lower() == "bearer":
        return rest or None
    if scheme.lower() == "basic":
        try:
            _, colon, password = base64.b64decode(rest, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return None
        return password if colon and password else None
    return None


def may_read(identity: Identity, repo: Repo) -> bool:
    """Whether the caller may know the repository and its listing (a gate does not hide those)."""
    return not identity.bad_token and (not repo.record.private or _is_member(identity, repo))


def may_write(identity: Identity, repo: Repo) -> bool:
    """Whether the caller may change the repository: a write token of a member of its namespace."""
    return identity.user is not None and identity.user.role == "write" and _is_member(identity, repo)


def passes_gate(identity: Identity, repo: Repo) -> bool:
    """Whether the caller may see contents behind a gate: members may, and users whom the owner let in."""
    if not repo.record.gated or _is_member(identity, repo):
        return True
    return identity.user is not None and identity.user.name in repo.record.allowed


def refuse_read(identity: Identity, repo: Repo | None, *, content: bool = True) -> Denial | None:
    """What to answer to a reader, or None if they may read. `repo` None: it does not exist.

    `content` False: only info and listing are wanted, which a gate does not close. README.md of a gated repository
    is such a listing, too. A private repository looks like a missing one to whoever may not read it.
    """
    if identity.bad_token:
        return Denial(401, None, "Invalid credentials in Authorization header")
    if repo is None or not may_read(identity, repo):
        if identity.user is None:
            return Denial(401, "RepoNotFound", "Invalid username or password.")
        return Denial(404, "RepoNotFound", "Repository not found")
    if repo.record.disabled:
        return Denial(403, None, "Access to this resource is disabled.")
    if content and not passes_gate(identity, repo):
        what = f"Access to {repo.key.singular} {repo.key.id} is restricted"
        if identity.user is None:
            return Denial(
                401,
                "GatedRepo",
                f"{what}. You must have access to it and be authenticated to access it. Please log in.",
            )
        return Denial(
            403, "GatedRepo", f"{what} and you are not in the authorized list. Visit its page to ask for access."
        )
    return None


def refuse_write(identity: Identity, repo: Repo | None) -> Denial | None:
    """What to answer to a writer, or None if they may write. `repo` None: it does not exist."""
    denial = refuse_read(identity, repo)
    if denial is not None or repo is None:
        return denial
    if identity.user is None:
        return Denial(401, None, "Invalid username or password.")
    if not may_write(identity, repo):
        return Denial(403, None, "You have read access but not the required permissions for this operation")
    return None


def _is_member(identity: Identity, repo: Repo) -> bool:
    return identity.user is not None and identity.user.is_member(repo.key.namespace)
