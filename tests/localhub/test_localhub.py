import subprocess
import sys

import pytest

import hfpush.localhub


def test_every_exported_name_is_there():
    assert all(getattr(hfpush.localhub, name) for name in hfpush.localhub.__all__)


def test_a_name_that_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match="nothing"):
        hfpush.localhub.nothing  # noqa: B018


def test_the_package_alone_does_not_load_the_http_server():
    code = "import sys, hfpush.localhub; sys.exit('aiohttp' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], timeout=60, check=False).returncode == 0
