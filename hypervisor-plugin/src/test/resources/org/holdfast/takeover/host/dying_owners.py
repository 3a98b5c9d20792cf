"""Forks a process for each socket it is told of, which owns a duplicate of it and is killed.

Reads lines PROCESS DESCRIPTOR, and answers each with "owned" when a child has the duplicate; on the
line "kill" kills that child, and answers "gone" when nothing of it is left.
"""

import ctypes
import os
import signal
import sys

LIBC = ctypes.CDLL(None, use_errno=True)
PIDFD_OPEN, PIDFD_GETFD = 434, 438


def own(process, descriptor):
    """Does not return."""
    duplicate = LIBC.syscall(PIDFD_GETFD, LIBC.syscall(PIDFD_OPEN, process, 0), descriptor, 0)
    print("owned" if duplicate >= 0 else os.strerror(ctypes.get_errno()), flush=True)
    while True:
        signal.pause()


child = 0
for line in sys.stdin:
    if line == "kill\n":
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        print("gone", flush=True)
        continue
    child = os.fork()
    if child == 0:
        own(*map(int, line.split()))
