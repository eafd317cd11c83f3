"""Why it does not work: what is so on this machine and its network (probes), and what that means (verdict)."""
