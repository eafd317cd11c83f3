"""Which token goes to which endpoint: the one saved for it, else the user's for the Hub where it may go there."""

from __future__ import annotations

from hfpush.endpoints import Endpoint
from hfpush.errors import LocalTrouble
from hfpush.net.redact import redact
from hfpush.settings import Settings
from hfpush.settings.vault import Vault


def token_for(settings: Settings, endpoint: Endpoint) -> str | None:
    """The token to use at `endpoint`: the one that was saved for it, else HF_TOKEN, else where `hf auth login` left
    one. None for an endpoint that the user has not trusted, whatever there is. Raises LocalTrouble."""
    if not endpoint.trusted:
        return None
    entry = settings.book.entries.get(endpoint.name)
    if entry is not None and entry.token is not None and entry.endpoint == endpoint:
        return Vault(settings.config_dir).get(endpoint.url, entry.token)
    return settings.token or saved_token()


def has_token(settings: Settings, endpoint: Endpoint) -> bool:
    """Whether there would be a token for `endpoint` if it were trusted. Raises LocalTrouble."""
    entry = settings.book.entries.get(endpoint.name)
    return (entry is not None and entry.token is not None) or bool(settings.token or saved_token())


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
