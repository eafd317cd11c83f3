"""`hfpush fetch`: files of a repository, in the Hub cache or a folder."""
