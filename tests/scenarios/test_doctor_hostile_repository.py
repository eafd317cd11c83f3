"""A folder of somebody else's: nothing in it runs when doctor looks at it, and its names are harmless on a screen."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from support.command_line import git, make_repo
from support.slowly import mostly_slow

from hfpush.localhub import LocalHub

pytestmark = pytest.mark.needs("git")
POINTER = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'a' * 64}\nsize 5000\n".encode()
ODD = "evil\x1b[2J\x1b]0;owned\x07\u202etxt.exe\u2028\x9b31m"
WILD = {chr(code) for code in (*range(9), *range(11, 32), 127, *range(128, 160), 0x202E, 0x2028, 0x2066)}


def doctor(*words: str, **more: str) -> tuple[int, str, str, float]:
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "hfpush", "doctor", *words],
        env={**os.environ, "HFPUSH_STATE_DIR": os.environ["HOME"] + "/state", **more},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
        check=False,
    )
    out, err = done.stdout.decode(), done.stderr.decode()
    assert "Traceback" not in out + err
    return done.returncode, out, err, time.monotonic() - began


def signed(repo: Path) -> None:
    """Make the only commit one with a signature, which git may be told to have checked."""
    text = git(repo, "cat-file", "commit", "HEAD")
    head, _, message = text.partition("\n\n")
    tree = head.splitlines()[0]
    others = "\n".join(line for line in head.splitlines() if line.startswith(("author", "committer")))
    signature = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n abcd\n -----END PGP SIGNATURE-----"
    commit = f"{tree}\n{others}\n{signature}\n\n{message}\n"
    made = git(repo, "hash-object", "-t", "commit", "-w", "--stdin", stdin=commit.encode())
    git(repo, "update-ref", "HEAD", made)


def trapped(place: Path, url: str, *, whole: bool) -> tuple[Path, Path]:
    """A repository every setting of which would run a program, and the file that this one would write."""
    ran = place / "ran"
    evil = place / "evil"
    evil.write_text(f'#!/bin/sh\necho "$0 $@" >> {ran}\n')
    evil.chmod(0o755)
    files = {
        ".gitattributes": b"* filter=x diff=x merge=x\n*.bin filter=lfs diff=lfs merge=lfs -text\n",
        "b.txt": b"hi\n",
        "c.txt": b"hf_AbCdEfGhIjKlMnOpQrStUvWxYzAbCdEfGh\n",
    }
    agent = f'[lfs]\n\tstandalonetransferagent = x\n[lfs "customtransfer.x"]\n\tpath = {evil}\n'
    repo = make_repo(place / "repo", {}, {**files, "a.bin": POINTER, ".lfsconfig": agent.encode()})
    signed(repo)
    for hook in ("pre-push", "post-checkout", "fsmonitor-watchman", "reference-transaction", "post-index-change"):
        (place / "hooks").mkdir(exist_ok=True)
        (place / "hooks" / hook).symlink_to(evil)
    settings = {
        **dict.fromkeys(("core.fsmonitor", "core.sshCommand", "core.pager", "core.editor", "core.askPass"), evil),
        **dict.fromkeys(("core.gitProxy", "core.alternateRefsCommand", "credential.helper", "diff.external"), evil),
        **dict.fromkeys(
            (f"filter.{who}.{does}" for who in ("x", "lfs") for does in ("clean", "smudge", "process")), evil
        ),
        **dict.fromkeys(("diff.x.textconv", "diff.x.command", "diff.lfs.textconv", "merge.x.driver"), evil),
        **dict.fromkeys(("gpg.program", "gpg.openpgp.program", "interactive.diffFilter", "trailer.x.command"), evil),
        **dict.fromkeys(("lfs.customtransfer.x.path", "uploadpack.packObjectsHook", "pager.log", "pager.config"), evil),
        **dict.fromkeys(("remote.origin.uploadpack", "remote.origin.receivepack", "gc.recentObjectsHook"), evil),
        f"credential.{url}.helper": f"!{evil}",
        "core.hooksPath": place / "hooks",
        "log.showSignature": "true",
        "lfs.standalonetransferagent": "x",
        "protocol.ext.allow": "always",
        "protocol.allow": "always",
        "remote.origin.url": f"{url}/local/model",
        "remote.evil.url": f"ext::{evil} %S",
        "remote.evil.promisor": "true",
        "remote.evil.partialclonefilter": "blob:none",
        "extensions.partialClone": "evil",
        "core.repositoryformatversion": "1",
        f"url.ext::{evil} .insteadOf": "never://",
        "alias.config": f"!{evil}",
        "alias.ls-tree": f"!{evil}",
    }
    for key, value in settings.items():
        git(repo, "config", key, str(value))
    blob = git(repo, "rev-parse", "HEAD:b.txt")
    if not whole:
        (repo / ".git/objects" / blob[:2] / blob[2:]).unlink()  # what a partial clone would fetch
    return repo, ran


@pytest.mark.parametrize(
    ("words", "whole"),
    [
        pytest.param((), True, marks=pytest.mark.slow),
        (("--offline",), True),
        pytest.param(("--offline",), False, marks=pytest.mark.slow),
    ],
)
def test_nothing_of_a_repository_runs(tmp_path: Path, words: tuple[str, ...], whole: bool) -> None:
    with LocalHub(root=tmp_path / "hub") as hub:
        hub.create("local/model")
        repo, ran = trapped(tmp_path, hub.url, whole=whole)
        code, out, _, _ = doctor(str(repo), "--json", *words, HF_ENDPOINT=hub.url, HF_TOKEN=hub.token)
        facts = json.loads(out)["facts"]
        assert facts["repository"]["state"] == "repository"
        assert bool(facts["repository"]["tokens"]) is whole, "its history was looked through"
        if not words:
            assert facts["account"]["git_has"] is False, "the repository's own helper was not asked"
        assert not ran.exists(), ran.read_text()
        assert code in (0, 1)
        git(repo, "-c", "core.fsmonitor=", "log", "-1", "--show-signature")  # the trap is one
        assert ran.exists()


def strings(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    values = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for one in values for text in strings(one)]


@pytest.mark.slow
@pytest.mark.parametrize("words", [("--verbose",), ("--json",)])
def test_names_in_a_repository_neither_move_a_cursor_nor_turn_the_text(tmp_path: Path, words: tuple[str, ...]) -> None:
    name = ODD.encode().decode("utf-8", "surrogateescape")
    repo = make_repo(tmp_path / "repo", {f"{name}.bin": b"x" * 5000}, {f"{name}.txt": b"hi"})
    git(repo, "remote", "add", "origin", f"http://127.0.0.1:9/local/{name}")
    git(repo, "config", f"remote.{name}.url", f"http://127.0.0.1:9/{name}/model")
    git(repo, "config", f"http.http://{name}/.proxy", f"http://{name}:1")
    git(repo, "symbolic-ref", "HEAD", "refs/heads/\u202ebranch")
    log = f"fatal: unable to access 'https://{name}/': Could not resolve host: {name}\n"
    (tmp_path / "log").write_bytes(log.encode())
    _, out, err, _ = doctor(str(repo), "--log", str(tmp_path / "log"), *words, HF_ENDPOINT="http://127.0.0.1:9")
    assert not WILD & set(out + err), [hex(ord(one)) for one in WILD & set(out + err)]
    if words == ("--json",):
        shown = {letter for text in strings(json.loads(out)) for letter in text}
        assert not WILD & shown, [hex(ord(one)) for one in WILD & shown]


@pytest.mark.parametrize(
    "name",
    mostly_slow(
        [(".lfsconfig",), (".gitattributes",), (".hfpush.yaml",), ("proxychains.conf",), (".git/hooks/pre-push",)],
        quick={".lfsconfig"},
    ),
)
def test_what_has_no_end_in_a_folder_is_not_waited_for(tmp_path: Path, name: str) -> None:
    repo = make_repo(tmp_path / "repo", {}, {"b.txt": b"hi"})
    (repo / name).parent.mkdir(exist_ok=True)
    (repo / name).unlink(missing_ok=True)
    os.mkfifo(repo / name)
    git(repo, "config", "http.sslCAInfo", "/dev/zero")
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "hfpush", "doctor", "--offline", "--json"],
        cwd=repo,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode in (0, 1, 2), done.stdout
    assert json.loads(done.stdout).keys() & {"facts", "error"}
    assert time.monotonic() - began < 10


def test_somebody_elses_repository_is_looked_at_without_its_settings(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give a file away")
    repo = make_repo(tmp_path / "repo", {}, {"b.txt": b"hi"})
    git(repo, "config", "http.proxy", "http://127.0.0.1:9")
    for path in (repo, *repo.rglob("*")):
        os.chown(path, 12345, 12345)
    code, out, _, _ = doctor(str(repo), "--offline", "--json")
    assert code in (0, 1)
    assert json.loads(out)["facts"]["question"]["path"] == str(repo)
