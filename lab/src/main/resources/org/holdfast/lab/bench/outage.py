"""One outage of a VM on its host, and what a host can do about it:

    outage.py WAY DOMAIN TAP MAC SECONDS

WAY is nothing (frames wait in the tap's own queue), drop (TCP sends again), cache (frames are kept, and
replayed when the VM is back), zero-window (the host tells peers to wait, as protocol gateways do) or holdfast.
Prints when the VM left and when it ran again, in seconds since 1970.
"""

import os
import socket
import struct
import subprocess
import sys
import threading
import time

ETH_P_ALL = 3
IPV4 = b"\x08\x00"
TCP = 6
ACK = 0x10
FIN_SYN_RST = 0x07


def run(*words):
    subprocess.run(words, check=True, stdout=sys.stderr)


class Aside:
    """Frames for the VM go to us instead of its tap."""

    def __init__(self, tap, mac):
        self.mac = mac
        self.tap = tap
        self.port = "aside-" + tap[-8:]
        bridge = os.path.basename(os.readlink(f"/sys/class/net/{tap}/master"))
        ours = self.port + "p"
        run("ip", "link", "add", self.port, "type", "veth", "peer", "name", ours)
        for name in (self.port, ours):
            with open(f"/proc/sys/net/ipv6/conf/{name}/disable_ipv6", "w") as switch:
                switch.write("1")
            # Frames are taken and replayed as they would be on a wire: whole, with their checksums.
            run("ethtool", "-K", name, "tx", "off", "tso", "off", "gso", "off", "gro", "off")
            run("ip", "link", "set", name, "up")
        run("ip", "link", "set", self.port, "master", bridge)
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
        self.socket.bind((ours, ETH_P_ALL))
        self.socket.setsockopt(socket.SOL_SOCKET, 33, 1 << 28)  # SO_RCVBUFFORCE
        # Sticky: the VM's last frames must not bring it back to its tap.
        run("bridge", "fdb", "replace", mac, "dev", self.port, "master", "static", "sticky")

    def frames(self, until):
        """Each frame for the VM, until that time."""
        own = bytes.fromhex(self.mac.replace(":", ""))
        while (left := until - time.time()) > 0:
            self.socket.settimeout(left)
            try:
                frame = self.socket.recv(1 << 16)
            except TimeoutError:
                return
            if frame[:6] == own:
                yield frame

    def end(self):
        run("ip", "link", "del", self.port)

    def send(self, frames):
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as tap:
            tap.bind((self.tap, 0))
            for frame in frames:
                tap.send(frame)


def checksum(data):
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    total = (total & 0xFFFF) + (total >> 16)
    return ~(total + (total >> 16)) & 0xFFFF


class ZeroWindow:
    """Acknowledges the first segment of each connection with a closed window, and answers each probe of it."""

    def __init__(self, aside):
        self.aside = aside
        self.kept = []
        self.expected = {}

    def take(self, frame):
        if frame[12:14] != IPV4 or frame[23] != TCP:
            return
        at = 14 + (frame[14] & 15) * 4
        length = 14 + int.from_bytes(frame[16:18]) - at - (frame[at + 12] >> 4) * 4
        ports, sequence, acknowledged, flags = *struct.unpack("!III", frame[at : at + 12]), frame[at + 13]
        key = frame[26:34], ports
        if flags & FIN_SYN_RST:
            return
        if key not in self.expected and length > 0:
            self.expected[key] = sequence + length & 0xFFFFFFFF
            self.kept.append(frame)
        expected = self.expected.get(key)
        if expected is not None and (length > 0 or sequence == expected - 1 & 0xFFFFFFFF):
            self.answer(frame, frame[at : at + 4], acknowledged, expected)

    def answer(self, frame, ports, sequence, acknowledgement):
        source, destination = frame[30:34], frame[26:30]
        tcp = ports[2:] + ports[:2] + struct.pack("!IIBBHHH", sequence, acknowledgement, 5 << 4, ACK, 0, 0, 0)
        pseudo = source + destination + struct.pack("!HH", TCP, len(tcp))
        tcp = tcp[:16] + struct.pack("!H", checksum(pseudo + tcp)) + tcp[18:]
        head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(tcp), 0, 0x4000, 64, TCP, 0) + source + destination
        head = head[:10] + struct.pack("!H", checksum(head)) + head[12:]
        self.aside.socket.send(frame[6:12] + frame[:6] + IPV4 + head + tcp)


class Lifecycle:
    """Notes when libvirt says that the domain stands, and that it runs again."""

    def __init__(self, domain):
        words = ["virsh", "event", "--domain", domain, "--event", "lifecycle", "--loop", "--timestamp"]
        self.program = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, bufsize=1)
        self.times = {}
        self.heard = {word: threading.Event() for word in ("Suspended", "Resumed")}
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        for line in self.program.stdout:
            for word, heard in self.heard.items():
                if word in line:
                    self.times[word] = time.time()
                    heard.set()

    def wait(self, word):
        if not self.heard[word].wait(60):
            sys.exit("error: libvirt does not say: " + word)
        return self.times[word]


def main(way, domain, tap, mac, seconds):
    lifecycle = Lifecycle(domain)
    time.sleep(0.5)  # virsh listens
    tool = "holdfast" if way == "holdfast" else "virsh"
    aside = Aside(tap, mac) if way in ("drop", "cache", "zero-window") else None
    run(tool, "suspend", domain)
    away = lifecycle.wait("Suspended")
    until = away + float(seconds)
    replayed = []
    if way == "zero-window":
        gateway = ZeroWindow(aside)
        for frame in aside.frames(until):
            gateway.take(frame)
        replayed = gateway.kept
    elif way == "cache":
        replayed = list(aside.frames(until))
    else:
        time.sleep(max(0.0, until - time.time()))
    if aside:
        aside.end()
    run(tool, "resume", domain)
    if replayed:
        aside.send(replayed)
    print(away, lifecycle.wait("Resumed"))
    lifecycle.program.terminate()


main(*sys.argv[1:])
