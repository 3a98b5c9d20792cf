"""Stores what peers stream into it in a ring of memory, over and over, and tells each in the end what has come.

    ring_server.py PORT CONNECTIONS MEBIBYTES      of the whole ring
"""

import socket
import sys
import threading
import zlib

PIECE = 256 << 10


def store(peer, ring):
    total, check, at = 0, 0, 0
    while count := peer.recv_into(ring[at : at + PIECE]):
        check = zlib.crc32(ring[at : at + count], check)
        total += count
        at = (at + count) % (len(ring) - PIECE)
    peer.sendall(b"%d %d\n" % (total, check))
    peer.close()


def main(port, connections, mebibytes):
    ring = memoryview(bytearray(mebibytes << 20))
    size = len(ring) // connections
    server = socket.create_server(("0.0.0.0", port))
    print("ready", flush=True)
    while True:
        threads = []
        for number in range(connections):
            part = ring[number * size : (number + 1) * size]
            threads.append(threading.Thread(target=store, args=(server.accept()[0], part)))
            threads[-1].start()
        for thread in threads:
            thread.join()


main(*map(int, sys.argv[1:]))
