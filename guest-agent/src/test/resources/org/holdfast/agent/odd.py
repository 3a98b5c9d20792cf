"""Connections of kinds that cannot be managed: the guest's side of them, and the peer's.

    odd.py guest|peer FIRST_PORT KIND...

Each kind has a port of its own. Prints "ready" when all of them stand, then every error, one a
line.
"""

import signal
import socket
import struct
import sys
import threading
import time

GUEST = "10.77.0.1"
PEER = "10.77.0.2"
NOBODY = "10.77.0.99"
IPPROTO_MPTCP = 262
TCP_MD5SIG = 14
PATIENCE_SECONDS = 10

kept = []


def listening(port, protocol=0):
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, protocol)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((GUEST, port))
    listener.listen()
    kept.append(listener)
    return listener


def connected(port, protocol=0, prepare=lambda client: None):
    """Tries until the guest listens."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        client = socket.socket(socket.AF_INET, socket.SOCK_STREAM, protocol)
        prepare(client)
        try:
            client.connect((GUEST, port))
            kept.append(client)
            return client
        except OSError:
            client.close()
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def signed(other):
    """Gives a socket the key for what it says to, and hears from, the other."""

    def sign(own):
        address = struct.pack("!HH4s", 0, 0, socket.inet_aton(other))
        address = struct.pack("H", socket.AF_INET) + address[2:]
        key = b"secret"
        option = address.ljust(128, b"\0") + struct.pack("BBHi80s", 0, 0, len(key), 0, key)
        own.setsockopt(socket.IPPROTO_TCP, TCP_MD5SIG, option)

    return sign


class Guest:
    """Runs beside what it has accepted, and leaves it as it is."""

    def mptcp(self, port):
        return listening(port, IPPROTO_MPTCP), kept.append

    def md5(self, port):
        listener = listening(port)
        signed(PEER)(listener)
        return listener, kept.append

    def urgent(self, port):
        return listening(port), kept.append

    def not_accepted(self, port):
        listening(port)

    def handshake(self, port):
        listening(port)

    def orphaned(self, port):
        return listening(port), lambda connection: connection.close()

    def time_wait(self, port):
        return listening(port), lambda connection: connection.close()

    def connecting(self, port):
        connecting = socket.socket()
        connecting.setblocking(False)
        connecting.bind((GUEST, port))
        connecting.connect_ex((NOBODY, 80))
        kept.append(connecting)


class Peer:
    def mptcp(self, port):
        connected(port, IPPROTO_MPTCP).sendall(b"x")

    def md5(self, port):
        connected(port, prepare=signed(GUEST)).sendall(b"x")

    def urgent(self, port):
        connected(port).send(b"x", socket.MSG_OOB)

    def not_accepted(self, port):
        connected(port)

    def handshake(self, port):
        """The test lets no answer through."""
        client = socket.socket()
        client.setblocking(False)
        client.connect_ex((GUEST, port))
        kept.append(client)

    def orphaned(self, port):
        connected(port)

    def time_wait(self, port):
        client = connected(port)
        while client.recv(1):
            pass
        client.close()

    def connecting(self, port):
        pass


def accept(listener, leave):
    leave(listener.accept()[0])


if __name__ == "__main__":
    side = {"guest": Guest, "peer": Peer}[sys.argv[1]]()
    for number, kind in enumerate(sys.argv[3:]):
        accepting = getattr(side, kind)(int(sys.argv[2]) + number)
        if accepting:
            threading.Thread(target=accept, args=accepting, daemon=True).start()
    print("ready", flush=True)
    signal.pause()
