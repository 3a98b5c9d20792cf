"""Runs modules in a container through `docker exec`: how the lab's hosts, which have no sshd, are
reached. Ansible's own collection for Docker is not part of ansible-core. Must not be used for
anything but containers: it is root there by construction and ignores `become`.
"""

from __future__ import annotations

import shlex
import subprocess

from ansible.errors import AnsibleConnectionFailure
from ansible.plugins.connection import ConnectionBase

DOCUMENTATION = """
    name: docker_exec
    short_description: run in a container through docker exec
    description:
        - Needs the docker command on the controller, and sh, cat and Python in the container.
    options:
        container:
            description: Name or id of the container.
            default: inventory_hostname
            vars:
                - name: inventory_hostname
                - name: ansible_host
        docker_command:
            description: The docker command.
            default: docker
            vars:
                - name: ansible_docker_command
"""


class Connection(ConnectionBase):
    """One container. Nothing stays open between commands, so nothing has to be closed."""

    transport = "docker_exec"
    has_pipelining = True

    def _connect(self):
        self._connected = True
        return self

    def close(self):
        self._connected = False

    def exec_command(self, cmd, in_data=None, sudoable=True):
        super().exec_command(cmd, in_data=in_data, sudoable=sudoable)
        return self._run(["/bin/sh", "-c", cmd], in_data)

    def put_file(self, in_path, out_path):
        super().put_file(in_path, out_path)
        with open(in_path, "rb") as source:
            self._checked(["/bin/sh", "-c", "cat > " + shlex.quote(out_path)], stdin=source)

    def fetch_file(self, in_path, out_path):
        super().fetch_file(in_path, out_path)
        with open(out_path, "wb") as target:
            self._checked(["cat", in_path], stdout=target)

    def _exec_words(self, words):
        docker = [self.get_option("docker_command"), "exec", "--interactive"]
        return docker + [self.get_option("container")] + words

    def _run(self, words, in_data):
        result = subprocess.run(self._exec_words(words), input=in_data or b"", capture_output=True)
        return result.returncode, result.stdout, result.stderr

    def _checked(self, words, **streams):
        streams.setdefault("stdout", subprocess.DEVNULL)
        result = subprocess.run(self._exec_words(words), stderr=subprocess.PIPE, **streams)
        if result.returncode != 0:
            raise AnsibleConnectionFailure(
                f"docker exec in {self.get_option('container')} failed with status"
                f" {result.returncode}: {result.stderr.decode(errors='replace').strip()}"
            )
