"""SEND: LFS objects to a Hub's storage, in parallel parts, resumably. Engine, state, journal, source."""
