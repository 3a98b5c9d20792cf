"""Streams into ring_server.py as fast as it takes it, until a file is there; ends with one line: how many connections
were told that all has come as it was sent.

    ring_client.py HOST PORT CONNECTIONS ENOUGH SENT      SENT: a file with the bytes sent so far
"""

import os
import socket
import sys
import threading
import time
import zlib

host, port, connections, enough, progress = sys.argv[1:]
sent = [0] * int(connections)
good = []


def stream(number):
    block = os.urandom(64 << 10)
    check = 0
    with socket.create_connection((host, int(port))) as guest:
        while not os.path.exists(enough):
            guest.sendall(block)
            check = zlib.crc32(block, check)
            sent[number] += len(block)
        guest.shutdown(socket.SHUT_WR)
        if guest.makefile().readline() == f"{sent[number]} {check}\n":
            good.append(number)


threads = [threading.Thread(target=stream, args=(number,)) for number in range(len(sent))]
for thread in threads:
    thread.start()
while any(thread.is_alive() for thread in threads):
    with open(progress + ".new", "w") as file:
        file.write(str(sum(sent)))
    os.rename(progress + ".new", progress)
    time.sleep(0.1)
print(len(good))
