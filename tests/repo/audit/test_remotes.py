from __future__ import annotations

import pytest

from hfpush.endpoints import Endpoint, endpoint_of
from hfpush.repo.audit.remotes import hub_remotes, is_hub, type_of

HF = endpoint_of("hf")
MIRROR = endpoint_of("http://127.0.0.1:8080/hub")


@pytest.mark.parametrize(
    ("url", "endpoint", "hub", "type"),
    [
        ("https://huggingface.co/ada/m", HF, True, "model"),
        ("https://huggingface.co/datasets/ada/m", HF, True, "dataset"),
        ("https://ada:secret@huggingface.co/spaces/ada/m.git", HF, True, "space"),
        ("https://hf.co/ada/m", HF, True, "model"),
        ("git@hf.co:ada/m", HF, True, "model"),
        ("git@hf.co:datasets/ada/m", HF, True, "dataset"),
        ("ssh://git@hf.co:22/spaces/ada/m", HF, True, "space"),
        ("https://HuggingFace.co/ada/m", MIRROR, True, "model"),
        ("http://127.0.0.1:8080/hub/ada/m", MIRROR, True, "model"),
        ("http://user@127.0.0.1:8080/hub/datasets/ada/m", MIRROR, True, "dataset"),
        ("http://127.0.0.1:8080/other/ada/m", MIRROR, False, None),
        ("http://127.0.0.1:8080/hub/ada/m", HF, False, None),
        ("https://github.com/huggingface.co/m", HF, False, None),
        ("https://huggingface.co.evil.example/ada/m", HF, False, None),
        ("https://evil.example/@huggingface.co/m", HF, False, None),
        ("git@github.com:hf.co/m.git", HF, False, None),
        ("../elsewhere", HF, False, None),
        ("/srv/hf.co:x/y", HF, False, None),
        ("file:///huggingface.co/m", HF, False, None),
        ("https://[broken/x", HF, False, None),
        ("", HF, False, None),
    ],
)
def test_which_urls_are_a_hub(url: str, endpoint: Endpoint, hub: bool, type: str | None) -> None:
    assert is_hub(url, endpoint) is hub
    assert type_of(url, endpoint) == type


def test_a_remote_elsewhere_does_not_count() -> None:
    remotes = [("origin", "https://github.com/ada/m"), ("hub", "git@hf.co:ada/m"), ("also", "https://hf.co/a/b")]
    assert hub_remotes(remotes, HF) == {"hub", "also"}
