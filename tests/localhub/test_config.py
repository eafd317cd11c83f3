import dataclasses

import pytest

from hfpush.localhub.config import HubConfig


def test_a_hub_listens_on_this_machine_only_unless_told_otherwise(tmp_path):
    config = HubConfig(root=tmp_path)
    assert (config.host, config.port, config.storage_port) == ("127.0.0.1", 0, 0)


def test_a_configuration_does_not_change(tmp_path):
    with pytest.raises(dataclasses.FrozenInstanceError):
        HubConfig(root=tmp_path).port = 1
