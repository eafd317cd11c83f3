"""How each client chooses its proxy and its certificates, one client's own rules to a file. Pure."""
