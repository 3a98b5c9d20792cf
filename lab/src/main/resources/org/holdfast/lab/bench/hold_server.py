"""Tells each peer how much has come from it, whenever something has, and compares it.

    hold_server.py PORT
"""

import socket
import sys
import threading


PIECE = 1 << 16
EXPECTED = bytes(i % 251 for i in range(251 + PIECE))


def count(peer):
    total = 0
    while data := peer.recv(PIECE):
        begin = total % 251
        if data != EXPECTED[begin : begin + len(data)]:
            break
        total += len(data)
        peer.sendall(b"%d\n" % total)
    peer.close()


def main(port):
    server = socket.create_server(("0.0.0.0", port), backlog=64)
    print("ready", flush=True)
    while True:
        threading.Thread(target=count, args=(server.accept()[0],), daemon=True).start()


main(int(sys.argv[1]))
