"""Measures a VM's servers from outside: idle_client.py ADDRESS PATH ROUND_TRIPS.

Downloads PATH by HTTP once, asks Redis for a PONG as often as it is told, and prints one line: bytes per
second, and the microseconds that the median round trip took, and the one that 99 of 100 do not exceed.
"""

import socket
import sys
import time


def download(address, path):
    with socket.create_connection((address, 80)) as connection:
        connection.sendall(f"GET {path} HTTP/1.0\r\n\r\n".encode())
        begin = time.monotonic()
        if not connection.recv(1 << 16).startswith(b"HTTP/1.1 200 "):
            sys.exit(f"error: the VM does not serve {path}")
        count = 0
        while True:
            got = len(connection.recv(1 << 18))
            if got == 0:
                return count / (time.monotonic() - begin)
            count += got


def round_trips(address, number):
    took = []
    with socket.create_connection((address, 6379)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for _ in range(number):
            begin = time.monotonic()
            connection.sendall(b"PING\r\n")
            answer = b""
            while not answer.endswith(b"\r\n"):
                answer += connection.recv(64)
            took.append(time.monotonic() - begin)
            if answer != b"+PONG\r\n":
                sys.exit(f"error: Redis says {answer!r}")
    return sorted(took)


def main():
    address, path, number = sys.argv[1], sys.argv[2], int(sys.argv[3])
    speed = download(address, path)
    took = round_trips(address, number)
    print(int(speed), int(took[number // 2] * 1e6), int(took[number * 99 // 100] * 1e6))


main()
