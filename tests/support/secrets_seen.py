"""What must not be found where others can look, in each form that it takes on its way."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass

PASSWORD = "pr0xyPassw0rd"
SIGNED = re.compile(rb"X-Amz-Signature=[0-9a-f]{8}|[?&]signature=[0-9a-f]{8}")


@dataclass
class Secrets:
    """What must not be found, in each form that it takes on its way."""

    forms: tuple[bytes, ...]

    @classmethod
    def of(cls, token: str, *more: str) -> Secrets:
        """A token, the proxy's password, and more tokens."""
        tokens = (token, *more)
        logins = [f"{user}:{one}" for user in ("hfpush", "user", "token", "x", "me", "") for one in tokens]
        packed = [base64.b64encode(login.encode()).decode().rstrip("=") for login in (*logins, f"ada:{PASSWORD}")]
        return cls(tuple(form.encode() for form in (*tokens, PASSWORD, *packed)))

    def found_in(self, data: bytes) -> list[bytes]:
        return [form for form in self.forms if form in data]
