"""The peer's half of the end-to-end matrix: drives both sides through all scripts of a plan at once.

    matrix_peer.py with|without DIRECTORY ADDRESS4 ADDRESS6 PORT LOSSY_PORT CONTROL_PORT

With a takeover or without one, as whoever starts this has it in mind. DIRECTORY has plan.json: what happens to each connection. What a script does while the VM is held
begins when the file "held" appears there, what peers do while connections are given back when "giving"
does, what follows when "back" does; before the first a line "armed" is printed, before the second
"acted". At the end there is seen.json: what both applications saw.
"""

import json
import os
import socket
import sys
import time

from matrix_ends import Ends

GIVING_BACK = 0.4  # seconds, about as long as it takes from the first word to the agent
SETTLE = 0.5  # seconds, longer than a peer waits with its acknowledgement
PATIENCE = 30.0  # seconds, for what TCP repeats after its own time


class Control:
    """The guest's half, to be asked as Ends are."""

    def __init__(self, address, port):
        self._connection = socket.create_connection((address, port))
        self._connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._lines = self._connection.makefile("r")

    def call(self, verb, *words):
        self._connection.sendall(json.dumps([verb, *words]).encode() + b"\n")
        return json.loads(self._lines.readline())

    def ask(self, requests):
        return by_number(self.call("ask", requests))

    def ask_all(self, verb):
        return by_number(self.call("ask_all", verb))


def by_number(answers):
    return {int(number): answer for number, answer in answers.items()}


class Run:
    def __init__(self, taken_over, directory, scripts, control):
        self._taken_over = taken_over
        self._directory = directory
        self._scripts = dict(enumerate(scripts))
        self._guest = control
        self._peer = Ends()

    def connect(self, addresses, ports):
        for number, script in self._scripts.items():
            family = script["family"]
            connection = socket.socket(
                socket.AF_INET6 if family == "IPV6" else socket.AF_INET, socket.SOCK_STREAM)
            if script["receiveBuffer"]:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, script["receiveBuffer"])
            connection.connect((addresses[family], ports[script["losesFin"]]))
            seed, buffer = 2 * number, script["sendBuffer"]
            self._guest.call("accept", number, family, script["losesFin"], seed, seed + 1, buffer)
            self._peer.add(number, connection, seed + 1, seed, buffer)

    def prepare(self):
        """Fills the queues and goes to the states."""
        self._write(self._peer, "unreadBytes")
        self._write(self._guest, "unsentBytes")
        self._shut(self._peer, "CLOSE_WAIT", "LAST_ACK")
        self._shut(self._guest, "FIN_WAIT1", "FIN_WAIT2", "CLOSING")
        self._await_states({"LAST_ACK": "CLOSE_WAIT", "CLOSING": "FIN_WAIT1"})
        self._shut(self._guest, "LAST_ACK")
        self._shut(self._peer, "CLOSING")
        self._await_states({})
        time.sleep(SETTLE)

    def _write(self, ends, which):
        ends.ask([(number, "perform", "WRITE", script[which])
                  for number, script in self._scripts.items() if script[which]])

    def _shut(self, ends, *states):
        ends.ask([(number, "shut")
                  for number, script in self._scripts.items() if script["state"] in states])

    def _await_states(self, instead):
        wanted = {number: instead.get(script["state"], script["state"])
                  for number, script in self._scripts.items()}
        deadline = time.monotonic() + PATIENCE
        while (states := self._guest.ask_all("state")) != wanted:
            if time.monotonic() > deadline:
                sys.exit("not reached: %s" % [
                    (self._scripts[number]["name"], state, wanted[number])
                    for number, state in states.items() if state != wanted[number]])
            time.sleep(0.05)

    def acts(self, who, moment):
        return [(number, "perform", act["action"], act["bytes"])
                for number, script in self._scripts.items()
                for act in script["acts"] if act["who"] == who and act["moment"] == moment]

    def before(self):
        self._peer.ask(self.acts("PEER", "BEFORE"))
        self._guest.ask(self.acts("APPLICATION", "BEFORE"))
        time.sleep(SETTLE)

    def wait_for(self, file, said=None):
        if said:
            print(said, flush=True)
        while not os.path.exists(os.path.join(self._directory, file)):
            time.sleep(0.005)

    def giving_back(self):
        """One after the other, so that some fall into the blackout."""
        acts = self.acts("PEER", "GIVING_BACK")
        for act in acts:
            self._peer.ask([act])
            time.sleep(GIVING_BACK / len(acts))

    def held(self):
        self._await_lost_fins()
        if not self._taken_over:
            self._guest.call("do_armed")
        self._peer.ask(self.acts("PEER", "HELD"))
        time.sleep(SETTLE)

    def _await_lost_fins(self):
        """FINs that were lost at first have arrived: all of them are sent again in the end."""
        lost = [(number, "state") for number, script in self._scripts.items() if script["losesFin"]]
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if not {"ESTABLISHED", "FIN_WAIT1", "FIN_WAIT2"} & set(self._peer.ask(lost).values()):
                return
            time.sleep(0.05)

    def finish(self):
        """All read, each speaks once more, all read to the end."""
        for ends in (self._peer, self._guest):
            self._read_until_quiet()
            self._write(ends, "lastWords")
        self._read_until_quiet()
        self._guest.ask_all("shut")
        self._read_until_quiet()
        self._peer.ask_all("shut")
        deadline = time.monotonic() + PATIENCE
        self._read_until_quiet()
        while time.monotonic() < deadline and not self._all_over():
            self._read_until_quiet()

    def _all_over(self):
        return all(self._guest.ask_all("over").values()) and all(self._peer.ask_all("over").values())

    def _read_until_quiet(self):
        quiet_since = time.monotonic()
        while time.monotonic() - quiet_since < SETTLE:
            read = list(self._guest.ask_all("read").values()) + list(self._peer.ask_all("read").values())
            if any(read):
                quiet_since = time.monotonic()
            time.sleep(0.02)

    def seen(self):
        guest, peer = self._guest.ask_all("seen"), self._peer.ask_all("seen")
        return [{"name": script["name"], "guest": guest[number], "peer": peer[number]}
                for number, script in self._scripts.items()]


def main(whether, directory, address4, address6, *ports):
    port, lossy_port, control_port = map(int, ports)
    with open(os.path.join(directory, "plan.json")) as file:
        scripts = json.load(file)
    control = Control(address4, control_port)
    run = Run(whether == "with", directory, scripts, control)
    run.connect({"IPV4": address4, "IPV6": address6}, {False: port, True: lossy_port})
    run.prepare()
    run.before()
    control.call("arm", run.acts("APPLICATION", "HELD"))
    run.wait_for("held", "armed")
    run.held()
    run.wait_for("giving", "acted")
    run.giving_back()
    run.wait_for("back")
    in_time = control.call("in_time")
    run.finish()
    result = {"inTime": in_time, "seen": run.seen()}
    with open(os.path.join(directory, "seen.json"), "w") as file:
        json.dump(result, file)


if __name__ == "__main__":
    if len(sys.argv) != 8:
        sys.exit(__doc__)
    main(*sys.argv[1:])
