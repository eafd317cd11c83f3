"""Settings: one frozen value, made once from flags over environment over repo file over user file over defaults.

    flags          what the command line said
    environment    HFPUSH_ENDPOINT, HFPUSH_JOBS, HFPUSH_ATTEMPTS, HFPUSH_STATE_DIR, HFPUSH_CONNECT_SECONDS,
                   HFPUSH_IDLE_SECONDS, HFPUSH_ANSWER_SECONDS; huggingface_hub's own:
                   HF_ENDPOINT, HF_TOKEN, HF_HOME, HF_HUB_CACHE (also HUGGINGFACE_HUB_CACHE), HF_HUB_OFFLINE
                   (also TRANSFORMERS_OFFLINE); and REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE. Empty is as good as unset.
    repo file      .hfpush.yaml at the top of the repository
    user files     endpoints.yaml (which endpoint is in use), then config.yaml, in the user's configuration folder
    defaults       the best way to the Hub (`auto`)

Several endpoints for a fetch: --endpoint repeated, HFPUSH_ENDPOINT with commas, a list in config.yaml.

A repository may be somebody else's: its file can say what to publish it as, but no endpoint other than the Hub
itself, no folder, no token and no CA file.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import platformdirs

from hfpush.endpoints import Book, Endpoint
from hfpush.endpoints.book import AUTO
from hfpush.endpoints.known import HF
from hfpush.errors import Misuse
from hfpush.net.network import Network
from hfpush.net.patience import Patience
from hfpush.settings.endpoints_file import FILE, read_book
from hfpush.settings.plain_yaml import read_plain_yaml

REPO_FILE = ".hfpush.yaml"
DEFAULT_JOBS = 64
DEFAULT_ATTEMPTS = 10
"""The waits between so many tries come to a minute (net/retry.py)."""
_REPO_KEYS = {"to": str, "type": str, "revision": str, "private": bool, "endpoint": str, "jobs": int}
_USER_KEYS = {"endpoint": str, "jobs": int, "attempts": int, "ca_bundle": str}
_TRUE = {"1", "true", "yes", "on"}


@dataclass(frozen=True)
class Settings:
    """What holds for one run. `jobs` is the most requests under way at once, `attempts` how often a step is tried.

    `endpoint` is the one that was named, None where the best is to be taken, and `named_by` what says so; `endpoints`
    are all that were named, of which `endpoint` is the first: a fetch takes bytes from each of them. `book` has all
    that there are, and `config_dir` the files of both. `token` is the user's for the Hub, None where none was given
    here; hub/token.py knows where `hf auth login` left one, and which token an endpoint gets. `to`, `type`, `revision`
    and `private` are the repo file's wishes for a publish, None where it has none.
    """

    endpoint: Endpoint | None
    token: str | None = field(repr=False)
    jobs: int
    attempts: int
    state_dir: Path
    cache_dir: Path
    offline: bool
    config_dir: Path
    network: Network = field(default_factory=Network)
    book: Book = field(default_factory=Book)
    to: str | None = None
    type: str | None = None
    revision: str | None = None
    private: bool | None = None
    named_by: str = ""
    endpoints: tuple[Endpoint, ...] = ()

    @property
    def usual_endpoint(self) -> Endpoint:
        """The endpoint that was named, else the Hub itself: for what asks no server, or whose server is known."""
        return self.endpoint or self.book.named(HF.name)


def load_settings(
    flags: Mapping[str, Any],
    environment: Mapping[str, str] | None = None,
    *,
    repo_root: Path | None = None,
    user_file: Path | None = None,
) -> Settings:
    """The settings of this run. `flags` are the command line's values by name, None where it was silent.

    Raises Misuse for a file that cannot be read, an unknown key, or a value that is not what its key takes.
    """
    env = os.environ if environment is None else environment
    home = _user_file(env) if user_file is None else user_file
    mine = _read_file(home, _USER_KEYS)
    book = read_book(home.parent)
    users = home.name
    if book.use is not None:
        mine, users = {**mine, "endpoint": book.use}, FILE
    theirs = _read_file(repo_root / REPO_FILE, _REPO_KEYS) if repo_root is not None else {}
    if theirs.get("endpoint", HF.name) != HF.name:
        raise Misuse.of(
            "repo-file-endpoint",
            f"{REPO_FILE} names an endpoint; a repository may not choose where your token goes.",
            seen=(f"endpoint: {theirs['endpoint'][:80]!r}; only {HF.name} may stand there",),
            to_try=("give it on the command line with --endpoint, or in HF_ENDPOINT, if you trust it",),
        )

    def named(key: str, *variables: str) -> tuple[Any, str]:
        if flags.get(key) is not None:
            return flags[key], f"--{key.replace('_', '-')}"
        for variable in variables:
            if env.get(variable):
                return env[variable], variable
        return (theirs[key], REPO_FILE) if key in theirs else (mine.get(key), users if key in mine else "")

    def first(key: str, *variables: str) -> Any:
        return named(key, *variables)[0]

    def first_count(key: str, default: int, most: int) -> int:
        value, by = named(key, f"HFPUSH_{key.upper()}")
        return _count(key, value, default, most, by)

    where, named_by = named("endpoint", "HFPUSH_ENDPOINT", "HF_ENDPOINT")
    endpoints = _endpoints(book, where)

    return Settings(
        endpoint=endpoints[0] if endpoints else None,
        endpoints=endpoints,
        named_by=named_by,
        token=_token(flags, env),
        jobs=first_count("jobs", DEFAULT_JOBS, 256),
        attempts=first_count("attempts", DEFAULT_ATTEMPTS, 100),
        state_dir=_state_dir(env),
        cache_dir=_cache_dir(env),
        offline=(env.get("HF_HUB_OFFLINE") or env.get("TRANSFORMERS_OFFLINE") or "").lower() in _TRUE,
        config_dir=home.parent,
        book=book,
        network=Network(
            patience=_patience(env),
            ca_bundle=_expanded(first("ca_bundle", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE") or "") or None,
            known=tuple(book),
        ),
        to=first("to"),
        type=first("type"),
        revision=first("revision"),
        private=first("private"),
    )


def _endpoints(book: Book, where: Any) -> tuple[Endpoint, ...]:
    """The endpoints that one word, words with commas, or a list of them name, each once; none for `auto`."""
    texts = [where] if isinstance(where, str) else list(where or ())
    names = [name.strip() for text in texts for name in text.split(",") if name.strip()]
    if not names and any(texts):
        names = texts  # only commas or space: nothing that anything is called
    if AUTO not in names:
        return tuple(dict.fromkeys(map(book.find, names)))
    if len(set(names)) > 1:
        raise Misuse.of(
            "endpoint-auto-and-more",
            f"{AUTO} takes the best of all endpoints, and cannot stand beside others.",
            to_try=(f"leave out {AUTO}, or name nothing else",),
        )
    return ()


def _token(flags: Mapping[str, Any], env: Mapping[str, str]) -> str | None:
    return checked_token(flags.get("token") or env.get("HF_TOKEN") or env.get("HUGGING_FACE_HUB_TOKEN") or "")


def checked_token(text: str) -> str | None:
    """A token without the space around it, None where nothing is left. Raises Misuse (`token-malformed`)."""
    token = text.strip()
    if any(not 32 < ord(letter) < 127 for letter in token):
        raise Misuse.of(
            "token-malformed",
            "The token holds characters that no token has.",
            seen=("a space, a line break or a letter outside ASCII",),
            to_try=("copy it again, without quotes or line breaks",),
        )
    return token or None


def _state_dir(env: Mapping[str, str]) -> Path:
    chosen, base = env.get("HFPUSH_STATE_DIR"), env.get("XDG_STATE_HOME")
    if chosen:
        return Path(_expanded(chosen))
    return Path(base) / "hfpush" if base else platformdirs.user_state_path("hfpush", appauthor=False)


def _user_file(env: Mapping[str, str]) -> Path:
    base = env.get("XDG_CONFIG_HOME")
    folder = Path(base) / "hfpush" if base else platformdirs.user_config_path("hfpush", appauthor=False)
    return folder / "config.yaml"


def _cache_dir(env: Mapping[str, str]) -> Path:
    """The Hub cache, where huggingface_hub (constants.py) has it for the same environment."""
    for variable in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"):
        if env.get(variable):
            return Path(_expanded(env[variable]))
    cache = env.get("XDG_CACHE_HOME") or "~/.cache"
    home = env.get("HF_HOME") or f"{cache}/huggingface"
    return Path(_expanded(f"{_expanded(home)}/hub"))  # twice, as there


def _expanded(path: str) -> str:
    """A path with ~ and variables replaced, in huggingface_hub's order; what cannot be replaced stays."""
    return os.path.expandvars(os.path.expanduser(path))


def _patience(env: Mapping[str, str]) -> Patience:
    """Time limits in seconds, each of which the environment may change."""
    usual = Patience()
    limits = {name: getattr(usual, name) for name in ("connect", "idle", "answer")}
    for name in limits:
        text = env.get(f"HFPUSH_{name.upper()}_SECONDS")
        if not text:
            continue
        try:
            limits[name] = float(text)
        except ValueError:
            limits[name] = 0.0
        if not 0.1 <= limits[name] <= 86_400:
            raise Misuse.of("patience-invalid", f"HFPUSH_{name.upper()}_SECONDS must be 0.1 to 86400, not {text!r}.")
    return Patience(**limits)


def _count(name: str, value: Any, default: int, most: int, by: str) -> int:
    """A number of requests or tries; `by` is the flag, variable or file that says it."""
    if value is None:
        return default
    try:
        number = int(str(value))
    except ValueError:
        number = 0
    if not 1 <= number <= most:
        shown = repr(value)[:40]
        what = f"{name} in {by}" if "." in by else by
        raise Misuse.of(f"{name}-invalid", f"{what} must be a whole number from 1 to {most}, not {shown}.")
    return number


def _is_list_of_names(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(name, str) and name for name in value)


def _read_file(path: Path, keys: Mapping[str, type]) -> dict[str, Any]:
    """The keys and values of a settings file, none if there is no file; each of the type that its key takes."""
    data = read_plain_yaml(path).data
    unknown = sorted(repr(key)[:40] for key in data if key not in keys)
    if unknown:
        raise Misuse.of(
            "settings-unknown-key",
            f"{path.name} has a key that means nothing there: {', '.join(unknown[:5])}.",
            seen=(str(path),),
            to_try=(f"known there: {', '.join(sorted(keys))}",),
        )
    for key, value in data.items():
        if key == "endpoint" and keys is _USER_KEYS and _is_list_of_names(value):
            continue
        if type(value) is not keys[key] and value is not None:
            kind = {str: "a text, in quotes if need be", int: "a whole number", bool: "true or false"}[keys[key]]
            raise Misuse.of("settings-value", f"{key} in {path.name} must be {kind}.", seen=(str(path),))
    return {key: value for key, value in data.items() if value is not None}
