"""What the load's clients report: one line per event, tab-separated, appended to one file.

    O time name kind local remote note      a connection was opened
    P time name bytes units gap             so much is verified since it opened; longest gap in
                                            receiving since the line before, in microseconds
    S time name until                       nothing was received from `time` until `until`
    C time name words                       something wrong was received
    L time name words                       the connection is lost
    E time name words                       the connection ended in good order, all of it verified
    T time bytes                            bytes verified by all streams in the 50 ms from `time`
    X time words                            a client failed of itself: the load is not sound
    Z time                                  all clients have ended

Times are microseconds since the epoch, steady within a run: the wall clock is read once.
A line is written with one call, so that lines of several processes never mix.
"""

import os
import signal
import time

_WALL = time.time_ns() // 1000 - time.monotonic_ns() // 1000


def now():
    """Microseconds since the epoch."""
    return time.monotonic_ns() // 1000 + _WALL


class Events:
    def __init__(self, path):
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)

    def emit(self, kind, when, *fields):
        words = (" ".join(str(field).split()) for field in fields)
        line = "\t".join((kind, str(when), *words)) + "\n"
        os.write(self._file, line.encode("ascii", "backslashreplace"))


class Stopping:
    """Becomes true with SIGTERM: clients then end their connections in good order."""

    def __init__(self):
        self._asked = False
        signal.signal(signal.SIGTERM, self._ask)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)

    def _ask(self, *_):
        self._asked = True

    def __bool__(self):
        return self._asked


class Meter:
    """Follows one connection: counts what is verified and measures when nothing comes."""

    PROGRESS_EVERY = 500_000  # microseconds

    def __init__(self, events, name, kind, silence):
        """silence: gaps of so many microseconds and more are events of their own."""
        self.events = events
        self.name = name
        self.kind = kind
        self.over = False
        self._silence = silence
        self._bytes = 0
        self._units = 0
        self._gap = 0
        self._last = now()
        self._told = self._last

    def opened(self, local, remote, note=""):
        self._last = self._told = now()
        ends = ("[%s]:%d" % end[:2] if isinstance(end, tuple) else end for end in (local, remote))
        self.events.emit("O", self._last, self.name, self.kind, *ends, note)

    def received(self, count, units=1):
        """count bytes have just been received and found right."""
        when = now()
        gap = when - self._last
        if gap >= self._silence:
            self.events.emit("S", self._last, self.name, when)
        self._gap = max(self._gap, gap)
        self._last = when
        self._bytes += count
        self._units += units
        if when - self._told >= self.PROGRESS_EVERY:
            self._tell(when)

    def corrupt(self, words):
        self.events.emit("C", now(), self.name, words)

    def lost(self, words):
        self._close("L", words)

    def ended(self, words):
        self._close("E", words)

    def _close(self, kind, words):
        if not self.over:
            self.over = True
            self._tell(self._last)
            self.events.emit(kind, now(), self.name, words)

    def _tell(self, when):
        self.events.emit("P", when, self.name, self._bytes, self._units, self._gap)
        self._gap = 0
        self._told = when
