"""What comes before the first request for a file: is it here after all, and is anybody else at it?"""

from __future__ import annotations

from hfpush.disk.draft import QUIET_SECONDS, Draft, claim
from hfpush.disk.follow import has_content
from hfpush.findings import Finding
from hfpush.hub.presence import Presence
from hfpush.receive.desk import Desk
from hfpush.receive.plan import Step

_HERE = (Presence.PLACED, Presence.STORED)
_ELSEWHERE = Finding("busy-elsewhere", "Another process is fetching the same file; we wait for it.", severity="note")


def kept(step: Step, desk: Desk) -> bool:
    """Whether all that the step wants is on the disk; then it is in its place, too. Raises LocalTrouble."""
    place = desk.means.place
    if step.action == "keep":
        return True
    if step.action == "place":
        place.put(step.content, step.paths, None)
        return True
    proven = [path for path in step.unproven if has_content(place.file(path), step.content)]
    if proven:
        place.put(step.content, step.paths, None, proven=proven)
    return bool(proven)


def claimed(step: Step, desk: Desk) -> Draft | None:
    """A draft to fill, once nobody else is at it; None when the content turned up in the meantime, and is in its place.

    Raises LocalTrouble, Stopped.
    """
    place = desk.means.place
    home = place.home(step.paths[0], step.content)
    life, still_since, pause = None, desk.now, 0.1
    while True:
        held = claim(home, quiet=desk.now - still_since >= QUIET_SECONDS)
        if place.presence(step.paths[0], step.content) in _HERE:
            if isinstance(held, Draft):
                held.discard()
            place.put(step.content, step.paths, None)
            return None
        if isinstance(held, Draft):
            return held
        if held.life != life:
            life, still_since = held.life, desk.now
        desk.wait(pause, step.paths[0], _ELSEWHERE)
        pause = min(pause * 2, 2.0)
