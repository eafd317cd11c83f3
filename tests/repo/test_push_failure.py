from __future__ import annotations

import pytest

from hfpush.errors import HfpushError, LocalTrouble, NotFound, Refused, Unavailable
from hfpush.repo.push_failure import push_failure

FRAME = "remote: " + "-" * 73
LARGE = f"""\
Enumerating objects: 3, done.
Writing objects: 100% (3/3), 10.01 MiB | 9.00 MiB/s, done.
{FRAME}\x1b[K
remote: Your push was rejected because it contains files larger than 10 MiB.\x1b[K
remote: Please use https://git-lfs.github.com/ to store large files.
remote:
remote: Offending files:
remote:   - weights/a b.json (ref: refs/heads/main)
remote:   - c.txt (ref: refs/heads/main)
{FRAME}
To https://huggingface.co/me/model
 ! [remote rejected] main -> main (pre-receive hook declined)
error: failed to push some refs to 'https://huggingface.co/me/model'
"""
BINARY = """\
remote: Your push was rejected because it contains binary files.
remote: Please use https://huggingface.co/docs/hub/xet to store binary
remote: files.
remote: Offending files:
remote:   - clip.mp4 (ref: refs/heads/main)
 ! [remote rejected] main -> main (pre-receive hook declined)
"""
TABLE = [
    (LARGE, Refused, "large-file-in-git"),
    ("remote: Your push was rejected because it contains files larger than 10M.", Refused, "large-file-in-git"),
    ("remote: see docs/hub/repositories-getting-started#terminal", Refused, "large-file-in-git"),
    (BINARY, Refused, "binary-file-in-git"),
    (
        "remote: rejected because an LFS pointer pointed to a file that does\nremote: not exist.\n! [remote rejected]",
        Refused,
        "object-not-on-hub",
    ),
    ("remote: Sorry, your push was rejected during YAML metadata verification", Refused, "model-card-invalid"),
    ("remote: Missing configuration in README", Refused, "model-card-invalid"),
    ("remote: files contain valid Hugging Face secrets", Refused, "secret-in-history"),
    (
        "remote: Your push was rejected because it contains too many files per\nremote: directory. Each directory in "
        "your git repo can only contain up to 10000 files.\nremote: Offending directories:\nremote: - /data/parts/",
        Refused,
        "too-many-files",
    ),
    ("remote: Your git repo would contain too many files after this push", Refused, "too-many-files"),
    ("remote: Private repository storage limit reached", Refused, "storage-full"),
    ("!\tabc:refs/heads/main\t[rejected] (fetch first)", Refused, "remote-moved"),
    (" ! [rejected]        main -> main (non-fast-forward)", Refused, "remote-moved"),
    ("!\tabc:refs/heads/main\t[rejected] (stale info)", Refused, "remote-moved"),
    (
        "This repository is configured for Git LFS but 'git-lfs' was not found on your path.",
        LocalTrouble,
        "git-lfs-missing",
    ),
    ("git: 'lfs' is not a git command. See 'git --help'.", LocalTrouble, "git-lfs-missing"),
    ("remote: Access to model me/m is restricted", Refused, "repo-gated"),
    ("fatal: could not read Username for 'https://h': terminal prompts disabled", Refused, "token-missing"),
    (
        "remote: Invalid username or password.\nfatal: Authentication failed for 'https://h/m/'",
        Refused,
        "token-refused",
    ),
    ("remote: Password authentication in git is no longer supported.", Refused, "token-refused"),
    (
        "remote: You have read access but not the required permissions for this operation\n"
        "fatal: unable to access 'https://h/m/': The requested URL returned error: 403",
        Refused,
        "no-permission",
    ),
    ("batch response: Forbidden: you must use a write token to upload to a repository.", Refused, "no-permission"),
    ("remote: Repository not found\nfatal: repository 'https://h/m/' not found", NotFound, "repo-not-found"),
    ("fatal: '/srv/x' does not appear to be a git repository", NotFound, "repo-not-found"),
    ("error: RPC failed; HTTP 429 curl 22 The requested URL returned error: 429", Unavailable, "rate-limited"),
    ("fatal: unable to access 'https://h/': The requested URL returned error: 307", Refused, "redirect-refused"),
    ("error: RPC failed; HTTP 413 curl 22", Refused, "request-too-large"),
    ("fatal: unable to access 'https://h/': SSL certificate problem: self signed", LocalTrouble, "tls-untrusted"),
    ("fatal: unable to access 'https://h/': Could not resolve host: h", Unavailable, "name-unresolved"),
    ("fatal: https://h/m/info/refs not valid: is this a git repository?", Refused, "not-a-hub"),
    (
        "error: RPC failed; HTTP 504 curl 22\nfatal: the remote end hung up unexpectedly",
        Unavailable,
        "push-interrupted",
    ),
    ("fatal: unable to access 'http://h/': Failed to connect to h port 80: Connection refused", Unavailable, None),
    ("fatal: unable to access 'http://h/': Operation too slow. Less than 1000 bytes/sec", Unavailable, None),
    ("remote: no.\n! [remote rejected] main -> main (pre-receive hook declined)", Refused, "push-declined"),
    ("tests failed\nerror: failed to push some refs to 'https://h/m'", LocalTrouble, "hook-declined"),
    ("fatal: something new", LocalTrouble, "push-failed"),
    ("", LocalTrouble, "push-failed"),
]


@pytest.mark.parametrize(("stderr", "kind", "reference"), TABLE)
def test_each_signature_has_its_meaning(stderr: str, kind: type[HfpushError], reference: str | None) -> None:
    failure = push_failure(stderr)
    assert type(failure) is kind
    assert failure.finding.reference == (reference or "push-interrupted")
    assert push_failure(stderr.upper()).finding.reference == failure.finding.reference


def test_offending_files_are_named_with_the_command_that_mends_them() -> None:
    finding = push_failure(LARGE).finding
    assert finding.evidence == ("weights/a b.json (refs/heads/main)", "c.txt (refs/heads/main)")
    assert "'--include=/weights/a b.json,/c.txt'" in finding.remedy[0]
    assert "--include-ref=refs/heads/main" in finding.remedy[0]


def test_neither_a_token_nor_a_control_character_is_shown() -> None:
    finding = push_failure("remote: \x1b]0;title\x07 http://u:hf_abcdefghijkl@h/x said no").finding
    assert "hf_abcdefghijkl" not in repr(finding)
    assert not any("\x1b" in line or "\x07" in line for line in finding.evidence)
