"""Questions to this machine and its network: one to a file, each bounded in time, nothing decided."""
