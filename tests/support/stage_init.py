"""The first process of a stage: it makes the two sides and the line between them, and opens sockets in the world.

Started by support/stage.py in user, network, mount and process namespaces of its own, with one end of a socket. That
carries a line of JSON for each request, and answers with one, some with open files. When the other end is closed,
also by a kill, this process ends and every process of the stage with it.

This process's own network namespace is the world. The client's, with files of its own in place of some of the
machine's, belongs to a child that only waits.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from typing import Any

NAMESPACES = ("user", "net", "mnt", "pid")
_MOUNT_AND_WAIT = """\
set -e
mount --make-rprivate /
while [ $# -gt 0 ]; do mount --bind "$1" "$2"; shift 2; done
echo ready
exec sleep infinity
"""


def run(*words: str, stdin: str = "") -> str:
    """Run a program to its end, which must be a good one; what it printed."""
    done = subprocess.run(words, input=stdin, capture_output=True, text=True, timeout=30, check=False)
    if done.returncode != 0:
        raise OSError(f"{' '.join(words)}: {done.stderr.strip() or done.returncode}")
    return done.stdout


def make_sides(asked: dict[str, Any]) -> int:
    """Both sides, with their addresses; the process whose namespaces are the client's."""
    # Where the machine hides parts of its /proc there can be no second one: then that one has to do.
    subprocess.run(["mount", "-t", "proc", "proc", "/proc"], capture_output=True, check=False)
    run("mount", "--make-rprivate", "/")
    run("mount", "--bind", asked["hosts"], "/etc/hosts")
    pairs = [path for pair in asked["mounts"] for path in pair]
    waiting = subprocess.Popen(
        ["unshare", "--net", "--mount", "sh", "-c", _MOUNT_AND_WAIT, "client", *pairs],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
    )
    assert waiting.stdout is not None
    line = waiting.stdout.readline()
    if line != b"ready\n":
        raise OSError(line.decode().strip())
    world, client, pid = asked["world"], asked["client"], str(waiting.pid)
    run(
        *("ip", "-batch", "-"),
        stdin="".join(
            [
                "link set lo up\n",
                f"link add name w0 type veth peer name c0 netns {pid}\n",
                *(f"addr add {address} dev w0{_flags(address)}\n" for address in world),
                "link set w0 up\n",
            ]
        ),
    )
    routes = [f"route add default via {address}\n" for address in asked["gateways"] if ":" not in address]
    routes += [f"-6 route add default via {address}\n" for address in asked["gateways"] if ":" in address]
    up = ["link set lo up\n", *(f"addr add {address} dev c0{_flags(address)}\n" for address in client)]
    inside_net = ("nsenter", "--net", "--target", pid)
    run(*inside_net, "ip", "-batch", "-", stdin="".join([*up, "link set c0 up\n"]))
    for route in routes:
        run(*inside_net, "ip", *route.split())
    return waiting.pid


def _flags(address: str) -> str:
    return " nodad" if ":" in address else ""


def wait_for(host: str, port: int) -> None:
    """Return once a connection to it is taken."""
    until = time.monotonic() + 20
    while True:
        with socket.socket() as one:
            wrong = one.connect_ex((host, port))
        if not wrong:
            return
        if time.monotonic() > until:
            raise OSError(wrong, f"nothing listens at {host}:{port}")
        time.sleep(0.01)


def serve(control: socket.socket) -> None:
    """Answer requests until the other end is closed."""
    client = 0
    lines = control.makefile("r", encoding="utf-8")
    for line in lines:
        asked = json.loads(line)
        answer: dict[str, Any] = {}
        files: list[int] = []
        try:
            if asked["do"] == "make":
                client = make_sides(asked)
                files = [os.open(f"/proc/{client}/ns/{name}", os.O_RDONLY) for name in NAMESPACES]
            elif asked["do"] == "listen":
                host, port = asked["at"]
                family = socket.AF_INET6 if ":" in host else socket.AF_INET
                files = [socket.create_server((host, port), family=family, backlog=128).detach()]
            elif asked["do"] == "wait":
                wait_for(*asked["at"])
            elif asked["do"] == "world":
                answer["out"] = run(*asked["words"], stdin=asked.get("stdin", ""))
            elif asked["do"] == "client":
                within = ("nsenter", "--net", "--mount", "--target", str(client))
                answer["out"] = run(*within, *asked["words"], stdin=asked.get("stdin", ""))
            elif asked["do"] == "start":
                with open(asked["log"], "ab") as log:
                    subprocess.Popen(asked["words"], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        except (OSError, subprocess.SubprocessError) as wrong:
            answer["error"] = str(wrong)
        socket.send_fds(control, [json.dumps(answer).encode() + b"\n"], files)
        for file in files:
            os.close(file)


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
