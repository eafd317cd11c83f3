"""What `import hfpush` gives, and what it costs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import hfpush
from hfpush.commands.python_api import fetch
from hfpush.errors import HfpushError

_HEAVY = ("requests", "typer", "huggingface_hub", "rich", "urllib3", "hfpush.commands", "hfpush.errors")


def test_the_package_alone_loads_nothing_heavy() -> None:
    program = f"import sys, hfpush; print([name for name in {_HEAVY!r} if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_its_names_are_those_of_the_modules() -> None:
    assert hfpush.fetch is fetch
    assert hfpush.HfpushError is HfpushError
    assert sorted(hfpush.__all__) == ["HfpushError", "fetch"]
    with pytest.raises(AttributeError, match="'fetsch'"):
        hfpush.fetsch  # type: ignore[attr-defined]  # noqa: B018


@pytest.mark.slow
def test_a_type_checker_sees_the_signature_and_the_slip(tmp_path: Path) -> None:
    pytest.importorskip("mypy")
    (tmp_path / "use.py").write_text(
        "from hfpush import fetch\nreveal_type(fetch('a/b').path)\nfetch(5)\nfrom hfpush import fetsch\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", f"--cache-dir={tmp_path / 'cache'}", "use.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert 'Revealed type is "pathlib.Path"' in done.stdout
    assert "use.py:3: error" in done.stdout
    assert "use.py:4: error" in done.stdout
