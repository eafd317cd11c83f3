"""The token that `hf auth login` left on this machine."""

from __future__ import annotations

from hfpush.errors import LocalTrouble
from hfpush.net.redact import redact


def saved_token() -> str | None:
    """The saved token where huggingface_hub looks for it (HF_TOKEN_PATH, $HF_HOME/token), or None.

    With HF_HUB_DISABLE_IMPLICIT_TOKEN set there is none, as for huggingface_hub itself. Raises LocalTrouble when there
    should be one, but huggingface_hub cannot get it.
    """
    import huggingface_hub.constants
    from huggingface_hub import get_token  # a third of a second: only when a token is wanted

    if huggingface_hub.constants.HF_HUB_DISABLE_IMPLICIT_TOKEN:
        return None
    try:
        return get_token()
    except Exception as error:  # a file, a vault, a token exchange in CI: each has errors of its own
        raise LocalTrouble.of(
            "token-unreadable",
            "The saved token cannot be read.",
            seen=(f"{type(error).__name__}: {redact(' '.join(str(error).split()))[:300]}",),
            to_try=("put a token into HF_TOKEN", "or run: hf auth login"),
        ) from error
