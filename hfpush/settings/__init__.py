"""What holds for a run, and the files in the user's configuration folder that say so."""

from hfpush.settings.load import DEFAULT_ATTEMPTS, DEFAULT_JOBS, REPO_FILE, Settings, load_settings

__all__ = ["DEFAULT_ATTEMPTS", "DEFAULT_JOBS", "REPO_FILE", "Settings", "load_settings"]
