"""Doors on loopback: what git and other tools talk to, while our process talks to the network."""
