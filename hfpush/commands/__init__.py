"""Whole jobs: each composes engines, returns a report, and prints nothing. This is the Python API."""
