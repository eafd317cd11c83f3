"""The token that `hf auth login` left on this machine."""

from __future__ import annotations


def saved_token() -> str | None:
    """The saved token where huggingface_hub looks for it (HF_TOKEN_PATH, $HF_HOME/token), or None.

    With HF_HUB_DISABLE_IMPLICIT_TOKEN set there is none, as for huggingface_hub itself.
    """
    import huggingface_hub.constants
    from huggingface_hub import get_token  # a third of a second: only when a token is wanted

    return None if huggingface_hub.constants.HF_HUB_DISABLE_IMPLICIT_TOKEN else get_token()
