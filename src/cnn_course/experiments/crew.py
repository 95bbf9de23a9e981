"""Experiments made by several workers: the first leads and records, the others follow; and several on one machine."""

import contextlib
import io
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # who only starts workers needs no TensorFlow
    from cnn_course.workers import Team

LOOPBACK = "127.0.0.1"
PATIENCE = 60  # seconds that the others have to end by themselves once one has failed
Tasks = dict[str, Callable[[], dict]]


def led(team: "Team", name: str, tasks: Tasks) -> Tasks:
    """Return the tasks of the first worker: each calls the others to the same run before it begins.

    Parameters
    ----------
    team : Team
    name : str
        Of the experiment.
    tasks : dict of str to callable
    """
    return {key: partial(_call_and_run, team, name, key, task) for key, task in tasks.items()}


def _call_and_run(team: "Team", name: str, key: str, task: Callable[[], dict]) -> dict:
    team.from_chief(json.dumps([name, key]).encode())
    return task()


def dismiss(team: "Team") -> None:
    """Tell the others that all is done."""
    team.from_chief(b"")


def follow(team: "Team", tasks_of: Callable[[str], Tasks]) -> None:
    """Take part in every run that the first worker calls to, and record nothing.

    Parameters
    ----------
    team : Team
    tasks_of : callable
        Gives the tasks of an experiment by its name.
    """
    known = {}
    while call := team.from_chief(b""):
        name, key = json.loads(call)
        if name not in known:
            known = {name: tasks_of(name)}
        with contextlib.redirect_stdout(io.StringIO()):  # the first worker prints the same
            known[name][key]()


def start_here(count: int, arguments: list[str]) -> int:
    """Start several workers on this machine, wait until all have ended, and return the exit status.

    Where one ends early the others notice by themselves; those that do not are ended.

    Parameters
    ----------
    count : int
    arguments : list of str
        What this Python gets to start each of them; the environment tells it who it is.
    """
    addresses = [f"{LOOPBACK}:{port}" for port in free_ports(count)]
    workers = []
    try:
        for index in range(count):
            config = {"cluster": {"worker": addresses}, "task": {"type": "worker", "index": index}}
            environment = os.environ | {"TF_CONFIG": json.dumps(config)}
            workers.append(subprocess.Popen([sys.executable, *arguments], env=environment))
        return _wait(workers)
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()


def free_ports(count: int) -> list[int]:
    """Return ports that no one listens to. They are all open at once, so that none is found twice."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind((LOOPBACK, 0))
        return [each.getsockname()[1] for each in sockets]


def _wait(workers: list[subprocess.Popen]) -> int:
    """Wait until all have ended, but not long for the others once one has failed; return the exit status."""
    deadline = float("inf")
    while any(worker.poll() is None for worker in workers) and time.monotonic() < deadline:
        try:
            time.sleep(0.2)
        except KeyboardInterrupt:  # the workers have heard it, too: they say what is kept
            deadline = min(deadline, time.monotonic() + PATIENCE)
        if any(worker.poll() for worker in workers):
            deadline = min(deadline, time.monotonic() + PATIENCE)
    for index, worker in enumerate(workers):
        if worker.poll() is None:
            print(f"Worker {index} did not end by itself, and is ended.", file=sys.stderr)
        elif worker.returncode < 0:
            print(f"Worker {index} was ended by signal {-worker.returncode}.", file=sys.stderr)
    return int(any(worker.poll() != 0 for worker in workers))
