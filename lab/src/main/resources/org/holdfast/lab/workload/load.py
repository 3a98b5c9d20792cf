"""The peer's half of the load: starts every client in a process of its own and waits for SIGTERM.

    load.py --events FILE --address4 A --address6 A [--clients a,b,...] [more, see below]

With SIGTERM the clients end their connections in good order and say whether all was right.
"""

import argparse
import os
import time
import traceback

from events import Events, Stopping, now
from server_clients import run_download, run_redis_pipeline, run_redis_publisher
from server_clients import run_redis_subscriber, run_requests
from shell_clients import run_psql, run_ssh
from stream_clients import run_echo, run_streams

CLIENTS = {
    "echo": run_echo,
    "streams": run_streams,
    "ssh": run_ssh,
    "redis-subscriber": run_redis_subscriber,
    "redis-publisher": run_redis_publisher,
    "redis-pipeline": run_redis_pipeline,
    "http-download": run_download,
    "http-requests": run_requests,
    "psql": run_psql,
}


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("--events", required=True)
    parser.add_argument("--address4", required=True)
    parser.add_argument("--address6", required=True)
    parser.add_argument("--clients", default=",".join(CLIENTS))
    parser.add_argument("--streams", type=int, default=50)
    parser.add_argument("--block", type=int, default=4096, help="bytes")
    parser.add_argument("--interval", type=int, default=200, help="ms between a stream's blocks")
    parser.add_argument("--user-timeout", type=int, default=10000, help="ms, half of the streams")
    parser.add_argument("--probe", type=float, default=5, help="ms between echo probes")
    parser.add_argument("--download", default="random-200M.bin",
                        help="file of the web server, with its checksum in FILE.sha256 beside it")
    parser.add_argument("--page", default="load.txt", help="small file of the web server")
    parser.add_argument("--rate", type=int, default=1_500_000, help="of the download, bytes/s")
    parser.add_argument("--stream-port", type=int, default=7001)
    parser.add_argument("--echo-port", type=int, default=7002)
    parser.add_argument("--http-port", type=int, default=80)
    parser.add_argument("--redis-port", type=int, default=6379)
    parser.add_argument("--postgres-port", type=int, default=5432)
    parser.add_argument("--user", default="postgres", help="of PostgreSQL")
    parser.add_argument("--database", default="postgres")
    parser.add_argument("--ssh", default="", help="command that runs what follows in the guest")
    settings = parser.parse_args()
    settings.clients = settings.clients.split(",")
    settings.channel = "holdfast-%d" % time.time_ns()  # no other load's subscriber hears it
    return settings


def start(name, events, settings):
    child = os.fork()
    if child:
        return child
    try:
        CLIENTS[name](events, Stopping(), settings)
        os._exit(0)
    except BaseException:
        events.emit("X", now(), "%s: %s" % (name, traceback.format_exc(limit=-3)))
        os._exit(1)


def main():
    settings = parse()
    events = Events(settings.events)
    stopping = Stopping()
    children = {start(name, events, settings) for name in settings.clients}
    asked = False
    while children:
        child, _ = os.waitpid(-1, os.WNOHANG)
        if child:
            children.discard(child)
            continue
        if stopping and not asked:
            asked = True
            for child in children:
                os.kill(child, 15)
        time.sleep(0.05)
    events.emit("Z", now())


if __name__ == "__main__":
    main()
