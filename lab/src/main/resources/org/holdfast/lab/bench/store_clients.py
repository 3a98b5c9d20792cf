"""What ring_client.py and redis_client.py have in common: peers that stream into a guest's store as fast as it takes it.

    CLIENT HOST PORT CONNECTIONS ENOUGH SENT

They end once the file ENOUGH is there, with one line: how many connections found that all has come as it was sent. SENT
becomes a file with a line every 100 ms: when, in seconds since the epoch, and the bytes sent until then.
"""

import os
import socket
import sys
import threading
import time

INTERVAL = 0.1

host, port, connections, enough, progress = sys.argv[1:]
sent = [0] * int(connections)


def is_enough():
    return os.path.exists(enough)


def run(stream):
    """Has stream(number, guest) use each connection; it counts in sent what it sends, and returns whether all was right."""
    good = []

    def connect(number):
        with socket.create_connection((host, int(port))) as guest:
            if stream(number, guest):
                good.append(number)

    threads = [threading.Thread(target=connect, args=(number,), daemon=True) for number in range(len(sent))]
    for thread in threads:
        thread.start()
    with open(progress, "w") as file:
        while any(thread.is_alive() for thread in threads):
            file.write(f"{time.time():.3f} {sum(sent)}\n")
            file.flush()
            time.sleep(INTERVAL)
    print(len(good))
