"""Applications that wait for requests in different ways, one for each word on the command line.

Each listens on a port of its own, from the first argument on, and answers every line it gets with
the same line. Prints "ready", then each error that an application saw, one a line.
"""

import ctypes
import mmap
import os
import select
import signal
import socket
import struct
import sys
import threading

IN = select.EPOLLIN
RECV_TIMEOUT_SECONDS = 30


def complain(what, error):
    print(what, repr(error), flush=True)


def echo(connection):
    """Answers what is there; false at the end of the stream."""
    data = connection.recv(65536)
    connection.sendall(data)
    return bool(data)


def in_thread(work, *arguments):
    def guarded():
        try:
            work(*arguments)
        except OSError as error:
            complain(work.__name__, error)

    threading.Thread(target=guarded, daemon=True).start()


def blocking(connection):
    while echo(connection):
        pass


def with_timeout(connection):
    timeout = struct.pack("ll", RECV_TIMEOUT_SECONDS, 0)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, timeout)
    blocking(connection)


def with_short_timeout(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", 0, 50_000))
    while True:
        try:
            if not echo(connection):
                return
        except BlockingIOError:
            pass


def edge_triggered(connection):
    connection.setblocking(False)
    waiting = select.epoll()
    waiting.register(connection, IN | select.EPOLLOUT | select.EPOLLRDHUP | select.EPOLLET)
    while True:
        waiting.poll()
        try:
            while echo(connection):
                pass
            return
        except BlockingIOError:
            pass


def waiting_in(waiting, connection, flags, rearm):
    while True:
        waiting.poll()
        try:
            if not echo(connection):
                return
        except BlockingIOError:
            pass
        if rearm:
            waiting.modify(connection, flags)


def registered(connection, flags):
    connection.setblocking(False)
    waiting = select.epoll()
    waiting.register(connection, flags)
    return waiting


def level_triggered(connection):
    waiting_in(registered(connection, IN), connection, IN, False)


def one_shot(connection):
    flags = IN | select.EPOLLONESHOT
    waiting_in(registered(connection, flags), connection, flags, True)


def exclusive(connection):
    flags = IN | select.EPOLLEXCLUSIVE
    in_thread(waiting_in, registered(connection, flags), connection, flags, False)
    waiting_in(registered(connection, flags), connection, flags, False)


def nested(connection):
    inner = registered(connection, IN)
    outer = select.epoll()
    outer.register(inner, IN)
    waiting_in(outer, connection, IN, False)


def polled(connection):
    waiting = select.poll()
    waiting.register(connection, select.POLLIN)
    while True:
        waiting.poll()
        if not echo(connection):
            return


def selected(connection):
    while True:
        select.select([connection], [], [])
        if not echo(connection):
            return


def forked(connection):
    """Parent and child have the descriptor; the child serves."""
    if os.fork() == 0:
        blocking(connection)
        os._exit(0)
    signal.pause()


def passed_on(connection):
    """A worker gets the descriptor over a Unix socket; its giver closes its own."""
    here, there = socket.socketpair()
    if os.fork() == 0:
        received = socket.recv_fds(there, 1, 1)[1][0]
        connection.close()
        blocking(socket.socket(fileno=received))
        os._exit(0)
    socket.send_fds(here, [b"x"], [connection.fileno()])
    connection.close()


class Ring:
    """io_uring with one request at a time (include/uapi/linux/io_uring.h)."""

    SETUP, ENTER = 425, 426
    GETEVENTS = 1
    SEND, RECV = 26, 27

    def __init__(self):
        self.libc = ctypes.CDLL(None, use_errno=True)
        parameters = (ctypes.c_uint32 * 30)()
        self.ring = self.call(self.SETUP, 4, parameters)
        self.submission, self.completion = parameters[10:20], parameters[20:30]
        self.submissions = mmap.mmap(self.ring, 4096, offset=0)
        self.completions = mmap.mmap(self.ring, 4096, offset=0x8000000)
        self.entries = mmap.mmap(self.ring, 4096, offset=0x10000000)

    def call(self, number, *arguments):
        answer = self.libc.syscall(number, *arguments)
        if answer < 0:
            raise OSError(ctypes.get_errno(), "io_uring")
        return answer

    def enter(self, submitted, awaited):
        try:
            self.call(self.ENTER, self.ring, submitted, awaited, self.GETEVENTS, None, 0)
        except InterruptedError:
            pass

    def run(self, operation, descriptor, buffer, length):
        address = ctypes.addressof(buffer)
        entry = struct.pack("<BBHiQQIi", operation, 0, 0, descriptor, 0, address, length, 0)
        self.entries[0:64] = entry.ljust(64, b"\0")
        tail = struct.unpack_from("<I", self.submissions, self.submission[1])[0]
        mask = struct.unpack_from("<I", self.submissions, self.submission[2])[0]
        struct.pack_into("<I", self.submissions, self.submission[6] + 4 * (tail & mask), 0)
        struct.pack_into("<I", self.submissions, self.submission[1], tail + 1)
        self.enter(1, 0)
        head = struct.unpack_from("<I", self.completions, self.completion[0])[0]
        while struct.unpack_from("<I", self.completions, self.completion[1])[0] == head:
            self.enter(0, 1)
        mask = struct.unpack_from("<I", self.completions, self.completion[2])[0]
        at = self.completion[5] + 16 * (head & mask)
        result = struct.unpack_from("<i", self.completions, at + 8)[0]
        struct.pack_into("<I", self.completions, self.completion[0], head + 1)
        if result < 0:
            raise OSError(-result, "io_uring request")
        return result


def io_uring(connection):
    ring = Ring()
    buffer = ctypes.create_string_buffer(65536)
    while received := ring.run(Ring.RECV, connection.fileno(), buffer, len(buffer)):
        ring.run(Ring.SEND, connection.fileno(), buffer, received)


def accept(listener, serve):
    while True:
        in_thread(serve, listener.accept()[0])


if __name__ == "__main__":
    for number, name in enumerate(sys.argv[2:]):
        door = socket.create_server(("10.77.0.1", int(sys.argv[1]) + number))
        in_thread(accept, door, globals()[name])
    print("ready", flush=True)
    signal.pause()
