"""hfpush: publish and fetch Git LFS repositories on the Hugging Face Hub.

    from hfpush import HfpushError, fetch

Importing the package alone loads nothing; what stands behind these names is loaded when one of them is used.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hfpush.commands.python_api import fetch as fetch
    from hfpush.errors import HfpushError as HfpushError

__all__ = ["HfpushError", "fetch"]

if not TYPE_CHECKING:  # a type checker that saw it would take every misspelt name for one of ours

    def __getattr__(name: str) -> object:
        if name == "fetch":
            from hfpush.commands.python_api import fetch

            return fetch
        if name == "HfpushError":
            from hfpush.errors import HfpushError

            return HfpushError
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
