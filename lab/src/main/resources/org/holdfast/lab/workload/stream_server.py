"""The guest's half of the streaming load: sends numbered blocks and verifies what it is sent.

    stream_server.py --log FILE [--stream-port N] [--echo-port N]

A client opens a stream with a hello (number, block size, interval). From then on both sides send a
block every interval. When the client has ended its side, the server answers with a verdict: how
many blocks it verified, how many findings it has, how many socket options changed under its hands.
Findings also go to the log, one line each: the log of an untroubled server holds only its start.

The echo port sends everything back at once, from a process of its own.

Runs with python3-minimal.
"""

import os
import select
import signal
import socket
import sys
import time

from blocks import HELLO, HELLO_MAGIC, TO_PEER, VERDICT, VERDICT_MAGIC, Verifier, block

# What an application may have set or read on its socket, and must find again: level, option.
OPTIONS = {
    "SO_REUSEADDR": (socket.SOL_SOCKET, socket.SO_REUSEADDR),
    "SO_KEEPALIVE": (socket.SOL_SOCKET, socket.SO_KEEPALIVE),
    "SO_LINGER": (socket.SOL_SOCKET, socket.SO_LINGER),
    "SO_PRIORITY": (socket.SOL_SOCKET, socket.SO_PRIORITY),
    "SO_MARK": (socket.SOL_SOCKET, socket.SO_MARK),
    "SO_RCVLOWAT": (socket.SOL_SOCKET, socket.SO_RCVLOWAT),
    "TCP_NODELAY": (socket.IPPROTO_TCP, socket.TCP_NODELAY),
    "TCP_KEEPIDLE": (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE),
    "TCP_USER_TIMEOUT": (socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT),
    "TCP_NOTSENT_LOWAT": (socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT),
    "TCP_MAXSEG": (socket.IPPROTO_TCP, socket.TCP_MAXSEG),
}


class Log:
    """Appends lines with the time, in milliseconds since the epoch."""

    def __init__(self, path):
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)

    def line(self, level, words):
        text = "%d %s %s\n" % (time.time_ns() // 1000000, level, words)
        os.write(self._file, text.encode())


def options_of(connection):
    found = {}
    for name, (level, option) in OPTIONS.items():
        try:
            found[name] = connection.getsockopt(level, option, 8)
        except OSError as problem:
            found[name] = problem.errno
    return found


class Stream:
    """One connection of the streaming load."""

    def __init__(self, connection, address, log):
        self.connection = connection
        self.address = address
        self.log = log
        self.options = options_of(connection)
        self.hello = b""
        self.verifier = None
        self.number = 0
        self.interval = 0.0
        self.due = 0.0
        self.pending = b""
        self.ending = False

    def readable(self):
        """Takes what came. False when the connection is over."""
        try:
            data = self.connection.recv(262144)
        except BlockingIOError:
            return True
        except OSError as problem:
            self._error("read failed: %s" % problem)
            return False
        if not data:
            return self._ended()
        if self.verifier is None:
            data = self._opening(data)
        if data and self.verifier is not None:
            self._verify(data)
        return True

    def send_due(self, now):
        """Sends the block that is due, or what still waits of the one before. False when over."""
        if self.verifier is None or self.ending or now < self.due:
            return True
        self.due += self.interval
        if self.due < now:  # the machine stood still: no burst afterwards
            self.due = now + self.interval
        if not self.pending:
            self.pending = block(TO_PEER | self.verifier.stream, self.number, self.verifier.size)
            self.number += 1
        return self.flush()

    def flush(self):
        """Sends what waits. False when the connection is over."""
        if self.pending:
            try:
                self.pending = self.pending[self.connection.send(self.pending) :]
            except BlockingIOError:
                return True
            except OSError as problem:
                self._error("write failed: %s" % problem)
                return False
        return bool(self.pending) or not self.ending

    def _opening(self, data):
        self.hello += data
        if len(self.hello) < HELLO.size:
            return b""
        magic, stream, size, interval = HELLO.unpack_from(self.hello)
        if magic != HELLO_MAGIC or not 17 <= size <= 65536 or not 1 <= interval <= 60000:
            self._error("opened with something else than a hello")
            return b""
        self.verifier = Verifier(stream, size)
        self.interval = interval / 1000
        # Streams opened together shall not all send in the same instant.
        self.due = time.monotonic() + self.interval * (stream % 5) / 5
        return self.hello[HELLO.size :]

    def _verify(self, data):
        known = len(self.verifier.findings)
        self.verifier.feed(data)
        for finding in self.verifier.findings[known:]:
            self._error(finding)

    def _ended(self):
        if self.verifier is None:
            self._error("ended before its hello was whole")
            return False
        rest = self.verifier.finish()
        if rest:
            self.verifier.findings.append("ended within a block")
            self._error("ended with %d bytes of block %d" % (len(rest), self.verifier.number))
        now = options_of(self.connection)
        changed = [name for name in self.options if now[name] != self.options[name]]
        for name in changed:
            was, value = self.options[name], now[name]
            self._error("option %s changed from %r to %r" % (name, was, value))
        verifier = self.verifier
        verdict = VERDICT.pack(
            VERDICT_MAGIC, verifier.stream, verifier.number, len(verifier.findings), len(changed)
        )
        self.pending += verdict.ljust(verifier.size, b"\0")
        self.ending = True
        return self.flush()

    def _error(self, words):
        self.log.line("error", "%s: %s" % (self.address, words))


class StreamServer:
    """All streams in one epoll loop."""

    def __init__(self, listeners, log):
        self._listeners = {listener.fileno(): listener for listener in listeners}
        self._streams = {}
        self._log = log
        self._poll = select.epoll()
        for descriptor in self._listeners:
            self._poll.register(descriptor, select.EPOLLIN)

    def serve(self):
        tick = 0.020  # seconds; finer costs a slow guest too much
        wake = time.monotonic() + tick
        while True:
            for descriptor, event in self._poll.poll(max(0.0, wake - time.monotonic())):
                if descriptor in self._listeners:
                    self._accept(self._listeners[descriptor])
                else:
                    self._serve(descriptor, event)
            now = time.monotonic()
            if now >= wake:
                wake = now + tick
                for descriptor, stream in list(self._streams.items()):
                    if not stream.send_due(now):
                        self._drop(descriptor)

    def _accept(self, listener):
        connection, address = listener.accept()
        connection.setblocking(False)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_PRIORITY, 4)
        stream = Stream(connection, "[%s]:%d" % address[:2], self._log)
        self._streams[connection.fileno()] = stream
        self._poll.register(connection.fileno(), select.EPOLLIN)

    def _serve(self, descriptor, event):
        stream = self._streams.get(descriptor)
        if stream is None:
            return
        alive = not stream.ending and stream.readable()
        if stream.ending:
            alive = stream.flush()
        if not alive:
            self._drop(descriptor)
        elif stream.ending:
            self._poll.modify(descriptor, select.EPOLLOUT)

    def _drop(self, descriptor):
        stream = self._streams.pop(descriptor)
        self._poll.unregister(descriptor)
        stream.connection.close()


def echo(listeners, log):
    """Sends back whatever comes, at once; a process for each connection costs a slow guest least."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        for listener in select.select(listeners, [], [])[0]:
            connection, _ = listener.accept()
            if os.fork() == 0:
                echo_one(connection, log)
                os._exit(0)
            connection.close()


def echo_one(connection, log):
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        while data := connection.recv(65536):
            connection.sendall(data)
    except OSError as problem:
        log.line("error", "echo: %s" % problem)


def listen(port):
    """One listener for each family, so that both kinds of socket come into being."""
    listeners = []
    for family, address in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")):
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind((address, port))
        listener.listen(512)
        listeners.append(listener)
    return listeners


def main(arguments):
    settings = {"--log": "/var/log/holdfast-load.log", "--stream-port": "7001"}
    settings["--echo-port"] = "7002"
    if len(arguments) % 2 or any(name not in settings for name in arguments[::2]):
        sys.exit(__doc__)
    settings.update(zip(arguments[::2], arguments[1::2]))
    log = Log(settings["--log"])
    streams = listen(int(settings["--stream-port"]))
    echoes = listen(int(settings["--echo-port"]))
    log.line("start", "pid %d" % os.getpid())
    if os.fork() == 0:
        echo(echoes, log)
    StreamServer(streams, log).serve()


if __name__ == "__main__":
    main(sys.argv[1:])
