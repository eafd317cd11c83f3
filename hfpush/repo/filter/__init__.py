"""LFS without git-lfs: git's long-running filter process, and the settings that make git start it."""
