"""A Hub in a room: git, LFS, storage and REST of the Hugging Face Hub in one process, with faults by name."""
