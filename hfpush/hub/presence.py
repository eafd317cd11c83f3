"""How much of a file is already where it must go. A word that the places on disk and the plan share."""

from __future__ import annotations

from enum import Enum


class Presence(Enum):
    """What a place has of one path and its content."""

    PLACED = "placed"  # the file is there; nothing to do
    STORED = "stored"  # its bytes are there, under another name: it only has to be put in its place
    UNPROVEN = "unproven"  # a file of that name and size is there, of which only its digest can say more
    DIFFERENT = "different"  # a file (or a link) of that name but other content is there, and would be replaced
    BLOCKED = "blocked"  # something is in the way that we do not remove: a folder, a file where a folder must be, ...
    ABSENT = "absent"
