"""The disk edge: drafts, locks, hashing, and where our files live."""
