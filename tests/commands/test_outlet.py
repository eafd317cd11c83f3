"""The way out to an endpoint: which token, which proxy, which limits."""

from __future__ import annotations

import os
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from hfpush.commands.endpoint import NewEndpoint, add_endpoint
from hfpush.commands.outlet import network_for, noted, outlet_for
from hfpush.endpoints import Endpoint
from hfpush.endpoints.known import HF, HF_MIRROR
from hfpush.errors import Refused, Unavailable
from hfpush.findings import Finding
from hfpush.net.trace import Trace
from hfpush.settings import Settings, load_settings

TOKEN, OWN = "hf_theUsersTokenForTheHub", "hf_tokenOfTheEndpointAlone"


def settings(**environment: str) -> Settings:
    return load_settings({}, {**os.environ, **environment})


def test_the_hub_and_this_machine_get_the_users_token() -> None:
    known = settings(HF_TOKEN=TOKEN)
    assert outlet_for(known, HF, "publish").token == TOKEN
    assert outlet_for(known, known.book.find("http://127.0.0.1:9"), "publish").token == TOKEN


def test_an_endpoint_without_trust_gets_no_token_and_a_publish_is_refused_with_the_command_that_trusts_it() -> None:
    known = settings(HF_TOKEN=TOKEN)
    outlet = outlet_for(known, HF_MIRROR, "fetch")
    assert outlet.token is None
    assert [note.reference for note in outlet.notes] == ["token-withheld"]
    with pytest.raises(Refused) as caught:
        outlet_for(known, HF_MIRROR, "publish")
    assert "hfpush endpoint trust hf-mirror" in caught.value.finding.remedy[0]
    with pytest.raises(Refused) as caught:
        outlet_for(known, known.book.find("https://new.example/x"), "publish")
    assert "hfpush endpoint add NAME https://new.example/x --trust" in caught.value.finding.remedy[0]


def test_without_any_token_there_is_nothing_to_withhold() -> None:
    assert outlet_for(settings(), HF_MIRROR, "fetch").notes == ()


def test_a_token_of_its_own_goes_before_the_users_and_to_no_other_url() -> None:
    add_endpoint(settings(), NewEndpoint("corp", "https://corp.example", trusted=True, token=OWN))
    known = settings(HF_TOKEN=TOKEN)
    corp = known.book.named("corp")
    outlet = outlet_for(known, corp, "publish")
    assert (outlet.token, OWN in repr(outlet)) == (OWN, False)
    assert outlet_for(known, replace(corp, url="https://evil.example"), "publish").token == TOKEN
    assert outlet_for(known, HF, "publish").token == TOKEN


def test_a_proxys_password_comes_from_its_keeping() -> None:
    add_endpoint(settings(), NewEndpoint("corp", "https://corp.example", proxy="http://ada:hunter2@proxy.example:3128"))
    known = settings()
    routes = network_for(known, known.book.named("corp")).routes
    assert routes is not None
    assert routes.route("https://corp.example").proxy == "http://ada:hunter2@proxy.example:3128"
    assert "hunter2" not in routes.route("https://corp.example").shown
    assert known.book.named("corp").proxy == "http://ada@proxy.example:3128"


def test_a_limit_of_the_environment_goes_before_the_endpoints() -> None:
    slow = Endpoint("slow", "https://slow.example", connect_seconds=33.0, idle_seconds=44.0, answer_seconds=55.0)
    patience = network_for(settings(HFPUSH_IDLE_SECONDS="2"), slow).patience
    assert (patience.connect, patience.idle, patience.answer) == (33.0, 2.0, 55.0)


@pytest.mark.needs("git")
def test_gits_proxy_for_the_repository_holds(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    subprocess.run(
        ["git", "-C", str(tmp_path), "config", "http.https://huggingface.co.proxy", "http://p.example:1"], check=True
    )
    for place, proxy in ((tmp_path, "http://p.example:1"), (None, None)):
        routes = network_for(settings(), HF, place).routes
        assert routes is not None
        assert routes.route("https://huggingface.co/x").proxy == proxy


@pytest.mark.needs("git")
def test_a_ca_file_that_came_with_the_repository_is_a_note_also_of_what_fails(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    subprocess.run(["git", "-C", str(tmp_path), "config", "http.sslCAInfo", str(tmp_path / "ca.pem")], check=True)
    outlet = outlet_for(settings(), HF, "fetch", tmp_path)
    assert [note.reference for note in outlet.notes] == ["ca-file-in-repo"]
    with pytest.raises(Unavailable) as caught, noted(outlet):
        raise Unavailable(Finding("tls-failed", "No."))
    assert caught.value.also == outlet.notes


@pytest.mark.needs("git")
def test_a_trace_knows_the_secrets_of_the_outlet(tmp_path: Path, home: Path) -> None:
    own, proxys, gits = "of-the-endpoint", "of/its proxy", "of-gits-proxy"
    proxy = "http://ada:of%2Fits%20proxy@proxy.example:1"
    add_endpoint(settings(), NewEndpoint("corp", "https://corp.example", trusted=True, token=own, proxy=proxy))
    (home / ".gitconfig").write_text(f"[http]\n\tproxy = http://ada:{gits}@proxy.example:1\n")
    trace = Trace.open(tmp_path / "log")
    known = settings()
    traced = replace(known, network=replace(known.network, trace=trace))
    outlet_for(traced, known.book.named("corp"), "publish")
    trace.say(f"{own}, {proxys}, of%2Fits%20proxy, {gits}")
    trace.close()
    assert (tmp_path / "log").read_text()[10:] == "***, ***, ***, ***\n"
