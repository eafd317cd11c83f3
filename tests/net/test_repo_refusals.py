"""A Hub that does not let somebody at a repository: which one it is, and what to do about it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfpush.errors import HfpushError
from hfpush.net.failures import Answer, failure_of
from hfpush.net.repo_refusals import Named, repository_in

HUB = "https://hub.example"


@pytest.mark.parametrize(
    ("url", "named"),
    [
        (f"{HUB}/api/models/ada/m", Named("model", "ada/m", f"{HUB}/ada/m")),
        (f"{HUB}/api/models/ada/m/revision/main?x=1", Named("model", "ada/m", f"{HUB}/ada/m")),
        (f"{HUB}/api/models/gpt2", Named("model", "gpt2", f"{HUB}/gpt2")),
        (f"{HUB}/api/models/gpt2/revision/main", Named("model", "gpt2", f"{HUB}/gpt2")),
        (f"{HUB}/api/datasets/ada/d/tree/main", Named("dataset", "ada/d", f"{HUB}/datasets/ada/d")),
        (f"{HUB}/hf/api/spaces/ada/s/refs", Named("space", "ada/s", f"{HUB}/hf/spaces/ada/s")),
        (f"{HUB}/ada/m/resolve/main/a/b.bin", Named("model", "ada/m", f"{HUB}/ada/m")),
        (f"{HUB}/gpt2/resolve/main/a", Named("model", "gpt2", f"{HUB}/gpt2")),
        (f"{HUB}/hf/ada/m/resolve/main/a", Named("model", "ada/m", f"{HUB}/hf/ada/m")),
        (f"{HUB}/datasets/squad/resolve/main/a", Named("dataset", "squad", f"{HUB}/datasets/squad")),
        (f"{HUB}/hf/datasets/ada/d/raw/main/a", Named("dataset", "ada/d", f"{HUB}/hf/datasets/ada/d")),
        (f"{HUB}/ada/m.git/info/lfs/objects/batch", Named("model", "ada/m", f"{HUB}/ada/m")),
        (f"{HUB}/ada/m.git/info/refs?service=git-upload-pack", Named("model", "ada/m", f"{HUB}/ada/m")),
        (f"{HUB}/api/whoami-v2", None),
        (f"{HUB}/api/repos/create", None),
        (f"{HUB}/resolve/main", None),
        ("", None),
    ],
)
def test_the_repository_that_a_url_is_about(url: str, named: Named | None) -> None:
    assert repository_in(url) == named


def answered(status: int, code: str = "", message: str = "", *, token: bool, method: str = "GET") -> HfpushError:
    headers = {"X-Error-Code": code, "X-Error-Message": message}
    return failure_of(Answer(method, f"{HUB}/api/models/ada/m/revision/v1", status, headers, with_token=token), now=0)


@pytest.mark.parametrize(
    ("error", "reference", "message", "to_try"),
    [
        (
            answered(401, "", "Invalid username or password.", token=False),
            "token-missing",
            "There is no model ada/m, or it is private or gated and no token was sent.",
            "check the spelling",
        ),
        (
            answered(404, "RepoNotFound", token=True),
            "repo-not-found",
            "There is no model ada/m, or it is private and this token may not see it.",
            "check the spelling",
        ),
        (answered(404, "RepoNotFound", token=False), "repo-not-found", "or it is private.", "check the spelling"),
        (answered(404, "RevisionNotFound", token=False), "revision-not-found", "The model ada/m has no", "--revision"),
        (
            answered(401, "GatedRepo", "Access to model ada/m is restricted.", token=False),
            "repo-gated",
            "The model ada/m is gated: it wants the token of an account that has been let in, and none was sent.",
            f"open {HUB}/ada/m and accept its conditions",
        ),
        (
            answered(403, "GatedRepo", "you are not in the authorized list.", token=True),
            "repo-gated",
            "and the account of this token has not been let in.",
            f"open {HUB}/ada/m with that account",
        ),
        (
            answered(403, "GatedRepo", "Your request is awaiting a review from the repo authors", token=True),
            "repo-gated",
            "its owners have not yet decided",
            "wait for their answer",
        ),
        (
            answered(403, "GatedRepo", "Your request has been rejected by the authors", token=True),
            "repo-gated",
            "its owners have turned down your request.",
            None,
        ),
        (
            answered(403, "", "Access to this resource is disabled.", token=False),
            "repo-disabled",
            "The Hub has disabled the model ada/m",
            f"look at {HUB}/ada/m",
        ),
        (answered(403, token=True), "no-permission", "The token may not do this", "may read it"),
        (answered(403, token=True, method="POST"), "no-permission", "The token may not do this", "write permission"),
        (answered(401, token=True), "token-refused", "does not accept the token", "HF_TOKEN"),
    ],
)
def test_each_refusal_says_what_can_be_done(
    error: HfpushError, reference: str, message: str, to_try: str | None
) -> None:
    assert error.finding.reference == reference
    assert message in error.finding.message
    assert (error.finding.remedy == ()) if to_try is None else (to_try in error.finding.remedy[0])


def test_who_has_no_token_learns_how_to_get_one() -> None:
    for code in ("", "GatedRepo"):
        assert any("hf auth login" in line for line in answered(401, code, token=False).finding.remedy)


@given(st.text())
def test_any_text_is_about_a_repository_or_none(text: str) -> None:
    for url in (text, f"{HUB}/{text}", f"{HUB}/api/models/{text}", f"{HUB}/{text}/resolve/main/x"):
        named = repository_in(url)
        assert named is None or (named.id and "?" not in named.page)
