"""What doctor reads of this machine without asking anybody: programs, variables, settings, wrappers, certificates.

It becomes two values: facts.machine.Machine, which has no secrets and stands in a report, and route.Surroundings, which
has them and decides how each client gets somewhere.
"""

from __future__ import annotations

import os
import platform
import re
import ssl
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib import metadata
from pathlib import Path

from hfpush.diagnose.credential_helper import shown_helper
from hfpush.diagnose.facts.machine import ConfigLine, Machine, Program, Variable
from hfpush.diagnose.hub_python import certifi_of, hub_python, openssl_of, own_python
from hfpush.diagnose.probes.wrapper import read_wrapper
from hfpush.diagnose.programs import read_programs, with_backends
from hfpush.diagnose.route import Stores, Surroundings
from hfpush.disk.plain import beginning_of
from hfpush.endpoints import Endpoint
from hfpush.errors import HfpushError, LocalTrouble
from hfpush.net.git_settings import GitSetting
from hfpush.net.proxies import masked
from hfpush.net.redact import redact
from hfpush.net.routes import Routes
from hfpush.net.trust import named_cas
from hfpush.repo.git_listing import Listed, listing
from hfpush.repo.git_network import network_of
from hfpush.settings import Settings

_VARIABLES = re.compile(
    r"(?i:https?_proxy|all_proxy|no_proxy|ftp_proxy)|SSL_CERT_(?:FILE|DIR)|(?:REQUESTS|CURL)_CA_BUNDLE|GIT_SSL_\w+"
    r"|GIT_(?:SSH|SSH_COMMAND|PROXY_COMMAND|HTTP_PROXY_AUTHMETHOD|CONFIG_GLOBAL|CONFIG_SYSTEM|CONFIG_NOSYSTEM|LFS_\w+)"
    r"|(?:LD_PRELOAD|DYLD_INSERT_LIBRARIES|GODEBUG|REQUEST_METHOD)|(?:PROXYCHAINS|TORSOCKS|TSOCKS)_\w+"
    r"|HF_(?:ENDPOINT|HOME|HUB_\w+|XET_\w+)|(?:TRANSFORMERS|HF_DATASETS)_OFFLINE"
    r"|HFPUSH_(?!TOKEN)\w+"
)
"""Those that have to do with the network, by their whole names."""
_SECRET = re.compile(r"(?i)token|password|secret")
_SETTINGS = re.compile(
    r"https?\..*|remote\..*\.(?:url|pushurl|proxy|lfsurl|lfspushurl)|url\..*\.(?:insteadof|pushinsteadof)|lfs\..*"
    r"|credential\..*|core\.(?:hookspath|sshcommand|gitproxy|askpass|autocrlf)|filter\.lfs\..*|protocol\.version"
)
_HTTP = re.compile(r"http\.(?:(?P<scope>.*)\.)?(?P<name>\w+)", re.DOTALL)
_OF_REPOSITORY = ("local", "worktree")
_MOST_BYTES = 2**20
_SYSTEM_FILES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)


def read_machine(
    directory: Path | None, settings: Settings, endpoint: Endpoint, *, programs: Sequence[Program] | None = None
) -> tuple[Machine, Surroundings]:
    """What is so on this machine, as git has it in the repository around `directory` (None: as the user has it).

    Nothing is asked over a network, and nothing raises: what cannot be read is not there. `programs` are those that an
    earlier reading found, where they are not to be asked again.
    """
    env = dict(os.environ)
    place = _place(directory)
    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(_listed, place)
        asked = read_programs(env) if programs is None else programs
        listed, said = reading.result()
    git = network_of(listed, place)
    found = read_wrapper(env)
    named = named_cas(env, endpoint=endpoint, configured=settings.network.ca_bundle, git=git)
    http = tuple(_http_settings(listed))
    if any(one.name == "sslbackend" for one in http):
        asked = tuple(with_backends(one, env) if one.name == "git" else one for one in asked)
    own = Program("hfpush", version=metadata.version("hfpush"), tls=ssl.OPENSSL_VERSION, http="requests")
    found_programs = (*(one for one in asked if one.name != "hfpush"), own)
    around = Surroundings(
        environment=env,
        settings=http,
        users=tuple(_http_settings(one for one in listed if one.scope not in _OF_REPOSITORY)),
        programs=found_programs,
        wrapper=found.wrapper,
        endpoint=endpoint,
        routes=Routes.of(env, endpoint=_with_login(settings, endpoint), git=git),
        named=tuple((ca.path, ca.by) for ca in named),
        stores=_stores(env),
        absent=frozenset(path for path in _named_files(env, http) if not _has_certificates(Path(path))),
        curlrc=tuple(_curlrc(env)),
    )
    machine = Machine(
        programs=found_programs,
        variables=tuple(_variables(env)),
        settings=tuple(_shown(listed)),
        wrapper=found.wrapper,
        versions=(f"{platform.system()} {platform.release()}", *said),
        python=platform.python_version(),
    )
    return machine, around


def _with_login(settings: Settings, endpoint: Endpoint) -> Endpoint:
    if endpoint.proxy is None:
        return endpoint
    from hfpush.commands.outlet import with_proxy_secret  # it is slow to load

    try:
        return with_proxy_secret(settings, endpoint)
    except HfpushError:  # whoever makes hfpush's network tells of it
        return endpoint


# ---------------------------------------------------------------- git's settings


def _place(directory: Path | None) -> Path:
    """The top of the work tree, as git is not let to look for it above where it is started."""
    if directory is None:
        return Path("/")
    here = directory.absolute()
    return next((one for one in (here, *here.parents) if (one / ".git").exists()), here)


def _listed(place: Path) -> tuple[tuple[Listed, ...], tuple[str, ...]]:
    try:
        return listing(place if place.is_dir() else Path("/")), ()
    except LocalTrouble as trouble:  # no git, or one that cannot read its files: that is to be seen
        return (), tuple(trouble.finding.evidence[:1])


def _http_settings(listed: Iterable[Listed]) -> Iterator[GitSetting]:
    """Every `http.*` setting, and the proxies of remotes with the URLs of these as their scopes."""
    urls: dict[str, str] = {}
    proxies: list[tuple[str, Listed]] = []
    for one in listed:
        section, _, rest = one.key.partition(".")
        middle, _, last = rest.rpartition(".")
        if section == "remote" and last == "url":
            urls.setdefault(middle, one.value)
        elif section == "remote" and last == "proxy":
            proxies.append((middle, one))
        elif found := _HTTP.fullmatch(one.key):
            yield GitSetting(found["name"], one.value, found["scope"], one.file, one.line, one.key)
    for remote, one in proxies:
        if remote in urls:
            yield GitSetting("proxy", one.value, urls[remote], one.file, one.line, one.key)


def _shown(listed: Iterable[Listed]) -> Iterator[ConfigLine]:
    for one in listed:
        if _SETTINGS.fullmatch(one.key):
            secret = one.key.endswith(".extraheader") or _SECRET.search(one.key.rpartition(".")[2])
            helper = one.key.startswith("credential.") and one.key.endswith(".helper")
            value = (
                "***" if secret else _value(one.key.endswith("proxy"), shown_helper(one.value) if helper else one.value)
            )
            yield ConfigLine(redact(one.key), value, one.file, one.line)


# ---------------------------------------------------------------- the environment


def _variables(environment: Mapping[str, str]) -> Iterator[Variable]:
    for name, value in sorted(environment.items()):
        if _VARIABLES.fullmatch(name) and not _SECRET.search(name):
            proxy = name.lower().endswith("_proxy") and name.lower() != "no_proxy"
            yield Variable(name, _value(proxy, value))


def _value(proxy: bool, value: str) -> str:
    return masked(value) if proxy else redact(value)[:500]


def _curlrc(environment: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The lines of .curlrc that name proxies and certificates; CURL_HOME goes before HOME."""
    for folder in filter(None, (environment.get("CURL_HOME"), environment.get("HOME"))):
        try:
            text = beginning_of(Path(folder, ".curlrc"), 65536).decode("utf-8", "replace")
        except OSError:  # none there
            continue
        for line in text.splitlines():
            found = re.fullmatch(r"\s*-{0,2}(proxy|x|noproxy|cacert|insecure|k)(?:\s*[=:\s]\s*(.*?))?\s*", line)
            if found:
                yield found[1], (found[2] or "").strip('"')
        return


# ---------------------------------------------------------------- certificates


def _named_files(environment: Mapping[str, str], settings: Iterable[GitSetting]) -> Iterator[str]:
    yield from (
        environment[name] for name in ("GIT_SSL_CAINFO", "GIT_SSL_CAPATH", "SSL_CERT_FILE") if environment.get(name)
    )
    for one in settings:  # git-lfs does not know what ~ is
        if one.name in ("sslcainfo", "sslcapath") and one.value:
            yield one.value


def _has_certificates(path: Path) -> bool:
    try:
        files = sorted(path.iterdir()) if path.is_dir() else [path]
        return any(b"-----BEGIN" in beginning_of(file, _MOST_BYTES) for file in files if file.is_file())
    except OSError:
        return False


def _stores(environment: Mapping[str, str]) -> Stores:
    paths = ssl.get_default_verify_paths()
    files = (*_SYSTEM_FILES, paths.openssl_cafile)
    folders = ("/etc/ssl/certs", "/etc/pki/tls/certs", paths.openssl_capath)
    python = hub_python(environment)
    return Stores(
        next((one for one in files if Path(one).is_file()), ""),
        next((one for one in folders if Path(one).is_dir()), ""),
        openssl_of(python),
        certifi_of(python),
        certifi_of(own_python()),
    )
