"""THE HUB: the REST calls we need, and the places where huggingface_hub keeps its token and cache.

The only import of huggingface_hub is here; REST goes through net/, since that library's own session has no time limits.
"""
