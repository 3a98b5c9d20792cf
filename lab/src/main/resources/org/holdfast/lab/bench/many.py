"""Very many connections: over each a message goes to the guest, is compared there, and comes back.

    many.py guest PORT CONNECTIONS          in the VM; says "ready"
    many.py peer HOST PORT CONNECTIONS      outside; says "connected"

Each SIGUSR1 has every connection of the peer make one exchange. When all have, or it has waited long enough for the rest,
the peer prints a line of JSON. Otherwise they are idle, but every 100th makes exchanges all the time.

A message is the number of its connection, 8 bytes, its own number, and a body that follows from both. The guest knows a
connection by the first 8 bytes that came over it. Where anything else comes than must come next, it answers with zeros and
closes.
"""

import collections
import json
import resource
import select
import signal
import socket
import struct
import sys
import time

SIZE = 64
HEAD = struct.Struct("!QQ")
TABLE = bytes(i % 251 for i in range(251 + SIZE))

BUSY_EVERY = 100
BUSY_INTERVAL = 0.1
TICK = 0.02
PER_SECOND = 2000  # messages that a round sends: all at once, most would find the queue of the VM's tap full
PATIENCE = 120  # TCP's own pauses become as long where a message was lost again and again
MOST_EVENTS = 1000

CLOSED = "the guest closed it"
WRONG = "other bytes came back"
SILENT = "no answer"


def message(connection, number):
    begin = (connection * 31 + number) % 251
    return HEAD.pack(connection, number) + TABLE[begin : begin + SIZE - HEAD.size]


def allow_descriptors(connections):
    """No more than are needed: what a process may have at most, not everybody may raise."""
    needed = connections + 64
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < needed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed, max(hard, needed)))


class Served:
    """A connection in the guest."""

    def __init__(self, own):
        own.setblocking(False)
        self.socket = own
        self.came = b""
        self.connection = None
        self.number = 0

    def receive(self):
        """Whether it goes on."""
        try:
            data = self.socket.recv(1 << 12)
            self.came += data
            return bool(data) and self.answer()
        except BlockingIOError:
            return True
        except OSError:
            return False

    def answer(self):
        while len(self.came) >= SIZE:
            one, self.came = self.came[:SIZE], self.came[SIZE:]
            if self.connection is None:
                self.connection = HEAD.unpack_from(one)[0]
            right = one == message(self.connection, self.number)
            self.number += 1
            self.socket.send(one if right else bytes(SIZE))
            if not right:
                return False
        return True


def guest(port, connections):
    allow_descriptors(connections)
    server = socket.create_server(("0.0.0.0", port), backlog=1024)
    epoll = select.epoll()
    epoll.register(server, select.EPOLLIN)
    served = {}
    print("ready", flush=True)
    while True:
        for descriptor, _ in epoll.poll(maxevents=MOST_EVENTS):
            if descriptor == server.fileno():
                own = server.accept()[0]
                served[own.fileno()] = Served(own)
                epoll.register(own, select.EPOLLIN)
            elif not served[descriptor].receive():
                epoll.unregister(descriptor)
                served.pop(descriptor).socket.close()


class Connection:
    """A connection of the peer. There is never more than one message on its way."""

    def __init__(self, number, address):
        self.number = number
        self.socket = socket.create_connection(address, PATIENCE)
        self.socket.setblocking(False)
        self.came = b""
        self.sent = self.exchanged = self.wanted = 0
        self.sent_at = self.back_at = 0.0
        self.longest = 0.0
        self.problem = ""

    def exchange(self):
        """Sends the next message, unless the last one is on its way still."""
        if self.problem or self.exchanged < self.sent:
            return
        try:
            self.socket.send(message(self.number, self.sent))
        except OSError as problem:
            self.problem = problem.strerror
            return
        self.sent += 1
        self.sent_at = time.monotonic()

    def receive(self):
        try:
            data = self.socket.recv(1 << 12)
        except BlockingIOError:
            return
        except OSError as problem:
            self.problem = self.problem or problem.strerror
            return
        self.came += data
        if not data:
            self.problem = self.problem or CLOSED
        elif self.exchanged == self.sent or not message(self.number, self.exchanged).startswith(self.came):
            self.problem = WRONG
        elif len(self.came) == SIZE:
            self.came = b""
            self.exchanged += 1
            self.back_at = time.monotonic()
            self.longest = max(self.longest, self.back_at - self.sent_at)
            if self.exchanged < self.wanted:  # the one on its way when the round began does not count for it
                self.exchange()

    def has_exchanged(self):
        return not self.problem and self.exchanged >= self.wanted


class Round:
    """An exchange of each connection, begun after the round has."""

    def __init__(self, connections):
        self.connections = connections
        self.begin = time.monotonic()
        self.asked = 0
        for one in connections:
            one.wanted = one.sent + 1

    def go_on(self):
        """Whether it is over."""
        passed = time.monotonic() - self.begin
        due = min(len(self.connections), int(passed * PER_SECOND))
        for one in self.connections[self.asked : due]:
            one.exchange()
        self.asked = max(self.asked, due)
        if passed > PATIENCE:
            return True
        return due == len(self.connections) and all(one.problem or one.has_exchanged() for one in self.connections)

    def result(self):
        lacking = [one.problem or SILENT for one in self.connections if not one.has_exchanged()]
        longest = max(one.longest for one in self.connections)
        for one in self.connections:
            one.longest = 0.0
        return {
            "kept": len(self.connections) - len(lacking),
            "wrong": lacking.count(WRONG),
            "problems": collections.Counter(lacking),
            "longest_ms": round(longest * 1000),  # of all exchanges that ended since the round before
        }


def peer(host, port, count):
    allow_descriptors(count)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
    connections = [Connection(number, (host, port)) for number in range(count)]
    epoll = select.epoll()
    for one in connections:
        epoll.register(one.socket, select.EPOLLIN)
    known = {one.socket.fileno(): one for one in connections}
    busy = connections[::BUSY_EVERY]
    print("connected", flush=True)
    running = None
    while True:
        for descriptor, _ in epoll.poll(TICK, MOST_EVENTS):
            known[descriptor].receive()
            if known[descriptor].problem:
                epoll.unregister(descriptor)
        if not running and signal.sigtimedwait({signal.SIGUSR1}, 0):
            running = Round(connections)
        if running and running.go_on():
            print(json.dumps(running.result()), flush=True)
            running = None
        again = time.monotonic() - BUSY_INTERVAL
        for one in busy:
            if one.back_at < again:
                one.exchange()


role, *words = sys.argv[1:]
if role == "guest":
    guest(*map(int, words))
else:
    peer(words[0], *map(int, words[1:]))
