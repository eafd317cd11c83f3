"""The huggingface_hub of the user's `hf`, which may be another Python's."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hfpush.diagnose.hub_python import certifi_of, hub_programs, hub_python, own_python


def environment_with(place: Path, packages: dict[str, str], needs: tuple[str, ...] = (), first: str = "") -> Path:
    """A Python environment that has these packages, and `hf`; its folder of programs."""
    site = place / "lib/python3.12/site-packages"
    site.mkdir(parents=True)
    (place / "pyvenv.cfg").touch()
    for name, version in packages.items():
        folder = site / f"{name}-{version}.dist-info"
        folder.mkdir()
        lines = [f"Requires-Dist: {one}" for one in needs] if name == "huggingface_hub" else []
        (folder / "METADATA").write_text("\n".join([f"Name: {name}", *lines, ""]))
    (place / "bin").mkdir()
    (place / "bin/hf").write_text(first or f"#!{place}/bin/python\nimport sys\n")
    (place / "bin/hf").chmod(0o755)
    (place / "bin/python").touch(0o755)
    return place / "bin"


@pytest.mark.parametrize(
    ("packages", "needs", "http"),
    [
        ({"huggingface_hub": "0.36.0", "requests": "2.32.0"}, ("requests",), "requests 2.32.0"),
        ({"huggingface_hub": "1.2.0", "httpx": "0.28.1"}, ("httpx (>=0.23.0,<1)",), "httpx 0.28.1"),
        ({"huggingface_hub": "2.4.0", "httpx2": "2.16.2"}, ("httpx2>=2.0",), "httpx2 2.16.2"),
    ],
)
def test_its_library_is_what_it_needs(
    tmp_path: Path, packages: dict[str, str], needs: tuple[str, ...], http: str
) -> None:
    path = environment_with(tmp_path / "venv", {**packages, "hf_xet": "1.1.0"}, needs)
    hub, xet = hub_programs({"PATH": str(path)})
    assert (hub.version, hub.http, hub.path) == (packages["huggingface_hub"], http, str(path / "hf"))
    assert hub.lacking == ("socksio", "PySocks")
    assert xet.version == "1.1.0"


def test_what_is_installed_for_socks_is_seen(tmp_path: Path) -> None:
    path = environment_with(tmp_path / "venv", {"huggingface_hub": "2.4.0"}, ("httpx2",))
    (tmp_path / "venv/lib/python3.12/site-packages/socksio").mkdir()
    assert hub_programs({"PATH": str(path)})[0].lacking == ("PySocks",)


@pytest.mark.parametrize(("content", "lacking"), [(b"reqwest::connect::socks", ()), (b"nothing", ("socks",))])
def test_a_build_of_hf_xet_tells_whether_it_has_socks(tmp_path: Path, content: bytes, lacking: tuple[str, ...]) -> None:
    path = environment_with(tmp_path / "venv", {"huggingface_hub": "2.4.0", "hf_xet": "1.8.0"}, ("httpx2",))
    folder = tmp_path / "venv/lib/python3.12/site-packages/hf_xet"
    folder.mkdir()
    (folder / "hf_xet.abi3.so").write_bytes(content)
    assert hub_programs({"PATH": str(path)})[1].lacking == lacking


def test_a_long_path_is_in_the_second_line(tmp_path: Path) -> None:
    first = f"#!/bin/sh\n'''exec' \"{tmp_path}/venv/bin/python\" \"$0\" \"$@\"\n' '''\n"
    path = environment_with(tmp_path / "venv", {"huggingface_hub": "1.0.0"}, ("httpx",), first)
    assert hub_python({"PATH": str(path)}).version("huggingface_hub") == "1.0.0"


def test_without_an_hf_it_is_our_own(tmp_path: Path) -> None:
    found = hub_python({"PATH": str(tmp_path)})
    assert found.command == ""
    assert found.version("huggingface_hub")
    assert certifi_of(own_python()).endswith("cacert.pem")
    assert os.path.isfile(certifi_of(found))


def test_an_hf_that_leads_nowhere_is_passed_over(tmp_path: Path) -> None:
    program = tmp_path / "hf"
    program.write_text("#!/bin/sh\nexec something\n")
    program.chmod(0o755)
    assert hub_python({"PATH": str(tmp_path)}).command == ""
