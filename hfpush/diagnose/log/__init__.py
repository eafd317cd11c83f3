"""Logs of git, git-lfs, huggingface_hub and hf_xet: made free of secrets, cut into lines, understood."""
