from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hfpush.errors import Misuse
from hfpush.settings import DEFAULT_ATTEMPTS, DEFAULT_JOBS, REPO_FILE, Settings, load_settings

TOKEN = "hf_notARealTokenButShapedLikeOne"


class Files:
    """A repository and a user's configuration file, and the settings that they and the rest amount to."""

    def __init__(self, folder: Path) -> None:
        self.repo = folder / "repo"
        self.user = folder / "config.yaml"
        self.repo.mkdir()

    def settings(
        self,
        flags: dict[str, Any] | None = None,
        env: dict[str, str] | None = None,
        *,
        repo: str | bytes | None = None,
        user: str | None = None,
    ) -> Settings:
        if repo is not None:
            (self.repo / REPO_FILE).write_bytes(repo if isinstance(repo, bytes) else repo.encode())
        if user is not None:
            self.user.write_text(user)
        return load_settings(flags or {}, env or {}, repo_root=self.repo, user_file=self.user)

    def refused(self, **given: Any) -> Misuse:
        with pytest.raises(Misuse) as caught:
            self.settings(**given)
        return caught.value


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


# ------------------------------------------------------------------ what goes before what


def test_without_anything_it_is_the_best_way_to_the_hub(files: Files) -> None:
    settings = files.settings()
    assert settings.endpoint is None
    assert (settings.usual_endpoint.url, settings.jobs, settings.attempts) == (
        "https://huggingface.co",
        DEFAULT_JOBS,
        DEFAULT_ATTEMPTS,
    )
    assert (settings.token, settings.offline, settings.network.ca_bundle) == (None, False, None)
    assert (settings.to, settings.type, settings.revision, settings.private) == (None, None, None, None)


# key, flag, environment in order of precedence, repo file, user file; each with the value that the setting then has
SOURCES: list[tuple[str, Any, list[tuple[str, str, Any]], tuple[str, Any] | None, tuple[str, Any] | None]] = [
    ("jobs", 1, [("HFPUSH_JOBS", "2", 2)], ("3", 3), ("4", 4)),
    ("attempts", 1, [("HFPUSH_ATTEMPTS", "2", 2)], None, ("4", 4)),
    (
        "endpoint",
        "http://127.0.0.1:1",
        [
            ("HFPUSH_ENDPOINT", "http://127.0.0.1:2", "http://127.0.0.1:2"),
            ("HF_ENDPOINT", "hf-mirror", "hf-mirror.com"),
        ],
        ("hf", "huggingface.co"),
        ("http://127.0.0.1:4", "http://127.0.0.1:4"),
    ),
    (
        "ca_bundle",
        "/flag.pem",
        [("REQUESTS_CA_BUNDLE", "/requests.pem", "/requests.pem"), ("CURL_CA_BUNDLE", "/curl.pem", "/curl.pem")],
        None,
        ("/user.pem", "/user.pem"),
    ),
    ("to", "a/flag", [], ("a/repo", "a/repo"), None),
    ("type", "dataset", [], ("space", "space"), None),
    ("revision", "flag", [], ('"2024"', "2024"), None),
    ("private", False, [], ("true", True), None),
]


@pytest.mark.parametrize(("key", "flag", "variables", "repo", "user"), SOURCES, ids=[row[0] for row in SOURCES])
def test_flags_go_before_environment_before_repo_file_before_user_file(
    files: Files,
    key: str,
    flag: Any,
    variables: list[tuple[str, str, Any]],
    repo: tuple[str, Any] | None,
    user: tuple[str, Any] | None,
) -> None:
    def value(flags: dict[str, Any], env: dict[str, str]) -> Any:
        settings = files.settings(flags, env)
        if key == "ca_bundle":
            return settings.network.ca_bundle
        found = getattr(settings, key)
        return found.url.removeprefix("https://") if key == "endpoint" else found

    if user is not None:
        files.user.write_text(f"{key}: {user[0]}\n")
        assert value({}, {}) == user[1]
    if repo is not None:
        (files.repo / REPO_FILE).write_text(f"{key}: {repo[0]}\n")
        assert value({}, {}) == repo[1]
    env: dict[str, str] = {}
    for name, text, meant in reversed(variables):
        env[name] = text
        assert value({}, env) == meant
        assert value({key: None}, {**env, "HFPUSH_NOTHING": ""}) == meant
    assert value({key: flag}, env) == flag


def test_an_empty_variable_is_none(files: Files) -> None:
    names = ("HFPUSH_JOBS", "HF_ENDPOINT", "HF_TOKEN", "HFPUSH_STATE_DIR", "HF_HOME", "HF_HUB_CACHE", "HF_HUB_OFFLINE")
    assert files.settings(env=dict.fromkeys(names, "")) == files.settings()


@pytest.mark.parametrize(
    ("env", "offline"),
    [
        *(({"HF_HUB_OFFLINE": text}, True) for text in ("1", "true", "YES", "On")),
        *(({"HF_HUB_OFFLINE": text}, False) for text in ("0", "no", "2", "")),
        ({"TRANSFORMERS_OFFLINE": "1"}, True),
        ({"HF_HUB_OFFLINE": "0", "TRANSFORMERS_OFFLINE": "1"}, False),
    ],
)
def test_offline_is_what_huggingface_hub_takes_for_it(files: Files, env: dict[str, str], offline: bool) -> None:
    assert files.settings(env=env).offline is offline


def test_the_users_file_is_looked_for_in_the_users_configuration(tmp_path: Path) -> None:
    (tmp_path / "hfpush").mkdir()
    (tmp_path / "hfpush" / "config.yaml").write_text("jobs: 7\n")
    assert load_settings({}, {"XDG_CONFIG_HOME": str(tmp_path)}).jobs == 7


@pytest.mark.parametrize(
    ("env", "place"),
    [
        ({"HFPUSH_STATE_DIR": "/s", "XDG_STATE_HOME": "/x"}, "/s"),
        ({"XDG_STATE_HOME": "/x"}, "/x/hfpush"),
        ({"HFPUSH_STATE_DIR": "~/s"}, "{home}/s"),
        ({"HFPUSH_STATE_DIR": "~nobody-of-that-name/s"}, "~nobody-of-that-name/s"),
    ],
)
def test_where_state_is_kept(files: Files, home: Path, env: dict[str, str], place: str) -> None:
    assert files.settings(env=env).state_dir == Path(place.format(home=home))


# ------------------------------------------------------------------ values that are none


@pytest.mark.parametrize("text", ["0", "-1", "257", "many", "1.5", "", "1e2", "9" * 5000, "\x1b[31m"])
def test_a_number_of_jobs_is_a_small_whole_one(files: Files, text: str) -> None:
    error = files.refused(flags={"jobs": text})
    assert error.finding.reference == "jobs-invalid"
    assert "\x1b" not in error.finding.message
    assert len(error.finding.message) < 200


@pytest.mark.parametrize(
    ("given", "who"),
    [
        ({"flags": {"jobs": 0}}, "--jobs"),
        ({"env": {"HFPUSH_JOBS": "0"}}, "HFPUSH_JOBS"),
        ({"repo": "jobs: 0\n"}, "jobs in .hfpush.yaml"),
        ({"env": {"HFPUSH_ATTEMPTS": "0"}}, "HFPUSH_ATTEMPTS"),
        ({"user": "attempts: 0\n"}, "attempts in config.yaml"),
    ],
)
def test_a_number_that_is_refused_is_called_as_it_was_given(files: Files, given: dict[str, Any], who: str) -> None:
    assert files.refused(**given).finding.message.startswith(f"{who} must be a whole number from 1 to ")


@pytest.mark.parametrize("text", ["0", "-1", "nan", "inf", "1e9", "soon"])
def test_a_time_limit_is_a_number_of_seconds(files: Files, text: str) -> None:
    assert files.refused(env={"HFPUSH_IDLE_SECONDS": text}).finding.reference == "patience-invalid"
    assert files.settings(env={"HFPUSH_IDLE_SECONDS": "2.5"}).network.patience.idle == 2.5


@pytest.mark.parametrize("token", ["hf_a b", "hf_a\nb", "hf_é", "hf_a\x00b", "hf_a\x7f"])
@pytest.mark.parametrize("way", ["flag", "HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"])
def test_a_token_with_odd_characters_is_refused_and_not_shown(files: Files, token: str, way: str) -> None:
    given: dict[str, Any] = {"flags": {"token": token}} if way == "flag" else {"env": {way: token}}
    error = files.refused(**given)
    assert error.finding.reference == "token-malformed"
    assert token not in json.dumps(error.finding.as_json(), ensure_ascii=False)


def test_a_token_is_taken_without_the_space_around_it_and_never_shown(files: Files) -> None:
    settings = files.settings(env={"HF_TOKEN": f" {TOKEN}\r\n", "HUGGING_FACE_HUB_TOKEN": "hf_old"})
    assert settings.token == TOKEN
    assert TOKEN not in repr(settings)
    assert files.settings({"token": "hf_flag"}, {"HF_TOKEN": TOKEN}).token == "hf_flag"
    assert files.settings(env={"HUGGING_FACE_HUB_TOKEN": "hf_old"}).token == "hf_old"
    assert files.settings(env={"HF_TOKEN": " \n"}).token is None


# ------------------------------------------------------------------ a repository's file may be hostile


@pytest.mark.parametrize(
    "key", ["token", "ca_bundle", "state_dir", "cache_dir", "attempts", "HF_TOKEN", "\\e[31m", "1"]
)
def test_a_repository_may_not_say(files: Files, key: str) -> None:
    error = files.refused(repo=f'"{key}": x\n')
    assert error.finding.reference == "settings-unknown-key"
    assert "\x1b" not in error.finding.message


@pytest.mark.parametrize("where", ["http://evil.example", "https://huggingface.co", "hf-mirror", "HF", ""])
def test_a_repository_may_not_choose_where_the_token_goes(files: Files, where: str) -> None:
    assert files.refused(repo=f"endpoint: '{where}'\n").finding.reference == "repo-file-endpoint"


@pytest.mark.parametrize(
    ("flag", "environment", "user", "names"),
    [
        (("hf", "hf-mirror"), "", "", ["hf", "hf-mirror"]),
        (["hf-mirror"], "hf", "", ["hf-mirror"]),
        (("hf", "https://huggingface.co/", "hf"), "", "", ["hf"]),
        (None, "hf-mirror, http://127.0.0.1:9", "", ["hf-mirror", "127.0.0.1:9"]),
        (None, "", "endpoint: [local, hf]\n", ["local", "hf"]),
        (("auto",), "hf", "", []),
        (None, "", "", []),
    ],
)
def test_several_endpoints_can_be_named(files: Files, flag: Any, environment: str, user: str, names: list[str]) -> None:
    settings = files.settings({"endpoint": flag}, {"HFPUSH_ENDPOINT": environment}, user=user)
    assert [one.name for one in settings.endpoints] == names
    assert settings.endpoint == (settings.endpoints[0] if names else None)


@pytest.mark.parametrize(
    ("where", "reference"),
    [("auto,hf", "endpoint-auto-and-more"), (",", "endpoint-unknown"), ("hf,nobody", "endpoint-unknown")],
)
def test_several_endpoints_that_cannot_be(files: Files, where: str, reference: str) -> None:
    with pytest.raises(Misuse, match=reference):
        files.settings({"endpoint": where})


MISTAKEN = [
    *("to: 5", "to: [a]", "to: {a: b}", "to: 2024-01-01", "revision: 1.0", "type: true", "jobs: '3'", "jobs: true"),
    *("jobs: 1.5", "private: 'no'", "private: 1", "endpoint: [hf]", "endpoint: 5"),
]


@pytest.mark.parametrize("text", MISTAKEN)
def test_a_value_of_another_kind_is_refused(files: Files, text: str) -> None:
    assert files.refused(repo=text).finding.reference == "settings-value"


NOT_PLAIN: list[bytes] = [
    *(
        b"a: [",
        b"\t",
        b"to: 'x",
        b"[" * 50_000,
        b"{" * 50_000,
        b"- a\n",
        b"just a text",
        b"5",
        b"\xff\xfe\x00",
        b"to: \x00",
    ),
    *(
        b"to: 2020-13-01",
        b"to: !!bool maybe",
        b"to: !!timestamp x",
        b"to: !!int ''",
        b"to: !!float x",
        b"to: !!python/name:os",
    ),
    *(b"a: &a x\nto: *a", b"? [a]\n: b", b"#" * 70_000),
    b"a0: &a0 {x: y}\n" + b"".join(b"a%d: &a%d {<<: [*a%d, *a%d]}\n" % (n, n, n - 1, n - 1) for n in range(1, 40)),
]


@pytest.mark.parametrize("content", NOT_PLAIN, ids=range(len(NOT_PLAIN)))
def test_a_file_that_is_not_plain_yaml_is_one_finding(files: Files, content: bytes) -> None:
    error = files.refused(repo=content)
    assert error.finding.reference == "settings-unreadable"
    assert REPO_FILE in error.finding.evidence[0]


@pytest.mark.parametrize("content", ["", "\n", "# nothing\n", "---\n", "to:\n", "to: null\n"])
def test_a_file_may_say_nothing(files: Files, content: str) -> None:
    assert files.settings(repo=content) == files.settings()


@given(st.text(max_size=60) | st.binary(max_size=60))
@example("to: !!null x")
def test_any_content_is_settings_or_one_finding(tmp_path_factory: pytest.TempPathFactory, content: str | bytes) -> None:
    files = Files(tmp_path_factory.mktemp("any"))
    with suppress(Misuse):
        files.settings(repo=content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content)


def test_a_pipe_a_device_or_a_folder_is_not_waited_for(files: Files) -> None:
    place = files.repo / REPO_FILE
    for make in (lambda: os.mkfifo(place), lambda: place.symlink_to("/dev/zero"), place.mkdir):
        make()
        assert files.refused().finding.reference == "settings-unreadable"
        place.rmdir() if place.is_dir() else place.unlink()
    place.symlink_to(place)
    assert files.refused().finding.reference == "settings-unreadable"


def test_what_a_link_leads_to_is_not_quoted(files: Files) -> None:
    private = files.repo.parent / "private"
    private.write_text("-----BEGIN\nkey: [secretsecret\n")
    (files.repo / REPO_FILE).symlink_to(private)
    error = files.refused()
    assert "secret" not in json.dumps(error.finding.as_json())
    assert "line" in error.finding.evidence[0]


def test_a_folder_without_a_file_and_no_folder_at_all_say_nothing(files: Files) -> None:
    nothing = load_settings({}, {}, repo_root=files.repo / "none", user_file=files.user.parent / "none")
    assert nothing == files.settings()


# ------------------------------------------------------------------ the same places as huggingface_hub

ENVIRONMENTS: list[dict[str, str]] = [
    {},
    {"HF_HOME": "/h"},
    {"HF_HOME": "~/h"},
    {"HF_HOME": "$BASE/h"},
    {"HF_HOME": "$TILDE/h"},
    {"HF_HOME": "relative"},
    {"HF_HOME": "/h/"},
    {"XDG_CACHE_HOME": "/x"},
    {"XDG_CACHE_HOME": "~/x"},
    {"XDG_CACHE_HOME": "/x", "HF_HOME": "/h"},
    {"HF_HUB_CACHE": "/c"},
    {"HF_HUB_CACHE": "~/c/${BASE}"},
    {"HUGGINGFACE_HUB_CACHE": "/old"},
    {"HUGGINGFACE_HUB_CACHE": "~/old"},
    {"HF_HUB_CACHE": "/c", "HUGGINGFACE_HUB_CACHE": "/old", "HF_HOME": "/h", "XDG_CACHE_HOME": "/x"},
    {"HF_HUB_CACHE": "$UNSET_VARIABLE/c"},
    {"HF_HUB_CACHE": "~nobody-of-that-name/c"},
    {"HF_HUB_OFFLINE": "1"},
    {"HF_HUB_OFFLINE": "on"},
    {"HF_HUB_OFFLINE": "off"},
    {"TRANSFORMERS_OFFLINE": "yes"},
    {"HF_HUB_OFFLINE": "0", "TRANSFORMERS_OFFLINE": "1"},
    {"HF_TOKEN": " hf_a\n"},
    {"HUGGING_FACE_HUB_TOKEN": "hf_b"},
    {"HF_TOKEN": "hf_a", "HUGGING_FACE_HUB_TOKEN": "hf_b"},
    {"HF_TOKEN": "", "HUGGING_FACE_HUB_TOKEN": "hf_b"},
    {"HF_ENDPOINT": "http://127.0.0.1:8080/prefix/"},
]
ASK = """
import importlib, json, os, sys
import huggingface_hub.constants as constants
from huggingface_hub import get_token
from hfpush.settings import load_settings
usual = dict(os.environ)
rows = []
for more in json.load(sys.stdin):
    os.environ.clear()
    os.environ.update(usual | more)
    importlib.reload(constants)
    ours = load_settings({})
    rows.append([
        [str(ours.cache_dir), ours.offline, ours.token, ours.usual_endpoint.url],
        [constants.HF_HUB_CACHE, constants.HF_HUB_OFFLINE, get_token(), constants.ENDPOINT],
    ])
print(json.dumps(rows))
"""


def test_cache_offline_token_and_endpoint_are_where_huggingface_hub_has_them() -> None:
    env = {"PATH": os.environ["PATH"], "HOME": os.environ["HOME"], "BASE": "base", "TILDE": "~"}
    done = subprocess.run(
        [sys.executable, "-c", ASK], input=json.dumps(ENVIRONMENTS), env=env, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    for environment, (ours, theirs) in zip(ENVIRONMENTS, json.loads(done.stdout), strict=True):
        theirs[0] = str(Path(theirs[0]))
        assert ours == theirs, environment
