from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from hfpush.repo.repository import Repository
from hfpush.repo.rewrite.plan import plan_rewrite
from hfpush.repo.rewrite.values import Offence
from hfpush.repo.scope import Scope

NewRepo = Callable[..., "Place"]  # noqa: F821
BIG = b"big\0" * 500
SIGNATURE = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n abc\n -----END PGP SIGNATURE-----\n"


def everything_in(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_a_plan_says_what_would_change_and_writes_nothing(new_repo: NewRepo) -> None:
    place = new_repo()
    first = place.commit()
    place.write("x", BIG)
    place.write("same", BIG)
    second = place.commit()
    place.write("x", b"small")
    third = place.commit()
    place.git("tag", "-am", "v1", "v1", second)
    place.git("branch", "old", first)
    refs = {"refs/heads/main": third, "refs/tags/v1": place.git("rev-parse", "v1"), "refs/heads/old": first}
    blob = place.git("rev-parse", f"{second}:x")
    before = everything_in(place.path)
    offences = [Offence(second, path, blob, len(BIG)) for path in ("x", "same")]
    plan = plan_rewrite(Repository.around(place.path), Scope(refs), offences, published=frozenset({first, second}))
    assert everything_in(place.path) == before
    assert plan.offences == tuple(sorted(offences))
    assert (plan.commits, plan.published, plan.signed_commits, plan.signed_tags) == (2, 1, 0, 0)
    assert dict(plan.moves) == {name: refs[name] for name in ("refs/heads/main", "refs/tags/v1")}
    assert dict(plan.blobs) == {blob: len(BIG), place.git("rev-parse", f"{third}:x"): 5}
    assert plan.lfs_bytes == len(BIG) + 5


def test_signatures_that_will_be_lost_are_counted(new_repo: NewRepo) -> None:
    place = new_repo()
    place.write("x", BIG)
    plain = place.commit()
    text = place.git("cat-file", "commit", plain).replace("\n\n", f"\n{SIGNATURE}\n", 1) + "\n"
    signed = place.git("hash-object", "-t", "commit", "-w", "--stdin", stdin=text.encode())
    offence = Offence(signed, "x", place.git("rev-parse", f"{plain}:x"), len(BIG))
    plan = plan_rewrite(Repository.around(place.path), Scope({"refs/heads/main": signed}), [offence])
    assert plan.signed_commits == 1


@pytest.mark.parametrize(
    ("path", "content", "reason"),
    [
        (".gitmodules", BIG, "git itself reads"),
        ("d/.gitignore", BIG, "git itself reads"),
        ("empty", b"", "it is empty"),
        (
            "pointer",
            b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"a" * 64 + b"\nsize 1\n",
            "a pointer",
        ),
        ("/".join(["e" * 250] * 9), BIG, "too long for a line"),
        ("/".join(["d"] * 250), BIG, "folders deep"),
    ],
)
def test_what_no_rewrite_can_mend_is_left_with_a_reason(
    new_repo: NewRepo, path: str, content: bytes, reason: str
) -> None:
    place = new_repo()
    tip = place.commit()
    blob = place.git("hash-object", "-w", "--stdin", stdin=content)
    scope = Scope({"refs/heads/main": tip})
    plan = plan_rewrite(Repository.around(place.path), scope, [Offence(tip, path, blob, len(content))])
    assert reason in plan.unmended[0].reason
    assert (plan.offences, plan.commits) == ((), 0)


def test_an_offence_without_a_commit_or_outside_of_the_scope_is_left(new_repo: NewRepo) -> None:
    place = new_repo()
    place.write("x", BIG)
    known = place.commit()
    tip = place.commit()
    blob = place.git("rev-parse", f"{known}:x")
    scope = Scope({"refs/heads/main": tip}, frozenset({known}))
    offences = [Offence(known, "x", blob, len(BIG)), Offence("", "x", blob, len(BIG))]
    plan = plan_rewrite(Repository.around(place.path), scope, offences)
    assert [one.offence.commit for one in plan.unmended] == ["", known]
    assert plan.commits == 0


@pytest.mark.parametrize("kind", ["folder", "submodule", "file"])
def test_commits_whose_attributes_are_no_file_are_named(new_repo: NewRepo, kind: str) -> None:
    place = new_repo()
    place.write("x", BIG)
    place.write("foo 40000 .gitattributes", b"")
    first = place.commit()
    if kind == "submodule":
        place.git("update-index", "--add", "--cacheinfo", f"160000,{first},.gitattributes")
        place.git("commit", "-q", "-m", "module")
        second = place.git("rev-parse", "HEAD")
    else:
        place.write(".gitattributes/x" if kind == "folder" else ".gitattributes", b"")
        second = place.commit()
    offence = Offence(first, "x", place.git("rev-parse", f"{first}:x"), len(BIG))
    plan = plan_rewrite(Repository.around(place.path), Scope({"refs/heads/main": second}), [offence])
    assert plan.no_place == (() if kind == "file" else (second,))
