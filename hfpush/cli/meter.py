"""How far a command is: its stage, the bytes of its transfer, what it waits for. Pure: the time comes in.

What is drawn of it is bars.py's business on a terminal and progress.py's elsewhere.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from hfpush import units

_WINDOW_SECONDS = 15.0


@dataclass
class File:
    """A file of the transfer. `done` never exceeds `size` (bytes), whatever went twice over the wire; `coming` is what
    the transfer still had to count for it when it `began`."""

    name: str
    size: int
    done: int
    moving: bool = False
    coming: int = 0
    began: float = 0.0


@dataclass
class Meter:
    """What is known at a moment. Times are seconds of one steady clock.

    `size` counts the bytes that will be at the other side in the end; what was there already counts as done from the
    start, but not as speed. `files_in_all` is how many files the transfer has, 0 where that is not counted.
    """

    verb: str
    size: int | None = None
    stage_text: str | None = None
    stage_began: float = 0.0
    stage_bytes: int = 0
    files: dict[str, File] = field(default_factory=dict)
    files_in_all: int = 0
    files_done: int = 0
    kept: int | None = None
    waits: dict[str, float] = field(default_factory=dict)  # until when, by what is waited for
    _unbegun: int = 0  # bytes that no file has yet that was begun
    _samples: deque[tuple[float, int, dict[str, int]]] = field(default_factory=deque)
    _moved: int = 0
    _by_source: dict[str, int] = field(default_factory=dict)

    @property
    def done(self) -> int:
        """Bytes of `size` that are there."""
        if self.size is None:
            return 0
        missing = max(0, self._unbegun) + sum(file.size - file.done for file in self.files.values())
        return max(0, self.size - missing)

    def stage(self, text: str, now: float) -> None:
        """Something else than a transfer begins."""
        self.stage_text, self.stage_began, self.stage_bytes = text, now, 0

    def read(self, count: int) -> None:
        """Bytes of local files were read in this stage."""
        self.stage_bytes += count

    def begin(self, size: int, now: float, *, here: int = 0, files: int = 0) -> None:
        """A transfer of `size` bytes begins, and the stage ends. `here` of them are there and no file that begins later
        counts them again; there are `files` in all, if that is to be shown."""
        self.size, self.stage_text, self.files_in_all = size, None, files
        self._unbegun = size - here
        self._samples = deque([(now, self._moved, dict(self._by_source))])

    def started(
        self, key: str, name: str, size: int, already: int, now: float = 0.0, *, coming: int | None = None
    ) -> None:
        """A file begins, or begins again; `already` of its bytes are there. `coming` of them the transfer has counted
        as missing; None: all."""
        before = self.files.pop(key, None)
        if before is not None:
            coming = before.coming  # was taken off when it began first
        else:
            coming = size if coming is None else coming
            self._unbegun -= coming
        self.files[key] = File(name, size, min(already, size), coming=coming, began=now)

    def moved(self, key: str, count: int, now: float, source: str = "") -> None:
        """`count` bytes of a file moved; negative when they have to go again."""
        self._moved += count
        if source:
            self._by_source[source] = self._by_source.get(source, 0) + count
        if not self._samples or now - self._samples[-1][0] >= 0.25:
            self._samples.append((now, self._moved, dict(self._by_source)))
            while len(self._samples) > 2 and now - self._samples[1][0] > _WINDOW_SECONDS:
                self._samples.popleft()
        file = self.files.get(key)
        if file is not None:
            file.moving = True
            file.done = max(0, min(file.size, file.done + count))

    def finished(self, key: str) -> None:
        """A file is there, whole."""
        self.files.pop(key, None)
        self.files_done += 1

    def wait(self, seconds: float, why: str, now: float) -> None:
        """A request will be tried again after `seconds`."""
        self.waits[why] = max(self.waits.get(why, 0.0), now + seconds)

    def paused(self, kept: int) -> None:
        """The transfer ended early, and so many bytes of it need not go again."""
        self.kept = kept

    def kept_line(self) -> str | None:
        """What need not go again after an early end; None where nothing was under way."""
        if not self.size or self.stage_text is not None:
            return None
        kept = self.done if self.kept is None else self.kept
        return f"{units.size(min(kept, self.size))} of {units.size(self.size)} have arrived, and are kept"

    def rate(self, now: float) -> float:
        """Bytes per second over the last quarter of a minute."""
        if not self._samples:
            return 0.0
        began, moved, _ = self._samples[0]
        return max(0.0, (self._moved - moved) / max(now - began, 0.1))

    def sources(self, now: float) -> list[tuple[str, float]]:
        """What each source brought in that time, in bytes per second, the quickest first; empty where there was never
        more than one."""
        if len(self._by_source) < 2:
            return []
        began, _, before = self._samples[0]
        seconds = max(now - began, 0.1)
        rates = [(name, (moved - before.get(name, 0)) / seconds) for name, moved in self._by_source.items()]
        return sorted(((name, rate) for name, rate in rates if rate >= 1), key=lambda one: -one[1])

    def sources_line(self, now: float) -> str:
        """The same in a few words: `from hf 60.0 MB/s, mirror 20.0 MB/s`."""
        found = [f"{name} {units.rate(rate)}" for name, rate in self.sources(now)]
        return f"from {', '.join(found)}" if found else ""

    def files_line(self) -> str:
        """How many of the files are there, where there are several: `3,120 of 10,000 files`."""
        if self.files_in_all < 2:
            return ""
        return f"{min(self.files_done, self.files_in_all):,} of {units.count(self.files_in_all, 'file')}"

    def left(self, now: float) -> float | None:
        """Seconds until the transfer ends at that rate; None where there is no telling."""
        rate = self.rate(now)
        return None if self.size is None or rate < 1 else (self.size - self.done) / rate

    def share(self) -> float:
        """How much of the transfer is done, 0 to 1."""
        return min(1.0, self.done / self.size) if self.size else 0.0

    def waiting(self, now: float) -> list[tuple[str, float]]:
        """What is waited for just now, and how many seconds more."""
        self.waits = {why: until for why, until in self.waits.items() if until > now}
        return [(why, until - now) for why, until in self.waits.items()]

    def line(self, now: float) -> str | None:
        """How far it is, in one line; None before anything has begun."""
        if self.stage_text is not None:
            return self.stage_line(now)
        if not self.size:
            return None
        rate, left = self.rate(now), self.left(now)
        if self.done >= self.size:
            speed = "to be confirmed"
        else:
            speed = "nothing moves just now" if left is None else f"{units.rate(rate)}, {units.duration(left)} left"
        amount = f"{units.size(self.done)} of {units.size(self.size)}"
        words = (f"{self.verb} {int(self.share() * 100)}%", amount, self.files_line(), speed, self.sources_line(now))
        return ", ".join(word for word in words if word)

    def stage_line(self, now: float) -> str:
        """The stage, with what was read in it or how long it has been going on."""
        parts = [self.stage_text or ""]
        if self.stage_bytes:
            parts.append(units.size(self.stage_bytes))
        if now - self.stage_began >= 2:
            parts.append(units.duration(int(now - self.stage_began)))
        return ", ".join(parts)
