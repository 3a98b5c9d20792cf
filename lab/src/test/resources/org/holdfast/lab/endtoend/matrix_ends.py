"""Ends of TCP connections, each with a process of its own that can be killed.

    matrix_ends.py serve PORT LOSSY_PORT CONTROL_PORT

The guest's half of the end-to-end matrix: does what the peer's half (matrix_peer.py) asks of it
over the control connection, one JSON value a line. What an application shall do while the VM is
held nobody can ask for then: it is told beforehand, and done as soon as the control connection,
which is held like any other, shows that it is.
"""

import errno
import hashlib
import json
import os
import select
import signal
import socket
import struct
import sys
import time

PERIOD = 65521  # a prime: runs that begin at different places never look alike
HASHES = (hashlib.sha256(b"matrix %d" % i).digest() for i in range(PERIOD // 32 + 1))
TABLE = 2 * b"".join(HASHES)[:PERIOD]
STATES = ["", "ESTABLISHED", "SYN_SENT", "SYN_RECV", "FIN_WAIT1", "FIN_WAIT2", "TIME_WAIT", "CLOSE",
          "CLOSE_WAIT", "LAST_ACK", "LISTEN", "CLOSING"]
SO_SNDBUFFORCE = 32
LOOK_AGAIN = 0.002  # seconds


def stream(seed, offset, count):
    """What an end writes: bytes that follow from its seed and their place."""
    parts = []
    while count > 0:
        begin = (seed * 9973 + offset) % PERIOD
        part = TABLE[begin : begin + min(count, PERIOD)]
        parts.append(part)
        offset += len(part)
        count -= len(part)
    return b"".join(parts)


class End:
    """One end as its application has it, with a memory of all that it saw."""

    def __init__(self, connection, seed, seed_of_peer):
        connection.setblocking(False)
        self.connection = connection
        self.seed, self.seed_of_peer = seed, seed_of_peer
        self.sent = self.received = 0
        self.written = []
        self.end = "open"
        self.shut = False

    def write(self, count):
        """Writes without waiting."""
        if self.is_closed() or self.shut:
            return
        data = memoryview(stream(self.seed, self.sent, count))
        taken = 0
        try:
            while taken < count:
                taken += self.connection.send(data[taken:])
        except BlockingIOError:
            pass
        except OSError as problem:
            self.written.append(errno.errorcode[problem.errno])
            return
        self.sent += taken
        self.written.append(str(taken))

    def read(self):
        """Reads what is there; returns whether that was anything, the end included."""
        any_bytes = False
        try:
            while not self.is_over():
                data = self.connection.recv(65536)
                any_bytes = True
                if data != stream(self.seed_of_peer, self.received, len(data)):
                    self.end = "wrong bytes from %d on" % self.received
                self.received += len(data)
                if not data:
                    self.end = "EOF"
        except BlockingIOError:
            pass
        except OSError as problem:
            self.end = errno.errorcode[problem.errno]
            any_bytes = True
        return any_bytes

    def perform(self, action, count):
        if action == "READ":
            self.read()
        elif action == "WRITE":
            self.write(count)
        elif action == "WRITE_AND_CLOSE":
            self.write(count)
            self.close()
        elif action == "HALF_CLOSE":
            self.shut_down()
        elif action == "CLOSE":
            self.close()
        elif action == "RESET":
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self.close()
        elif action == "SEND_URGENT":
            self.send_urgent()
        else:
            raise ValueError(action)

    def send_urgent(self):
        try:
            self.connection.send(b"!", socket.MSG_OOB)
        except OSError as problem:
            self.written.append(errno.errorcode[problem.errno])

    def shut_down(self):
        if self.is_closed() or self.shut:
            return
        self.shut = True
        try:
            self.connection.shutdown(socket.SHUT_WR)
        except OSError:
            self.written.append("not shut down")

    def close(self):
        if not self.is_closed():
            self.end = "closed"
            self.connection.close()

    def is_closed(self):
        return self.end == "closed"

    def is_over(self):
        return self.end != "open"

    def state(self):
        if self.is_closed():
            return "closed"
        return STATES[self.connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0]]

    def seen(self):
        """All that it has seen. How much comes before a reset, TCP does not promise."""
        counts = self.end in ("closed", "EOF", "open")
        read = "%d bytes, " % self.received if counts else ""
        return "wrote %s, read %s%s" % (self.written, read, self.end)

    def answer(self, verb, *words):
        if verb == "read":
            return self.read()
        if verb == "perform":
            return self.perform(*words)
        if verb == "shut":
            return self.shut_down()
        return {"over": self.is_over, "state": self.state, "seen": self.seen}[verb]()


class Owner:
    """The process that an end belongs to, seen from its parent."""

    def __init__(self, connection, seed, seed_of_peer):
        self._pipe, theirs = socket.socketpair()
        self._last = None
        self._process = os.fork()
        if self._process == 0:
            self._pipe.close()
            serve_lines(theirs, End(connection, seed, seed_of_peer).answer)
            os._exit(0)
        self._lines = self._pipe.makefile("r")
        theirs.close()
        connection.close()

    def begin(self, verb, *words):
        """Asks; the answer is to be fetched with end()."""
        if verb == "perform" and words[0] == "KILL":
            self._kill()
        if self._last is None:
            self._pipe.sendall(json.dumps([verb, *words]).encode() + b"\n")

    def end(self, verb):
        if self._last is None:
            return json.loads(self._lines.readline())
        return {"over": True, "state": "closed", "seen": self._last}.get(verb)

    def _kill(self):
        self.begin("seen")
        self._last = self.end("seen").rsplit(", ", 1)[0] + ", closed"
        os.kill(self._process, signal.SIGKILL)
        os.waitpid(self._process, 0)


class Ends:
    """All ends on this side, by number."""

    def __init__(self):
        self._owners = {}

    def add(self, number, connection, seed, seed_of_peer, send_buffer):
        connection.setsockopt(socket.SOL_SOCKET, SO_SNDBUFFORCE, send_buffer)
        self._owners[number] = Owner(connection, seed, seed_of_peer)

    def ask(self, requests):
        """Asks several at once. Requests: number, verb, words. Returns the answers by number."""
        for number, verb, *words in requests:
            self._owners[number].begin(verb, *words)
        return {number: self._owners[number].end(verb) for number, verb, *_ in requests}

    def ask_all(self, verb):
        return self.ask([(number, verb) for number in self._owners])


def serve_lines(connection, answer):
    """Answers requests, lists of a verb and words, until the other side ends."""
    for line in connection.makefile("r"):
        connection.sendall(json.dumps(answer(*json.loads(line))).encode() + b"\n")


class Guest:
    """What the peer can ask of the guest."""

    def __init__(self, control, listeners):
        self._control = control
        self._listeners = listeners
        self._ends = Ends()
        self._armed = []
        self._in_time = "not asked for"

    def answer(self, verb, *words):
        return getattr(self, verb)(*words)

    def accept(self, number, family, lossy, seed, seed_of_peer, send_buffer):
        connection, _ = self._listeners[family, lossy].accept()
        self._ends.add(number, connection, seed, seed_of_peer, send_buffer)

    def ask(self, requests):
        return self._ends.ask(requests)

    def ask_all(self, verb):
        return self._ends.ask_all(verb)

    def arm(self, requests):
        """To be done while held."""
        self._armed = requests

    def do_armed(self):
        """There is no takeover: it is to be done now."""
        self._ends.ask(self._armed)
        self._armed = []

    def in_time(self):
        """Whether it was begun while held."""
        return self._in_time

    def do_armed_when_held(self):
        """Called when an answer is out and nothing is asked: the VM may be taken over now."""
        if self._armed and self._is_held():
            # Begun then: the agent may stop this process in the middle, and let it run again.
            self._in_time = "held"
            self._ends.ask(self._armed)
            self._armed = []

    def _is_held(self):
        # The agent gives held sockets the patience they need, and takes it away again.
        return self._control.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) != 0


def listen(family, port):
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    listener.bind(("", port))
    listener.listen(64)
    return listener


def serve(port, lossy_port, control_port):
    listeners = {}
    for name, family in (("IPV4", socket.AF_INET), ("IPV6", socket.AF_INET6)):
        for lossy in (False, True):
            listeners[name, lossy] = listen(family, lossy_port if lossy else port)
    controls = listen(socket.AF_INET, control_port)
    print("listening", flush=True)
    control, _ = controls.accept()
    guest = Guest(control, listeners)
    rest = b""
    while True:
        while not select.select([control], [], [], LOOK_AGAIN)[0]:
            guest.do_armed_when_held()
        data = control.recv(65536)
        if not data:
            return
        *lines, rest = (rest + data).split(b"\n")
        for line in lines:
            control.sendall(json.dumps(guest.answer(*json.loads(line))).encode() + b"\n")


if __name__ == "__main__":
    if sys.argv[1:2] != ["serve"] or len(sys.argv) != 5:
        sys.exit(__doc__)
    serve(*map(int, sys.argv[2:]))
