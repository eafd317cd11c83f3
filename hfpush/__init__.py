"""hfpush: publish and fetch Git LFS repositories on the Hugging Face Hub."""
