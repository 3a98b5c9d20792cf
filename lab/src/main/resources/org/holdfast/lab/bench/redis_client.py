"""Sets values in Redis, each connection over and over those of its own keys, and gets them all in the end. See
store_clients.py.
"""

import os

from store_clients import is_enough, run, sent

VALUE = 64 << 10
MEBIBYTES = 160  # all values of all connections
KEYS = (MEBIBYTES << 20) // VALUE // len(sent)
NOISE = 1 << 20

# Nobody waits for an answer before the next value: this many are more than a host holds for a connection and than all
# buffers on the way take. Answers are so short that they need not be read before.
UNANSWERED = 2048


def command(*words):
    parts = [b"$%d\r\n%b\r\n" % (len(word), word) for word in words]
    return b"*%d\r\n" % len(words) + b"".join(parts)


class Values:
    """Those of a connection, in the order in which it sets them: each begins elsewhere in the same noise."""

    def __init__(self, number):
        self.number = number
        self.noise = os.urandom(NOISE)

    def key(self, index):
        return b"converge:%d:%d" % (self.number, index % KEYS)

    def value(self, index):
        begin = index % (NOISE - VALUE)
        return self.noise[begin : begin + VALUE]


def expect_ok(answers):
    answer = answers.readline()
    if answer != b"+OK\r\n":
        raise ValueError(f"Redis says {answer!r}")


def is_last(answers, value):
    return answers.readline() == b"$%d\r\n" % VALUE and answers.read(VALUE + 2) == value + b"\r\n"


def stream(number, guest):
    values = Values(number)
    answers = guest.makefile("rb")
    count = 0
    while not is_enough():
        guest.sendall(command(b"SET", values.key(count), values.value(count)))
        sent[number] += VALUE
        count += 1
        if count > UNANSWERED:
            expect_ok(answers)
    for _ in range(min(count, UNANSWERED)):
        expect_ok(answers)
    for index in range(max(0, count - KEYS), count):
        guest.sendall(command(b"GET", values.key(index)))
        if not is_last(answers, values.value(index)):
            return False
    return True


run(stream)
