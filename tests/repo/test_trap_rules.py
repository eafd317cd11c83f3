"""What is said of odd and hostile settings, and that nothing is said of the others."""

from __future__ import annotations

import pytest

from hfpush.endpoints import Endpoint, RepoAddress
from hfpush.findings import Finding
from hfpush.repo.trap_rules import Setting, Surroundings, allowed, elsewhere, traps

REPO = RepoAddress.parse(Endpoint("hf", "https://huggingface.co"), "ada/model")
AROUND = Surroundings(REPO, "my repo", frozenset({"/gone/agent"}))
REMOTE = ("remote.origin.url", "https://huggingface.co/ada/model")
TOKEN = "hf_" + "s" * 30


def settings(*pairs: tuple[str, str], brought: bool = False) -> list[Setting]:
    file = ".lfsconfig" if brought else "/x/.git/config"
    return [Setting(key, value, file, line, file, brought) for line, (key, value) in enumerate(pairs, start=2)]


def told(*pairs: tuple[str, str], remote: tuple[str, str] = REMOTE) -> list[Finding]:
    return list(traps(settings(remote, *pairs), [], AROUND))


ODD = {
    "lfs-url-overrides": [
        [("lfs.url", "https://lfs.example/x")],
        [("lfs.pushurl", "https://huggingface.co/ada/other.git/info/lfs")],
        [("remote.origin.lfsurl", "https://lfs.example/x")],
        [("remote.origin.lfspushurl", "file:///srv")],
    ],
    "url-rewritten": [
        [("url.https://relay.example/.insteadof", "https://huggingface.co/")],
        [("url.https://relay.example/.pushinsteadof", "https://huggingface.co/ada")],
    ],
    "lfs-agent-missing": [[("lfs.customtransfer.multipart.path", "/gone/agent")]],
    "proxy-key-unknown": [[("https.proxy", "http://p:1")], [("https.https://huggingface.co.proxy", "http://p:1")]],
    "tls-unverified": [
        [("http.sslverify", "false")],
        [("http.https://huggingface.co.sslverify", "0")],
        [("http.https://huggingface.co.sslverify", "no"), ("http.sslverify", "true")],
    ],
    "lfs-agent-standalone": [
        [("lfs.standalonetransferagent", "x")],
        [("lfs.https://huggingface.co.standalonetransferagent", "x")],
    ],
    "lfs-basic-only": [[("lfs.basictransfersonly", "true")]],
    "token-in-remote": [
        [("remote.other.url", f"https://u:{TOKEN}@huggingface.co/x/y")],
        [(f"url.https://u:{TOKEN}@huggingface.co/.insteadof", "https://huggingface.co/")],
        [("lfs.url", f"https://{TOKEN}@huggingface.co/ada/model.git/info/lfs")],
    ],
}


@pytest.mark.parametrize(("reference", "pairs"), [(name, pairs) for name, rows in ODD.items() for pairs in rows])
def test_an_odd_setting_is_a_warning_with_its_file_and_line(reference: str, pairs: list[tuple[str, str]]) -> None:
    (finding,) = told(*pairs)
    assert (finding.reference, finding.severity) == (reference, "warning")
    assert finding.evidence[0].startswith("/x/.git/config, line 3: ")
    assert finding.remedy
    assert TOKEN not in str(finding)


@pytest.mark.parametrize(
    "pairs",
    [
        [],
        [("lfs.url", "https://huggingface.co/ada/model.git/info/lfs")],
        [("lfs.url", "https://lfs.example/x"), ("lfs.url", "")],
        [("remote.other.lfsurl", "https://lfs.example/x")],
        [("url.https://ada@huggingface.co/.insteadof", "https://huggingface.co/")],
        [("url.https://relay.example/.insteadof", "https://github.com/")],
        [
            ("url.https://relay.example/.insteadof", "https://huggingface.co/"),
            ("url.https://huggingface.co/ada/.insteadof", "https://huggingface.co/ada/"),
        ],
        [("lfs.customtransfer.multipart.path", "/there/agent")],
        [("http.proxy", "http://p:1")],
        [("http.sslverify", "false"), ("http.sslverify", "true")],
        [("http.sslverify", "false"), ("http.https://huggingface.co.sslverify", "true")],
        [("http.https://other.example.sslverify", "false")],
        [("lfs.https://other.example.standalonetransferagent", "x")],
        [("lfs.basictransfersonly", "false")],
    ],
)
def test_of_a_usual_setting_nothing_is_said(pairs: list[tuple[str, str]]) -> None:
    assert told(*pairs) == []


def test_without_a_remote_at_the_endpoint_only_the_proxy_that_is_none_is_told() -> None:
    every = [pair for rows in ODD.values() for pairs in rows for pair in pairs if "huggingface.co/x" not in pair[1]]
    found = told(*every, remote=("remote.origin.url", "https://github.com/ada/model"))
    assert [one.reference for one in found] == ["proxy-key-unknown"]


def test_a_token_in_a_remote_is_taken_out_by_the_command_that_is_told() -> None:
    (finding,) = told(("remote.hub.pushurl", f"https://ada:{TOKEN}@huggingface.co/ada/model"))
    assert finding.remedy[0] == "git -C 'my repo' remote set-url --push hub https://huggingface.co/ada/model"


def test_of_an_address_with_a_secret_no_command_is_told_but_the_line() -> None:
    (finding,) = told((f"url.https://u:{TOKEN}@huggingface.co/.insteadof", "https://huggingface.co/"))
    assert finding.remedy[0] == "take the password out of /x/.git/config, line 3"


def test_a_missing_agent_of_the_hubs_kind_is_repaired_and_another_is_taken_away() -> None:
    gone = "/gone/agent"
    (finding,) = told(("lfs.customtransfer.multipart.path", gone), ("lfs.customtransfer.own.path", gone))
    assert finding.remedy == (
        "hfpush lfs enable-largefiles 'my repo'",
        "git config --file /x/.git/config --unset-all lfs.customtransfer.own.path",
    )


def test_a_proxy_under_the_wrong_name_is_moved_to_the_right_one_without_its_password() -> None:
    (finding,) = told(("https.proxy", "http://ada:pw@p:1"))
    assert finding.remedy == (
        "git config --file /x/.git/config http.proxy '<the same URL>'",
        "git config --file /x/.git/config --unset-all https.proxy",
    )
    assert "pw" not in str(finding)


@pytest.mark.parametrize("key", ["lfs.url", "lfs.pushurl", "remote.origin.lfsurl"])
@pytest.mark.parametrize("url", ["https://evil.example/x", "http://huggingface.co/ada/model", "file:///x", "x@y:z"])
def test_files_that_lead_to_another_host_are_an_error_until_the_user_agrees(key: str, url: str) -> None:
    brought = settings((key, url), brought=True)
    finding = elsewhere(brought, AROUND)
    assert finding is not None
    assert (finding.reference, finding.severity) == ("lfs-elsewhere", "error")
    assert finding.evidence == (f".lfsconfig, line 2: {key} = {url}",)
    assert finding.remedy[0] == f"git config --file .lfsconfig --unset-all {key}"
    assert allowed(finding).severity == "warning"
    assert not any("--allow-lfsconfig" in line for line in allowed(finding).remedy)
    assert traps(settings(REMOTE), brought, AROUND) == (), "it is told once"


@pytest.mark.parametrize(
    ("key", "url"),
    [
        ("lfs.url", "https://huggingface.co/ada/other.git/info/lfs"),
        ("lfs.url", ""),
        ("lfs.standalonetransferagent", "https://evil.example"),
        ("remote.origin.url", "https://evil.example"),
        ("lfs.fetchexclude", "*.bin"),
    ],
)
def test_what_stays_at_the_host_or_is_not_read_from_there_goes_along(key: str, url: str) -> None:
    assert elsewhere(settings((key, url), brought=True), AROUND) is None


def test_files_that_lead_to_another_repository_of_the_host_are_a_warning() -> None:
    brought = settings(("lfs.url", "https://huggingface.co/ada/other.git/info/lfs"), brought=True)
    assert [one.reference for one in traps(settings(REMOTE), brought, AROUND)] == ["lfs-url-overrides"]
