from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfpush.localhub.route import Target, parse


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/ns/name/info/refs", Target("git", "models", "ns/name", path="info/refs")),
        ("/ns/name.git/info/refs", Target("git", "models", "ns/name", path="info/refs")),
        ("/gpt2/info/refs", Target("git", "models", "gpt2", path="info/refs")),
        ("/gpt2.git/git-upload-pack", Target("git", "models", "gpt2", path="git-upload-pack")),
        ("/datasets/ns/name/git-receive-pack", Target("git", "datasets", "ns/name", path="git-receive-pack")),
        ("/datasets/squad.git/info/refs", Target("git", "datasets", "squad", path="info/refs")),
        ("/spaces/ns/app.git/info/lfs/objects/batch", Target("lfs", "spaces", "ns/app", path="objects/batch")),
        ("/gpt2.git/info/lfs/locks/a%2Fb/unlock", Target("lfs", "models", "gpt2", path="locks/a/b/unlock")),
        ("/ns/name/resolve/main/a/b.bin", Target("resolve", "models", "ns/name", "main", "a/b.bin")),
        ("/gpt2/resolve/main/a%20b", Target("resolve", "models", "gpt2", "main", "a b")),
        ("/ns/name/resolve/refs%2Fpr%2F1/a", Target("resolve", "models", "ns/name", "refs/pr/1", "a")),
        ("/datasets/ns/d/raw/main/x", Target("raw", "datasets", "ns/d", "main", "x")),
        ("/ns/name/tree/main", Target("tree", "models", "ns/name", "main")),
        ("/ns/name/blob/main/x", Target("blob", "models", "ns/name", "main", "x")),
        ("/ns/name/commit/abc", Target("commit", "models", "ns/name", "abc")),
        ("/ns/name", Target("page", "models", "ns/name")),
        ("/ns/name/", Target("page", "models", "ns/name")),
        ("/gpt2", Target("page", "models", "gpt2")),
        ("/datasets/ns/name", Target("page", "datasets", "ns/name")),
    ],
)
def test_paths_name_doors(path, target):
    assert parse(path) == target


@pytest.mark.parametrize(
    "path",
    ["/", "", "//x", "/api/models/ns/name", "/-/seen", "/a/b/c", "/a/b/info/refs/x", "/a/b/info/lfs", "/datasets"],
)
def test_other_paths_name_nothing(path):
    assert parse(path) is None


_SEGMENT = st.text(st.characters(codec="utf-8"), min_size=1).filter(lambda text: not text.endswith(".git"))


@given(_SEGMENT, _SEGMENT, st.text(min_size=1), st.lists(_SEGMENT, min_size=1))
def test_a_resolve_path_gives_back_what_was_quoted_into_it(namespace, name, rev, path):
    quoted = "/".join(quote(segment, safe="") for segment in path)
    url = f"/datasets/{quote(namespace, safe='')}/{quote(name, safe='')}/resolve/{quote(rev, safe='')}/{quoted}"
    found = parse(url)
    if namespace in ("api", "-") or name in ("resolve", "raw", "blob", "tree", "commit"):
        return
    assert found == Target("resolve", "datasets", f"{namespace}/{name}", rev, "/".join(path))


@given(st.text())
def test_any_text_is_a_target_or_none(path):
    target = parse(path)
    assert target is None or (target.type in ("models", "datasets", "spaces") and target.id)
