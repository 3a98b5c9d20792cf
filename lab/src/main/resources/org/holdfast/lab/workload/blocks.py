"""Numbered blocks: a byte stream in which every byte is known beforehand.

    0      4       8            16                         size
    | HFB1 | stream |   number   |  body: a run of a fixed table |

The body is picked from the table by stream and number, so that two blocks of one stream, or the
same block of two streams, never look alike. Whoever reads the stream knows what must come next and
says, if something else comes, whether bytes were changed, are missing or came twice.

Runs with python3-minimal: this file goes into the guest.
"""

import hashlib
import struct

MAGIC = b"HFB1"
VERDICT_MAGIC = b"HFV1"
HEADER = struct.Struct("!4sIQ")
VERDICT = struct.Struct("!4sIQQQ")  # magic, stream, blocks verified, findings, options changed
HELLO = struct.Struct("!4sIII")  # magic, stream, block size, interval in ms
HELLO_MAGIC = b"HFS1"

# Which way a stream flows is part of its number: a connection looped back on itself is found out.
TO_PEER = 0x80000000

_OFFSETS = 65521  # a prime, so that the multiples below visit all offsets
_TABLE = b"".join(
    hashlib.sha256(b"holdfast blocks %d" % i).digest() for i in range((_OFFSETS + 65536) // 32 + 1)
)


def block(stream, number, size):
    """The bytes of one block; size from 17 to 65536."""
    offset = (number * 40503 + (stream & 0xFFFFFF) * 9973) % _OFFSETS
    return HEADER.pack(MAGIC, stream, number) + _TABLE[offset : offset + size - HEADER.size]


class Verifier:
    """Checks a received stream. `findings` holds words, one per place where it was wrong.

    `verdict` becomes the block in which a server closes a stream, if one came.
    """

    def __init__(self, stream, size):
        self.stream = stream
        self.size = size
        self.number = 0  # of the block expected next
        self.verified = 0  # bytes
        self.findings = []
        self.verdict = b""
        self._buffer = b""
        self._searching = False

    def feed(self, data):
        """Takes what came; returns the number of bytes newly verified."""
        before = self.verified
        buffer = self._buffer + data if self._buffer else data
        at = 0
        size = self.size
        while len(buffer) - at >= size:
            if self._searching:
                at = self._search(buffer, at)
                continue
            expected = block(self.stream, self.number, size)
            if buffer[at : at + size] == expected:
                self.number += 1
                self.verified += size
                at += size
            else:
                at = self._wrong(buffer, at, expected)
        self._buffer = buffer[at:]
        return self.verified - before

    def finish(self):
        """The stream has ended: what remains is a piece of a block, or nothing. Returns it."""
        rest, self._buffer = self._buffer, b""
        return rest

    def _wrong(self, buffer, at, expected):
        size = self.size
        if self._is_verdict(buffer, at):
            self.verdict = buffer[at : at + size]
            return at + size
        magic, stream, number = HEADER.unpack_from(buffer, at)
        if magic == MAGIC and stream == self.stream and number != self.number:
            if buffer[at : at + size] == block(stream, number, size):
                if number > self.number:
                    self._find("blocks %d to %d are missing" % (self.number, number - 1))
                else:
                    self._find("block %d came again before block %d" % (number, self.number))
                self.number = number
                return at
        place = next(i for i in range(size) if buffer[at + i] != expected[i])
        self._find(
            "block %d differs at byte %d: %02x instead of %02x"
            % (self.number, place, buffer[at + place], expected[place])
        )
        self.number += 1
        if buffer[at + place + 1 : at + size] == expected[place + 1 :]:
            return at + size  # one byte was changed, no byte is missing
        self._searching = True
        return at + max(place, 1)

    def _search(self, buffer, at):
        """After a wrong block the next one may begin anywhere: bytes may be missing or doubled."""
        found = buffer.find(MAGIC + struct.pack("!I", self.stream), at)
        if found < 0:
            found = buffer.find(self._verdict_start(), at)
        if found < 0:
            return len(buffer) - 7
        if len(buffer) - found < self.size:
            return found  # the rest of it is still to come
        if self._is_verdict(buffer, found):
            self._searching = False
            return found
        number = HEADER.unpack_from(buffer, found)[2]
        if buffer[found : found + self.size] != block(self.stream, number, self.size):
            return found + 1
        self.number = number
        self._searching = False
        return found

    def _verdict_start(self):
        return VERDICT_MAGIC + struct.pack("!I", self.stream & ~TO_PEER)

    def _is_verdict(self, buffer, at):
        return buffer[at : at + 8] == self._verdict_start()

    def _find(self, words):
        self.findings.append("stream %#x: %s" % (self.stream, words))
