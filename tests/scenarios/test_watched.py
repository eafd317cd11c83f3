"""Nothing passes silently: what a publish says while a server is slow, when it is interrupted, and in its log."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest
from support.command_line import CommandLine, git, make_repo

from hfpush.localhub import LocalHub, delay, slow
from hfpush.localhub.auth import User

PARTS = {"part_size": 100_000, "multipart_threshold": 200_000}


def test_the_log_of_a_publish_has_its_whole_way_and_no_secret(tmp_path: Path, home: Path) -> None:
    repo = make_repo(tmp_path / "repo", {"a.bin": os.urandom(350_000)})
    log = tmp_path / "run.log"
    with LocalHub(root=tmp_path / "hub", **PARTS) as hub:
        said = CommandLine(home, hub).publish(repo, "--log", str(log))
        assert said.code == 0, said
        text = log.read_text()
        assert hub.token not in text
    assert not re.search(r"Signature|Credential|\?[^*]", text), "no query of an address"
    assert [line[10:] for line in text.splitlines()][-1] == "done"
    assert len(re.findall(r"#\d+ PUT 127\.0\.0\.1/\S+, (?:100|50)\.0 kB, signed", text)) == 4
    assert re.search(r"#\d+ POST 127\.0\.0\.1/local/model\.git/info/lfs/objects/batch, .*with a token", text)
    assert re.search(r"#\d+ 200 after 0\.\d{3} s; .*etag: ", text)
    assert "git: " in text
    assert log.stat().st_mode & 0o777 == 0o600


def test_a_note_is_in_the_document_and_a_token_that_looks_like_none_is_not_in_the_log(
    tmp_path: Path, home: Path
) -> None:
    repo, log = make_repo(tmp_path / "repo", {"a.bin": os.urandom(50_000)}), tmp_path / "run.log"
    git(repo, "config", "http.sslCAInfo", str(repo / "ca.pem"))
    with LocalHub(root=tmp_path / "hub", users=(User("local", "plain-words-alone", "write", ("*",)),)) as hub:
        hfpush = CommandLine(home, hub, token="")
        adding = hfpush.command("endpoint", "add", "own", hub.url, "--kind", "relay", "--token-stdin")
        subprocess.run(adding, env=hfpush.environment, input=hub.token, text=True, check=True, timeout=60)
        said = hfpush.publish(repo, "--endpoint", "own", "--log", str(log))
        assert said.code == 0, said
    assert [note["reference"] for note in said.document["findings"]] == ["ca-file-in-repo"]
    text = log.read_text()
    assert "with a token" in text
    assert "plain-words-alone" not in text


def test_an_interrupted_publish_names_what_is_kept_and_the_command_that_goes_on(tmp_path: Path, home: Path) -> None:
    repo = make_repo(tmp_path / "repo", {"a.bin": os.urandom(800_000)})
    with LocalHub(slow(200_000), root=tmp_path / "hub", **PARTS) as hub:
        hfpush = CommandLine(home, hub)
        words = hfpush.command("publish", str(repo), "--to", "local/model", "--jobs", "2")  # not all parts at once
        process = subprocess.Popen(words, env=hfpush.environment, stderr=subprocess.PIPE, text=True)
        end = time.monotonic() + 30
        while hub.seen.count("put") < 1 and time.monotonic() < end:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
    assert process.returncode == 130, err
    last = err.splitlines()[-3:]
    assert re.fullmatch(r"[0-9.]+ k?B of 800\.0 kB have arrived, and are kept", last[0])
    assert last[1] == "interrupted; run the same command again; it goes on where it was"
    assert last[2] == f"  hfpush publish {repo} --to local/model --jobs 2"


@pytest.mark.slow
def test_a_slow_answer_is_told_with_host_layer_and_seconds_and_then_that_it_came(tmp_path: Path, home: Path) -> None:
    repo = make_repo(tmp_path / "repo", {"a.bin": os.urandom(50_000)})
    with LocalHub(delay(13, on="batch", times=1), root=tmp_path / "hub", **PARTS) as hub:
        said = CommandLine(home, hub).run("publish", str(repo), "--to", "local/model")
    assert said.code == 0, said
    assert re.search(r"^127\.0\.0\.1: waiting for the answer for 1\d s", said.err, re.MULTILINE), said.err
    assert re.search(r"^127\.0\.0\.1: moving again after 1\d s$", said.err, re.MULTILINE), said.err


@pytest.mark.slow
def test_a_mirror_that_takes_a_part_first_gets_more_time_the_larger_the_part_is(tmp_path: Path, home: Path) -> None:
    repo = make_repo(tmp_path / "repo", {"a.bin": os.urandom(4_000_000)})
    with LocalHub(delay(3, on="put", times=1), root=tmp_path / "hub") as hub:
        said = CommandLine(home, hub).publish(repo, HFPUSH_ANSWER_SECONDS="1")
        assert said.code == 0, said
        assert hub.seen.count("put") == 1, "the answer was waited for"
