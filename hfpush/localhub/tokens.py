"""The tokens of the user `local`, made once per root and kept there.

<root>/tokens.json     {"version": 1, "write": "hf_…", "read": "hf_…"}, mode 0600; whoever deletes it gets new ones
"""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path

from hfpush.localhub.auth import EVERY_NAMESPACE, User

LOCAL = "local"


def local_users(root: Path) -> tuple[User, User]:
    """The user `local`, member of every namespace, with a write token and with a read token; new ones are kept."""
    file = root / "tokens.json"
    try:
        kept = json.loads(file.read_text())
    except FileNotFoundError:
        kept = {"version": 1, "write": _new(), "read": _new()}
        aside = file.with_suffix(".new")
        aside.unlink(missing_ok=True)
        with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            json.dump(kept, out)
        aside.replace(file)
    everywhere = (EVERY_NAMESPACE,)
    return User(LOCAL, kept["write"], "write", everywhere), User(LOCAL, kept["read"], "read", everywhere)


def _new() -> str:
    return "hf_" + secrets.token_hex(17)
