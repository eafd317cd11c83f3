"""How each client would reach each host: its proxy, who resolves the name, and what it checks certificates with. Pure.

git (libcurl), git-lfs (Go), hfpush, huggingface_hub (httpx or requests), hf_xet (reqwest) and curl read the same
variables and settings in six ways. Here is each one's own.
"""

from __future__ import annotations
