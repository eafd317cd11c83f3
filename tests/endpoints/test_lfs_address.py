from __future__ import annotations

import pytest

from hfpush.endpoints import RepoAddress, endpoint_of
from hfpush.endpoints.lfs_address import LfsAddress


@pytest.mark.parametrize("kind", ["model", "dataset"])
def test_a_repository_has_the_same_names_by_its_id_and_by_its_lfs_url(kind: str) -> None:
    endpoint = endpoint_of("http://127.0.0.1:8080/prefix")
    repo = RepoAddress.parse(endpoint, "ada/model", kind)
    address = LfsAddress(endpoint, repo.lfs_url)
    assert (address.lfs_url, address.web_url) == (repo.lfs_url, repo.web_url)


def test_any_other_lfs_server_is_its_own_name() -> None:
    assert LfsAddress(endpoint_of("hf"), "https://lfs.example/x").web_url == "https://lfs.example/x"
