"""An ssh session that prints a counter, and a psql session inside an open transaction."""

import os
import select
import shlex
import subprocess
import time

from events import Meter
from server_clients import PATIENCE, follow

# No shell loop with sleep: a slow guest would do little else than start processes.
COUNTER = """python3 -c '
import time
i = 0
while True:
    print(i, flush=True)
    i += 1
    time.sleep(0.2)
'"""


def run_ssh(events, stopping, settings):
    """The ssh client itself, with a remote shell that counts."""
    meter = Meter(events, "ssh", "SSH", 400_000)
    client = subprocess.Popen(shlex.split(settings.ssh) + [COUNTER], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    meter.opened("ssh", settings.ssh.split()[-1], "a counter")
    expected = [0]

    def take(line):
        number = int(line)
        if number != expected[0]:
            meter.corrupt("the counter went from %d to %d" % (expected[0] - 1, number))
        expected[0] = number + 1
        meter.received(len(line) + 1)

    follow(client, meter, stopping, take)


class Psql:
    """psql behind pipes: one statement at a time."""

    def __init__(self, settings):
        self.client = subprocess.Popen(
            ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", settings.address6,
             "-p", str(settings.postgres_port), "-U", settings.user, settings.database],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self._rest = b""

    def ask(self, statement):
        """Sends a statement that answers with one line; returns that line."""
        self.client.stdin.write(statement.encode() + b"\n")
        self.client.stdin.flush()
        output = self.client.stdout.fileno()
        until = time.monotonic() + PATIENCE
        while b"\n" not in self._rest:
            if not select.select([output], [], [], max(0.0, until - time.monotonic()))[0]:
                raise ConnectionError(0, "no answer within %d s to %s" % (PATIENCE, statement))
            data = os.read(output, 65536)
            if not data:
                raise ConnectionError(0, "psql ended: %s" % self._rest.decode(errors="replace"))
            self._rest += data
        line, self._rest = self._rest.split(b"\n", 1)
        return line.decode(errors="replace")


def run_psql(events, stopping, settings):
    """One transaction, begun at the start and committed at the end, with a row for each step."""
    meter = Meter(events, "psql", "PSQL", 400_000)
    session = Psql(settings)
    step = 0
    try:
        session.client.stdin.write(
            b"BEGIN;\nCREATE TEMPORARY TABLE step (number integer) ON COMMIT PRESERVE ROWS;\n")
        identity = session.ask("SELECT pg_backend_pid(), txid_current();")
        if identity.count("|") != 1:
            raise ConnectionError(0, identity)
        meter.opened("psql", "[%s]:%d" % (settings.address6, settings.postgres_port),
                     "backend and transaction %s" % identity)
        question = "SELECT count(*), sum(number), pg_backend_pid(), txid_current() FROM step;"
        while not stopping:
            step += 1
            session.client.stdin.write(b"INSERT INTO step VALUES (%d);\n" % step)
            answer = session.ask(question)
            expected = "%d|%d|%s" % (step, step * (step + 1) // 2, identity)
            if answer != expected:
                if answer.count("|") != 3:
                    raise ConnectionError(0, answer)
                meter.corrupt("step %d: %s instead of %s" % (step, answer, expected))
            meter.received(len(answer))
            time.sleep(0.2)
        session.client.stdin.write(b"COMMIT;\n")
        answer = session.ask("SELECT count(*), txid_current_if_assigned() IS NULL FROM step;")
        if answer != "%d|t" % step:
            meter.corrupt("after the commit: %s instead of %d|t" % (answer, step))
    except OSError as problem:
        meter.lost(problem.strerror or str(problem))
        session.client.kill()
        return
    session.client.stdin.close()
    session.client.wait()
    meter.ended("%d rows in one transaction, committed" % step)
