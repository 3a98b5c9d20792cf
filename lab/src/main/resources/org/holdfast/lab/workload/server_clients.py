"""Clients of the guest's web server and of its Redis."""

import hashlib
import os
import select
import socket
import subprocess
import time

from events import Meter
from stream_clients import connect, in_words

PATIENCE = 90  # seconds a request may take: longer than any absence of the guest


class Lines:
    """Reads lines and counted bytes from a socket, and tells the meter of what came."""

    def __init__(self, connection):
        self.connection = connection
        self._buffer = b""

    def line(self):
        while b"\r\n" not in self._buffer:
            self._more()
        line, self._buffer = self._buffer.split(b"\r\n", 1)
        return line

    def exactly(self, count):
        while len(self._buffer) < count:
            self._more()
        data, self._buffer = self._buffer[:count], self._buffer[count:]
        return data

    def _more(self):
        data = self.connection.recv(65536)
        if not data:
            raise ConnectionError(0, "the server closed the connection")
        self._buffer += data


def converse(events, name, kind, address, port, stopping, exchange, pause):
    """Repeats exchange(lines, meter, round) on one connection until it is lost or we shall stop."""
    # A gap is told when it is plainly more than the pause between two exchanges.
    meter = Meter(events, name, kind, 150_000 + int(pause * 1_000_000))
    connection = connect(address, port)
    connection.settimeout(PATIENCE)
    meter.opened(connection.getsockname(), connection.getpeername())
    lines = Lines(connection)
    rounds = 0
    try:
        while not stopping:
            exchange(lines, meter, rounds)
            rounds += 1
            time.sleep(pause)
    except OSError as problem:
        meter.lost(in_words(problem))
        return
    connection.close()
    meter.ended("%d exchanges, all right" % rounds)


def run_requests(events, stopping, settings):
    """One keep-alive connection, one GET after the other, each body compared."""
    head = "GET /" + settings.page + "?%d HTTP/1.1\r\nHost: guest\r\nUser-Agent: load\r\n\r\n"
    expected = []

    def exchange(lines, meter, number):
        lines.connection.sendall((head % number).encode())
        status = lines.line()
        headers = {}
        while line := lines.line():
            name, value = line.decode().split(":", 1)
            headers[name.lower()] = value.strip()
        body = lines.exactly(int(headers["content-length"]))
        expected.append(body) if not expected else None
        if b" 200 " not in status or body != expected[0]:
            meter.corrupt("request %d was answered with %r, %d bytes" % (number, status, len(body)))
        if headers.get("connection") == "close":
            raise ConnectionError(0, "the server wants to close the connection")
        meter.received(len(body))

    converse(events, "http-requests", "HTTP_REQUESTS", settings.address6, settings.http_port,
             stopping, exchange, 0.05)


def command(*words):
    parts = [b"*%d\r\n" % len(words)]
    for word in words:
        data = str(word).encode()
        parts.append(b"$%d\r\n%s\r\n" % (len(data), data))
    return b"".join(parts)


def reply(lines):
    line = lines.line()
    kind, rest = line[:1], line[1:].decode()
    if kind == b"$":
        return lines.exactly(int(rest) + 2)[:-2].decode()
    return int(rest) if kind == b":" else rest


def run_redis_pipeline(events, stopping, settings):
    """Batches of commands without waiting; a counter proves that each was done once."""
    batch = 20
    counter = "holdfast:counter:%d" % time.time_ns()

    def exchange(lines, meter, number):
        commands = []
        expected = []
        for i in range(batch):
            value = "%d:%d:%s" % (number, i, "x" * 40)
            commands += [command("SET", "holdfast:%d" % i, value)]
            commands += [command("GET", "holdfast:%d" % i), command("INCR", counter)]
            expected += ["OK", value, number * batch + i + 1]
        request = b"".join(commands)
        lines.connection.sendall(request)
        replies = [reply(lines) for _ in expected]
        if replies != expected:
            wrong = next(i for i in range(len(expected)) if replies[i] != expected[i])
            meter.corrupt("batch %d: %r instead of %r" % (number, replies[wrong], expected[wrong]))
        meter.received(sum(len(str(word)) for word in replies), len(replies))

    converse(events, "redis-pipeline", "REDIS_PIPELINE", settings.address4, settings.redis_port,
             stopping, exchange, 0.2)


def run_redis_publisher(events, stopping, settings):
    """Publishes a counter; Redis says how many subscribers got each message."""
    next_number = [0]

    def exchange(lines, meter, _):
        number = next_number[0]
        lines.connection.sendall(command("PUBLISH", settings.channel, number))
        subscribers = reply(lines)
        if subscribers == 0 and number == 0:
            return  # the subscriber is not there yet
        if subscribers != 1:
            meter.corrupt("message %d reached %r subscribers instead of 1" % (number, subscribers))
        next_number[0] = number + 1
        meter.received(len(str(number)))

    converse(events, "redis-publisher", "REDIS_PUBLISHER", settings.address4,
             settings.redis_port, stopping, exchange, 0.05)


def run_redis_subscriber(events, stopping, settings):
    """redis-cli itself: a number that does not follow the one before is a lost message."""
    meter = Meter(events, "redis-subscriber", "REDIS_SUBSCRIBER", 150_000)
    client = subprocess.Popen(
        ["redis-cli", "-h", settings.address6, "-p", str(settings.redis_port),
         "SUBSCRIBE", settings.channel],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    meter.opened("redis-cli", "[%s]:%d" % (settings.address6, settings.redis_port))
    follow(client, meter, stopping, NumberedMessages(meter))


class NumberedMessages:
    """redis-cli prints a message as three lines: "message", channel, payload."""

    def __init__(self, meter):
        self._meter = meter
        self._expected = None
        self._fields = []

    def __call__(self, line):
        self._fields.append(line)
        if len(self._fields) < 3:
            return
        kind, _, payload = self._fields
        self._fields = []
        if kind == "message":
            number = int(payload)
            if self._expected is not None and number != self._expected:
                self._meter.corrupt("message %d came instead of %d" % (number, self._expected))
            self._expected = number + 1
            self._meter.received(len(payload))


def follow(client, meter, stopping, take):
    """Gives each line a program prints to take(), until it ends or we shall stop."""
    output = client.stdout.fileno()
    rest = b""
    while not stopping:
        if not select.select([output], [], [], 0.05)[0]:
            continue
        data = os.read(output, 65536)
        if not data:
            meter.lost("%s: %s" % (client.args[0], rest.decode(errors="replace") or "it ended"))
            client.wait()
            return
        *lines, rest = (rest + data).split(b"\n")
        for line in lines:
            try:
                take(line.decode(errors="replace").strip())
            except ValueError:
                rest = line  # not a number: the program's last words
    client.terminate()
    client.wait()
    meter.ended("read until the end of the run")


def run_download(events, stopping, settings):
    """curl, read at a steady rate, time and again until we shall stop."""
    url = "http://%s:%d/%s" % (settings.address4, settings.http_port, settings.download)
    quiet = ["curl", "-sS", "--fail", "--no-buffer"]
    checksum = subprocess.run(quiet + [url + ".sha256"], capture_output=True, check=True)
    expected = checksum.stdout.decode().split()[0]
    name = "http-download"
    number = 1
    while download(Meter(events, name, "HTTP_DOWNLOAD", 1_000_000), quiet, url, expected,
                   stopping, settings.rate) and not stopping:
        number += 1
        name = "http-download-%d" % number


def download(meter, quiet, url, expected, stopping, rate):
    """Once; the checksum proves every byte. Tells whether it came to its end."""
    client = subprocess.Popen(quiet + [url], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    meter.opened("curl", url, "read at %d bytes/s" % rate)
    digest = hashlib.sha256()
    begun = time.monotonic()
    received = 0
    while True:
        ahead = received - rate * (time.monotonic() - begun)
        if ahead > 0 and not stopping:
            time.sleep(min(0.1, ahead / rate))
            continue
        data = os.read(client.stdout.fileno(), 65536)
        if not data:
            break
        received += len(data)
        digest.update(data)
        meter.received(len(data))
    words = client.stderr.read().decode(errors="replace").strip()
    if client.wait() != 0:
        meter.lost(words or "curl ended with %d" % client.returncode)
        return False
    if digest.hexdigest() != expected:
        meter.corrupt("%d bytes whose SHA-256 is %s" % (received, digest.hexdigest()))
    meter.ended("%d bytes, compared by their SHA-256" % received)
    return True
