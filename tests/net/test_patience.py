"""What a connection may take is known before anything that connects is loaded."""

from __future__ import annotations

import subprocess
import sys


def test_settings_are_read_without_loading_what_connects() -> None:
    asked = "import sys, hfpush.settings; print([name for name in ('requests', 'urllib3') if name in sys.modules])"
    said = subprocess.run([sys.executable, "-c", asked], check=True, capture_output=True, timeout=60).stdout
    assert said.strip() == b"[]"
