"""The list of endpoints, changed one at a time."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from hfpush.commands.endpoint import (
    NewEndpoint,
    add_endpoint,
    list_endpoints,
    remove_endpoint,
    trust_endpoint,
    use_endpoint,
)
from hfpush.errors import Misuse
from hfpush.hub.token import token_for
from hfpush.settings import Settings, load_settings

URL, SECRET = "https://artifacts.example/hf", "hf_notARealTokenButShapedLikeOne"


def settings(**environment: str) -> Settings:
    return load_settings({}, {**os.environ, **environment})


def add(name: str = "corp", url: str = URL, **given: Any) -> list[str]:
    return [found.reference for found in add_endpoint(settings(), NewEndpoint(name, url, **given)).findings]


def everything(folder: Path) -> str:
    return "".join(file.read_text() for file in folder.rglob("*") if file.is_file())


def test_what_is_added_is_listed_and_untrusted() -> None:
    assert add() == ["endpoint-untrusted"]
    row = next(row for row in list_endpoints(settings()) if row.endpoint.name == "corp")
    assert (row.endpoint.url, row.endpoint.trusted, row.defined, row.in_use) == (URL, False, "endpoints.yaml", False)
    assert row.as_json()["kind"] == "mirror"


def test_a_secret_in_the_url_is_moved_and_warned_of(home: Path) -> None:
    assert add(url=f"https://ada:{SECRET}@artifacts.example/hf", trusted=True) == ["endpoint-secret-moved"]
    known = settings()
    assert token_for(known, known.book.named("corp")) == SECRET
    assert SECRET not in (home / ".config/hfpush/endpoints.yaml").read_text()
    remove_endpoint(known, "corp")
    assert SECRET not in everything(home)


def test_a_token_from_stdin_needs_no_warning() -> None:
    assert add(token=f"{SECRET}\n", trusted=True) == []
    assert next(row.token for row in list_endpoints(settings()) if row.endpoint.name == "corp") == "file"


def test_this_machine_is_trusted_and_plain_http_elsewhere_is_warned_of() -> None:
    assert add("here", "http://127.0.0.1:9") == []
    assert add("there", "http://artifacts.example", trusted=True) == ["endpoint-plain-http"]


@pytest.mark.parametrize(
    ("given", "reference"),
    [
        ({"name": "hf"}, "endpoint-exists"),
        ({"name": "taken"}, "endpoint-exists"),
        ({"url": "https://taken.example/"}, "endpoint-exists"),
        ({"url": "https://hf.co"}, "endpoint-exists"),
        ({"name": "Corp"}, "endpoint-name"),
        ({"name": "auto"}, "endpoint-name"),
        ({"url": "artifacts.example"}, "endpoint-invalid"),
        ({"url": "htps://artifacts.example"}, "endpoint-invalid"),
        ({"kind": "mirorr"}, "endpoint-kind"),
        ({"proxy": "htp://proxy"}, "proxy-unusable"),
        ({"ca_bundle": Path("/nowhere/ca.pem")}, "ca-file-unusable"),
        ({"idle_seconds": 0.0}, "endpoint-seconds"),
        ({"token": "two words"}, "token-malformed"),
    ],
)
def test_what_cannot_be_added_is_refused_and_changes_nothing(given: dict[str, Any], reference: str, home: Path) -> None:
    add("taken", "https://taken.example")
    before = everything(home)
    with pytest.raises(Misuse) as caught:
        add(**given)
    assert caught.value.finding.reference == reference
    assert everything(home) == before


def test_force_puts_another_in_its_place_and_forgets_the_old_token(home: Path) -> None:
    add(token=SECRET, trusted=True)
    add(url="https://other.example", replaces=True)
    assert settings().book.named("corp").url == "https://other.example"
    assert SECRET not in everything(home)


def test_a_change_keeps_the_token_of_the_same_address() -> None:
    add(token=SECRET, trusted=True)
    add(trusted=True, kind="relay", replaces=True)
    known = settings()
    assert token_for(known, known.book.named("corp")) == SECRET


def test_trust_is_given_and_taken_away() -> None:
    trust_endpoint(settings(), "hf-mirror", trusted=True)
    assert settings().book.named("hf-mirror").trusted
    trust_endpoint(settings(), "hf", trusted=False)
    assert not settings().book.named("hf").trusted
    assert not remove_endpoint(settings(), "hf").entry.added
    assert settings().book.named("hf").trusted


def test_what_is_in_use_holds_until_it_is_removed() -> None:
    add()
    use_endpoint(settings(), "corp")
    assert settings().endpoint == settings().book.named("corp")
    assert [row.endpoint.name for row in list_endpoints(settings()) if row.in_use] == ["corp"]
    remove_endpoint(settings(), "corp")
    assert settings().endpoint is None


def test_a_variable_that_goes_before_is_told() -> None:
    found = use_endpoint(settings(HF_ENDPOINT="https://x.example"), "hf")
    assert [one.reference for one in found] == ["endpoint-overridden"]
    assert use_endpoint(settings(), "auto") == ()
    assert settings().endpoint is None


def test_one_in_use_without_a_name_is_listed_with_what_names_it() -> None:
    row = list_endpoints(settings(HF_ENDPOINT="https://x.example"))[-1]
    assert (row.endpoint.name, row.in_use, row.defined) == ("x.example", True, "HF_ENDPOINT")


@pytest.mark.parametrize("name", ["hf", "nobody"])
def test_what_is_not_there_to_be_removed_stays(name: str) -> None:
    with pytest.raises(Misuse) as caught:
        remove_endpoint(settings(), name)
    assert caught.value.finding.reference == ("endpoint-shipped" if name == "hf" else "endpoint-unknown")
