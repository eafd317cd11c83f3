import hashlib
import subprocess

import pytest

from hfpush.disk.content import Content

DATA = b"some bytes\n"


def test_plain_content_is_its_sha256() -> None:
    content = Content(hashlib.sha256(DATA).hexdigest(), len(DATA))
    hasher = content.hasher()
    hasher.update(memoryview(DATA))
    assert hasher.hexdigest() == content.id


@pytest.mark.needs("git")
def test_git_content_is_what_git_calls_the_blob() -> None:
    asked = subprocess.run(["git", "hash-object", "--stdin"], input=DATA, capture_output=True, check=True, timeout=30)
    content = Content(asked.stdout.decode().strip(), len(DATA), git=True)
    hasher = content.hasher()
    hasher.update(memoryview(DATA))
    assert hasher.hexdigest() == content.id


def test_git_content_of_a_sha256_repository() -> None:
    expected = hashlib.sha256(b"blob 11\0" + DATA).hexdigest()
    hasher = Content(expected, 11, git=True).hasher()
    hasher.update(memoryview(DATA))
    assert hasher.hexdigest() == expected


@pytest.mark.parametrize("git", [False, True])
@pytest.mark.parametrize("id", ["", "../../etc/passwd", "A" * 64, "a" * 63, "a" * 64 + "\n", "\u0661" * 64, "g" * 40])
def test_id_that_is_no_digest_is_no_content(id: str, git: bool) -> None:
    with pytest.raises(ValueError):
        Content(id, 1, git=git)


def test_sha1_names_git_contents_only_and_sizes_are_not_negative() -> None:
    Content("a" * 40, 0, git=True)
    with pytest.raises(ValueError):
        Content("a" * 40, 0)
    with pytest.raises(ValueError):
        Content("a" * 64, -1)
