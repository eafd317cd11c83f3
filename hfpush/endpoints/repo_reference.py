"""A repository as people name it: an id, an hf:// address, or the URL of one of its pages on a Hub.

    ada/model   gpt2   datasets/ada/data   ada/model@v1
    hf://[models/|datasets/|spaces/]ada/model[@revision][/path]      as huggingface_hub's file system has it
    https://huggingface.co/[datasets/|spaces/]ada/model[/tree|blob|resolve|raw/revision[/path]][?download=true]

In the first two the slashes of a revision are written %2F, but in refs/pr/1 and refs/convert/parquet need not be.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit

from hfpush.endpoints.address import host_of
from hfpush.endpoints.endpoint import Endpoint
from hfpush.endpoints.known import HF
from hfpush.endpoints.repo_address import RepoType, check_repo_id
from hfpush.errors import Misuse

_SCHEME = "hf://"
_TYPES: dict[str, RepoType] = {"models": "model", "datasets": "dataset", "spaces": "space"}
_OF_FILES = ("tree", "blob", "resolve", "raw", "blame")
_OF_COMMITS = ("commit", "commits", "revision")  # the last one in the API
_PAGES = (*_OF_FILES, *_OF_COMMITS)
_SPECIAL = re.compile(r"refs/(?:pr/\d+|convert/\w+)(?=/|\Z)", re.ASCII)
_ALSO_HF = {"hf.co", "www.hf.co", "www.huggingface.co", "huggingface.co"}
_IN_URLS = "%/:@!$&'()*+,;=[]"
_FORMS = ("write owner/name, hf://datasets/owner/name@revision/path, or the URL of its page or of a file",)


@dataclass(frozen=True)
class RepoReference:
    """What a text says of a repository. `type` and `revision` are None where it says nothing of them; `files` are
    those it names, a folder with a slash at its end; `endpoint_url` is the endpoint whose page it is the URL of."""

    id: str
    type: RepoType | None = None
    revision: str | None = None
    files: tuple[str, ...] = ()
    endpoint_url: str | None = None

    @classmethod
    def parse(cls, text: str, known: Iterable[Endpoint] = (HF,)) -> RepoReference:
        """What a user wrote; a URL must be one of the `known` endpoints'.

        Raises Misuse: `repo-id-invalid`, `repo-url-unreadable`, `repo-url-elsewhere`.
        """
        if text.startswith(_SCHEME):
            return _from_address(text)
        if "://" in text:
            return _from_url(text, tuple(known))
        endpoints = tuple(known)
        hosts = {host_of(endpoint.url): endpoint.url for endpoint in endpoints}
        host, slash, rest = text.partition("/")
        if slash and (host in hosts or host in _ALSO_HF):
            scheme = urlsplit(hosts.get(host, HF.url)).scheme
            return _from_url(f"{scheme}://{host}/{rest}", endpoints)
        return _plain(text)

    def __str__(self) -> str:
        """A text that says the same."""
        path = "".join(f"/{file}" for file in self.files[:1])
        if self.endpoint_url is not None:
            prefix = "" if self.type in (None, "model") else f"{self.type}s/"
            page = "" if self.revision is None else f"/{'resolve' if path and path[-1] != '/' else 'tree'}/"
            return f"{self.endpoint_url}/{prefix}{self.id}{page}{quote(self.revision or '', safe='')}{quote(path)}"
        revision = "" if self.revision is None else f"@{quote(self.revision, safe='')}"
        if self.type is None:
            return f"{self.id}{revision}"
        prefix = "" if self.type == "model" else f"{self.type}s/"
        return f"{_SCHEME}{prefix}{self.id}{revision}{path}"

    @property
    def fetched_from(self) -> str | None:
        """The endpoint to ask where none is named: the one whose page this is. A page of the Hub itself only names the
        repository, which may come through any endpoint: None."""
        return None if self.endpoint_url == HF.url else self.endpoint_url

    def agreed_type(self, wanted: str | None) -> str:
        """The type, given what --type says. Raises Misuse (`repo-twofold`)."""
        if self.type is not None and wanted is not None and wanted != self.type:
            raise _twofold(f"{self} is a {self.type}, and --type says {wanted!r}.", "--type")
        return wanted or self.type or "model"

    def agreed_revision(self, wanted: str | None) -> str | None:
        """The revision, given what --revision says. Raises Misuse (`repo-twofold`)."""
        if self.revision is not None and wanted is not None and wanted != self.revision:
            raise _twofold(
                f"{self} names the revision {self.revision!r}, and --revision says {wanted!r}.", "--revision"
            )
        return wanted or self.revision


def _plain(text: str) -> RepoReference:
    whole, at, revision = text.partition("@")
    kind, segments = _kind_of(whole.split("/"))
    repo_id = "/".join(segments)
    if len(segments) > 2 and not at:
        owner_name = "/".join(segments[:2])
        rest = "/".join(segments[2:])
        raise Misuse.of(
            "repo-id-invalid",
            f"{text!r} is not a repository id: it has more than an owner and a name.",
            to_try=(
                f"for a file or a folder of {owner_name}: hfpush fetch {owner_name} {rest}",
                *_FORMS,
            )
            if _is_id(owner_name) and re.fullmatch(r"[\w./-]+", rest)
            else _FORMS,
        )
    check_repo_id(repo_id)
    if at and not revision:
        raise _unreadable(text, "no revision stands behind the @")
    return RepoReference(repo_id, kind, unquote(revision) if at else None)


def _from_address(text: str) -> RepoReference:
    kind, segments = _kind_of(text.removeprefix(_SCHEME).split("/"))
    count = next((number for number, segment in enumerate(segments[:2], 1) if "@" in segment), 2)
    repo_id, at, rest = "/".join(segments[:count]).partition("@")
    check_repo_id(repo_id)
    tail = "/".join((rest, *segments[count:])) if at else "/".join(segments[count:])
    if not at:
        return RepoReference(repo_id, kind or "model", None, (tail,) if tail else ())
    revision, path = _split_revision(tail)
    if not revision:
        raise _unreadable(text, "no revision stands behind the @")
    return RepoReference(repo_id, kind or "model", unquote(revision), (path,) if path else ())


def _from_url(text: str, known: Sequence[Endpoint]) -> RepoReference:
    url = re.split(r"[?#]", text, maxsplit=1)[0]
    scheme, _, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    if scheme in ("http", "https") and host.lower() in _ALSO_HF:
        url = f"{HF.url}{slash}{path}"
    url = quote(url, safe=_IN_URLS)  # a browser may show, and give, letters that stand for bytes
    owners = [endpoint for endpoint in known if endpoint.owns(url)]
    if not owners:
        raise _elsewhere(scheme, host, path)
    owner = max(owners, key=lambda endpoint: len(endpoint.url))
    segments = [part for part in url[len(owner.url) :].strip("/").split("/") if part]
    if segments[:1] == ["api"]:
        segments = segments[1:]
    kind, segments = _kind_of(segments)
    if not segments:
        raise _unreadable(url, "it leads to no repository")
    is_short = len(segments) > 2 and segments[1] in _PAGES and segments[2] not in _PAGES  # gpt2/tree/main
    length = 1 if len(segments) == 1 or is_short else 2
    repo_id = "/".join(segments[:length]).removesuffix(".git")
    check_repo_id(repo_id)
    revision, path = _of_page(url, segments[length:])
    return RepoReference(repo_id, kind or "model", revision, (path,) if path else (), owner.url)


def _of_page(url: str, segments: list[str]) -> tuple[str | None, str]:
    """Revision and path that a page of a repository shows."""
    if not segments:
        return None, ""
    page, *rest = segments
    if page not in _PAGES:
        raise _unreadable(url, f"its page {page!r} shows no files")
    if not rest:
        return None, ""
    revision, path = _split_revision("/".join(rest))
    path = unquote(path) if page in _OF_FILES else ""
    return unquote(revision), f"{path}/" if path and page == "tree" else path


def _split_revision(text: str) -> tuple[str, str]:
    """A revision and the path behind it."""
    special = _SPECIAL.match(text)
    if special is not None:
        return special[0], text[special.end() + 1 :]
    revision, _, path = text.partition("/")
    return revision, path


def _kind_of(segments: list[str]) -> tuple[RepoType | None, list[str]]:
    """The type that the first segment names, and the others. No account may be called so."""
    if len(segments) > 1 and segments[0] in _TYPES:
        return _TYPES[segments[0]], segments[1:]
    return None, segments


def _is_id(text: str) -> bool:
    try:
        check_repo_id(text)
    except Misuse:
        return False
    return True


def _twofold(message: str, option: str) -> Misuse:
    return Misuse.of("repo-twofold", message, to_try=(f"leave out {option}, or give the repository as owner/name",))


def _unreadable(text: str, why: str) -> Misuse:
    return Misuse.of(
        "repo-url-unreadable", f"{text!r} is not the address of a repository or a file.", seen=(why,), to_try=_FORMS
    )


def _elsewhere(scheme: str, host: str, path: str) -> Misuse:
    plain = host.rpartition("@")[2][:100]  # what stands before it may be a password
    where = f"{scheme}://{plain}"
    return Misuse.of(
        "repo-url-elsewhere",
        f"{plain!r} is no endpoint that hfpush knows.",
        to_try=(
            f"if a Hub or a mirror is there, name it: hfpush fetch OWNER/NAME --endpoint {where}",
            f"or for good: hfpush endpoint add NAME {where}",
        ),
    )
