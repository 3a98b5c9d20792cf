"""The peer's half of the streaming load, and the echo probe that measures stalls."""

import errno
import select
import socket
import struct
import time

from blocks import HELLO, HELLO_MAGIC, TO_PEER, VERDICT, Verifier, block
from events import Meter, now

ENDING_BOUND = 20  # seconds the servers have to send their verdicts
RATE_WINDOW = 50_000  # microseconds
KEEPALIVE = {socket.TCP_KEEPIDLE: 5, socket.TCP_KEEPINTVL: 5, socket.TCP_KEEPCNT: 3}  # seconds, times


def connect(address, port):
    """A connected socket."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    connection = socket.socket(family, socket.SOCK_STREAM)
    connection.settimeout(30)
    connection.connect((address, port))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def in_words(problem):
    return "%s (%s)" % (problem.strerror or problem, errno.errorcode.get(problem.errno, "?"))


class Stream:
    """One connection of numbered blocks in both directions."""

    def __init__(self, number, connection, size, interval, meter):
        self.connection = connection
        self.meter = meter
        self.size = size
        self.interval = interval / 1000
        self.due = time.monotonic() + self.interval * (number % 10) / 10
        self.verifier = Verifier(TO_PEER | number, size)
        self.number = number
        self.sent = 0  # blocks
        self.pending = HELLO.pack(HELLO_MAGIC, number, size, interval)
        connection.setblocking(False)

    def send_due(self, at):
        if at >= self.due and not self.meter.over:
            self.due = max(self.due + self.interval, at)
            if len(self.pending) < self.size:
                self.pending += block(self.number, self.sent, self.size)
                self.sent += 1
            self.flush()

    def flush(self):
        try:
            while self.pending:
                self.pending = self.pending[self.connection.send(self.pending) :]
        except BlockingIOError:
            pass
        except OSError as problem:
            self.meter.lost("write failed: " + in_words(problem))

    def readable(self):
        """Takes what came; returns the number of bytes verified."""
        try:
            data = self.connection.recv(1048576)
        except BlockingIOError:
            return 0
        except OSError as problem:
            self.meter.lost("read failed: " + in_words(problem))
            return 0
        if not data:
            self._ended()
            return 0
        return self._verify(data)

    def _verify(self, data):
        known = len(self.verifier.findings)
        verified = self.verifier.feed(data)
        for finding in self.verifier.findings[known:]:
            self.meter.corrupt(finding)
        self.meter.received(verified)
        return verified

    def finish_sending(self):
        """Ends our side. False if bytes still wait to be sent."""
        if not self.pending and not self.meter.over:
            try:
                self.connection.shutdown(socket.SHUT_WR)
            except OSError as problem:
                self.meter.lost("could not be ended: " + in_words(problem))
        return not self.pending

    def _ended(self):
        if not self.verifier.verdict:
            self.meter.lost("the server closed the connection without a verdict")
            return
        _, _, blocks, findings, options = VERDICT.unpack_from(self.verifier.verdict)
        if self.verifier.finish():
            self.meter.corrupt("the stream from the server ended within a block")
        if blocks != self.sent:
            self.meter.corrupt("the server verified %d blocks of %d sent" % (blocks, self.sent))
        if findings:
            self.meter.corrupt("the server has %d findings, see its log" % findings)
        self.meter.ended("both sides verified: %d blocks sent, %d received, %d options changed" % (
            self.sent, self.verifier.number, options))


def impatience(number, settings):
    """Half of the streams give up when long unacknowledged; of the others one half waits as any do,
    one half asks whether the peer is still there. Every kind of both families. Returns the socket
    options, and their names."""
    if number % 8 in (1, 4):
        alive = [(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)]
        for option, value in KEEPALIVE.items():
            alive.append((socket.IPPROTO_TCP, option, value))
        return alive, "keepalive 5 s x 3"
    if number % 4 >= 2:
        option = (socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, settings.user_timeout)
        return [option], "TCP_USER_TIMEOUT %d ms" % settings.user_timeout
    return [], ""


def run_streams(events, stopping, settings):
    """All streams, half over each family, in three kinds of patience."""
    streams = {}
    poll = select.epoll()
    for number in range(settings.streams):
        address = settings.address6 if number % 2 else settings.address4
        options, note = impatience(number, settings)
        meter = Meter(events, "stream-%02d" % number, "STREAM", 300_000)
        connection = connect(address, settings.stream_port)
        for option in options:
            connection.setsockopt(*option)
        meter.opened(connection.getsockname(), connection.getpeername(), note)
        stream = Stream(number, connection, settings.block, settings.interval, meter)
        streams[connection.fileno()] = stream
        poll.register(connection.fileno(), select.EPOLLIN)
    rate = Rate(events)
    deadline = None
    unfinished = set()
    while any(not stream.meter.over for stream in streams.values()):
        for descriptor, _ in poll.poll(0.005):
            rate.add(streams[descriptor].readable())
            if streams[descriptor].meter.over:
                poll.unregister(descriptor)
        at = time.monotonic()
        if not stopping:
            for stream in streams.values():
                stream.send_due(at)
            continue
        if deadline is None:
            deadline = at + ENDING_BOUND
            unfinished = set(streams.values())
        for stream in list(unfinished):
            stream.flush()
            if stream.meter.over or stream.finish_sending():
                unfinished.discard(stream)
        if at > deadline:
            for stream in streams.values():
                stream.meter.lost("no verdict from the server within %d s" % ENDING_BOUND)
    rate.add(0)


class Rate:
    """Bytes verified by all streams together, for the picture."""

    def __init__(self, events):
        self._events = events
        self._window = now() // RATE_WINDOW
        self._bytes = 0

    def add(self, count):
        window = now() // RATE_WINDOW
        if window != self._window:
            if self._bytes:
                self._events.emit("T", self._window * RATE_WINDOW, self._bytes)
            self._window = window
            self._bytes = 0
        self._bytes += count


PROBE = struct.Struct("!4sQI")
PROBE_MAGIC = b"HFE1"


def run_echo(events, stopping, settings):
    """A small probe every few milliseconds: the longest gap between echoes is the stall."""
    meter = Meter(events, "echo", "ECHO", 15_000)
    connection = connect(settings.address4, settings.echo_port)
    connection.setblocking(False)
    meter.opened(connection.getsockname(), connection.getpeername(), "probe every %g ms" % (
        settings.probe))
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    sent = expected = 0
    pending = received = b""
    interval = settings.probe / 1000
    due = time.monotonic()
    deadline = None
    try:
        while deadline is None or (expected < sent and time.monotonic() < deadline):
            if stopping and deadline is None:
                deadline = time.monotonic() + ENDING_BOUND
            if time.monotonic() >= due and deadline is None:
                due = max(due + interval, time.monotonic())
                pending += PROBE.pack(PROBE_MAGIC, sent, sent * 2654435761 % 2**32)
                sent += 1
            if pending:
                try:
                    pending = pending[connection.send(pending) :]
                except BlockingIOError:
                    pass
            if poll.poll(max(0.0, min(interval, due - time.monotonic())) * 1000):
                data = connection.recv(65536)
                if not data:
                    meter.lost("the server closed the connection")
                    return
                received += data
                whole = len(received) // PROBE.size
                meter.received(whole * PROBE.size, whole)
                for _ in range(whole):
                    probe, received = received[: PROBE.size], received[PROBE.size :]
                    if probe != PROBE.pack(PROBE_MAGIC, expected, expected * 2654435761 % 2**32):
                        meter.corrupt("probe %d came back as %s" % (expected, probe.hex()))
                    expected += 1
    except OSError as problem:
        meter.lost(in_words(problem))
        return
    if expected < sent:
        meter.lost("%d of %d probes came back" % (expected, sent))
    else:
        meter.ended("%d probes, all came back" % sent)
