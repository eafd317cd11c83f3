from __future__ import annotations

import pytest

from hfpush.repo.rewrite.envelope import commit_envelope, essence, is_signed_tag, tagged, with_object, with_tree

OLD, NEW, OTHER = "a" * 40, "b" * 40, "c" * 40
WHO = b"author A <a@b> 1 +0730\ncommitter \xe4 <> 2 -9959\n"
SIGNATURE = b"gpgsig -----BEGIN PGP SIGNATURE-----\n \n abc\n -----END PGP SIGNATURE-----\n"
MERGETAG = b"mergetag object " + b"d" * 40 + b"\n type commit\n tag v1\n \n message\n gpgsig not a header\n"
HEAD = f"tree {OLD}\nparent {OLD}\nparent {OTHER}\n".encode() + WHO
NEW_HEAD = f"tree {NEW}\nparent {NEW}\nparent {OTHER}\n".encode() + WHO


@pytest.mark.parametrize(
    ("extra", "kept", "signed"),
    [
        (b"", b"", False),
        (b"encoding ISO-8859-1\n", b"encoding ISO-8859-1\n", False),
        (SIGNATURE, b"", True),
        (SIGNATURE.replace(b"gpgsig", b"gpgsig-sha256"), b"", True),
        (MERGETAG + MERGETAG + SIGNATURE + b"encoding x\n", b"encoding x\n", True),
        (b"HG:extra x\n more\n" + SIGNATURE, b"HG:extra x\n more\n", True),
    ],
)
@pytest.mark.parametrize("rest", [b"\nmessage\n", b"\n", b"", b"\nnul \0 \xe9\n\ngpgsig in a message\nparent x\n"])
def test_a_commit_keeps_every_byte_but_tree_parents_and_signatures(
    extra: bytes, kept: bytes, signed: bool, rest: bytes
) -> None:
    commit = HEAD + extra + rest
    assert commit_envelope(commit).tree == OLD
    assert commit_envelope(commit).parents == (OLD, OTHER)
    assert commit_envelope(commit).signed == signed
    assert with_tree(commit, NEW, {OLD: NEW}) == NEW_HEAD + kept + rest
    assert essence(commit) == essence(NEW_HEAD + kept + rest)


def test_the_essence_tells_a_change() -> None:
    commit = HEAD + b"\nmessage\n"
    assert len({essence(text) for text in (commit, commit + b"x", commit.replace(b"+0730", b"+0731"))}) == 3


@pytest.mark.parametrize(
    ("signature", "signed"),
    [
        (b"", False),
        (b"-----BEGIN PGP SIGNATURE-----\nx\n-----END PGP SIGNATURE-----\n", True),
        (b"-----BEGIN SSH SIGNATURE-----\nx\n-----END SSH SIGNATURE-----\n", True),
    ],
)
def test_a_tag_keeps_its_text_and_loses_its_signature(signature: bytes, signed: bool) -> None:
    rest = b"type commit\ntag v1\ntagger A <a@b> 1 +0000\n\nmessage \xe9\nobject in it"
    end = b"\n" if signed else b""
    tag = f"object {OLD}\n".encode() + rest + end + signature
    assert tagged(tag) == (OLD, "commit")
    assert is_signed_tag(tag) == signed
    assert with_object(tag, NEW) == f"object {NEW}\n".encode() + rest + end


def test_what_is_no_tag_names_nothing() -> None:
    assert tagged(b"") == tagged(b"object x") == ("", "")
