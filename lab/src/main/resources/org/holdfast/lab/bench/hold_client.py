"""Talks to hold_server.py over connections of every patience while its VM is away.

    hold_client.py HOST PORT EACH BACK

EACH connections with the kernel's own patience, with keepalives 5 s x 3, with TCP_USER_TIMEOUT 10 s. They send
1000 bytes every 100 ms, those with keepalives only at first and when the VM is back: a kernel that waits for an
acknowledgement sends no keepalives. BACK is a file that comes to be when the VM is back: when it left, when it ran again, and
how long to wait for its answers. Prints one line of JSON.
"""

import json
import os
import selectors
import socket
import struct
import sys
import time

BLOCK = 1000
INTERVAL = 0.1
OFTEN = 0.02
TOTAL_RETRANS, BYTES_ACKED = 100, 120  # in struct tcp_info


class Connection:
    def __init__(self, kind, address):
        self.kind = kind
        self.socket = socket.create_connection(address)
        if kind == "keepalive":
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            for option, value in ((4, 5), (5, 5), (6, 3)):  # TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT
                self.socket.setsockopt(socket.IPPROTO_TCP, option, value)
        elif kind == "user-timeout":
            self.socket.setsockopt(socket.IPPROTO_TCP, 18, 10_000)  # TCP_USER_TIMEOUT
        self.socket.setblocking(False)
        self.sent = 0
        self.problem = ""
        self.receipts = []
        self.samples = []  # time, bytes acknowledged, segments sent again

    def send(self, back):
        if self.kind == "keepalive" and self.sent and not back:
            return
        data = bytes((self.sent + i) % 251 for i in range(BLOCK))
        try:
            self.sent += self.socket.send(data)
        except BlockingIOError:
            pass
        except OSError as problem:
            self.lose(problem.strerror)

    def receive(self):
        try:
            data = self.socket.recv(1 << 16)
        except OSError as problem:
            self.lose(problem.strerror)
            return
        if not data:
            self.lose("the server closed it: wrong bytes came")
            return
        self.receipts.append(time.time())

    def sample(self):
        info = self.socket.getsockopt(socket.IPPROTO_TCP, 11, 192)
        acked = struct.unpack_from("=Q", info, BYTES_ACKED)[0]
        resent = struct.unpack_from("=I", info, TOTAL_RETRANS)[0]
        self.samples.append((time.time(), acked, resent))

    def lose(self, problem):
        self.problem = problem

    def before(self, moment):
        return next(sample for sample in reversed(self.samples) if sample[0] <= moment)

    def answered_after(self, moment):
        return next((at for at in self.receipts if at > moment), None)

    def result(self, away, back):
        first = self.answered_after(back)
        left, ran = self.before(away), self.before(back)
        return {
            "kind": self.kind,
            "alive": not self.problem and first is not None,
            "problem": self.problem or ("" if first else "no answer"),
            "accepted": ran[1] - left[1],
            "first_byte_ms": None if first is None or self.problem else (first - back) * 1000,
            "resent": self.samples[-1][2] - left[2],
        }


def main(host, port, each, back_file):
    kinds = [kind for kind in ("default", "keepalive", "user-timeout") for _ in range(int(each))]
    connections = [Connection(kind, (host, int(port))) for kind in kinds]
    print("connected", flush=True)
    selector = selectors.DefaultSelector()
    for one in connections:
        selector.register(one.socket, selectors.EVENT_READ, one)
    times = None
    next_block = 0
    while times is None or time.time() < sum(times[1:]):
        for key, _ in selector.select(OFTEN):
            key.data.receive()
        standing = [one for one in connections if not one.problem]
        if time.time() >= next_block:
            next_block = time.time() + INTERVAL
            for one in standing:
                one.send(times)
        for one in standing:
            one.sample()
        for one in connections:
            if one.problem and one.socket.fileno() in selector.get_map():
                selector.unregister(one.socket)
        if times is None and os.path.exists(back_file):
            words = open(back_file).read().split()
            times = [float(word) for word in words] if len(words) == 3 else None
            next_block = 0
        if times and all(one.problem or one.answered_after(times[1] + 1) for one in connections):
            break
    print(json.dumps([one.result(times[0], times[1]) for one in connections]))


main(*sys.argv[1:])
