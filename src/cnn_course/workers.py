"""Several workers, one training: who they are, which part of a batch each takes, and how they agree.

A worker is a process, on a machine of its own or beside others. `tf.distribute` lets them compute as one: a strategy
keeps a copy of the weights, a replica, on every GPU, or in every process where there is none, and adds gradients up
over all of them.
"""

import json
import os
import re
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf

from cnn_course.quiet import silent_stderr

# What TensorFlow raises where another worker does not answer any more.
LOST = (tf.errors.UnavailableError, tf.errors.AbortedError, tf.errors.DeadlineExceededError, tf.errors.CancelledError)
SEEDS_APART = 1_000_003  # between the seeds of two replicas
JOBS = ("chief", "worker")  # in the order in which TensorFlow counts them


class WorkerLostError(RuntimeError):
    """Another worker has ended, or cannot be reached any more."""


class Share(NamedTuple):
    """What one replica sees of a batch.

    Attributes
    ----------
    places : tensor of int32
        In the batch. Where each picture is blended with the one before it, that one comes first.
    count : tensor of int32
        How many pictures the batch has.
    seen : tensor of float32
        How many all replicas see together: as many, unless the batch is so small that each sees all of it.
    """

    places: tf.Tensor
    count: tf.Tensor
    seen: tf.Tensor


def share(replica, replicas: int, count, *, neighbor: bool = False) -> Share:
    """Cut a batch into shares as equal as can be.

    Fewer pictures than replicas cannot be cut: then each replica sees all of them, which leaves every mean as it is.

    Parameters
    ----------
    replica : int or tensor
        From 0.
    replicas : int
    count : int or tensor
        Pictures of the batch.
    neighbor : bool, default False
        Whether the picture before the first one is needed, too; before the first of all stands the last.

    Examples
    --------
    >>> [share(replica, 2, 5).places.numpy().tolist() for replica in range(2)]
    [[0, 1], [2, 3, 4]]
    >>> share(0, 2, 5, neighbor=True).places.numpy().tolist()
    [4, 0, 1]
    """
    replica, count = tf.cast(replica, tf.int32), tf.cast(count, tf.int32)
    small = count < replicas
    first = tf.where(small, 0, replica * count // replicas)
    end = tf.where(small, count, (replica + 1) * count // replicas)
    places = tf.range(first - int(neighbor), end) % count
    return Share(places, count, tf.cast(tf.where(small, replicas * count, count), tf.float32))


def own_share(count, *, neighbor: bool) -> Share | None:
    """Return the share of the replica that asks, inside ``strategy.run``; None if it is the only one."""
    context = tf.distribute.get_replica_context()
    replicas = context.num_replicas_in_sync
    return share(context.replica_id_in_sync_group, replicas, count, neighbor=neighbor) if replicas > 1 else None


class Team:
    """The workers that train together, as one of them sees it; a worker on its own is a team, too.

    Parameters
    ----------
    strategy : tf.distribute.Strategy, optional
        The one in whose scope we are, by default.

    Attributes
    ----------
    addresses : list of str
        Of all workers; empty for a worker on its own.
    count : int
        How many workers there are.
    index : int
        Of this one, from 0.
    replicas : range
        The numbers of those in this worker.

    Examples
    --------
    >>> alone = Team()
    >>> alone.count, alone.is_chief, alone.total([1, 2]).tolist()
    (1, True, [1, 2])
    """

    def __init__(self, strategy: tf.distribute.Strategy | None = None) -> None:
        self.strategy = strategy or tf.distribute.get_strategy()
        resolver = self.strategy.cluster_resolver
        jobs = resolver.cluster_spec().as_dict() if resolver else {}
        self.addresses = [address for job in JOBS for address in jobs.get(job, [])]
        self.count = max(1, len(self.addresses))
        before = len(jobs.get("chief", [])) if resolver and resolver.task_type == "worker" else 0
        self.index = before + (resolver.task_id or 0) if self.addresses else 0
        local = self.strategy.num_replicas_in_sync // self.count
        self.replicas = range(self.index * local, (self.index + 1) * local)

    @property
    def is_chief(self) -> bool:
        """Whether this worker is the one that writes files."""
        return self.index == 0

    def part(self, count: int) -> slice:
        """Return this worker's part of something that has so many places."""
        return slice(self.index * count // self.count, (self.index + 1) * count // self.count)

    def needed(self, count: int, batch_size: int, *, neighbor: bool) -> np.ndarray:
        """Return the places, among those of consecutive batches, that the replicas of this worker see, in order."""
        replicas = self.strategy.num_replicas_in_sync
        if replicas == 1:
            return np.arange(count)
        needed = [
            start + share(replica, replicas, min(batch_size, count - start), neighbor=neighbor).places.numpy()
            for start in range(0, count, batch_size)
            for replica in self.replicas
        ]
        return np.unique(np.concatenate(needed))

    def total(self, values) -> np.ndarray:
        """Add up whole numbers over all workers, each of which has to call this; all get the same sums.

        Parameters
        ----------
        values : array_like of int
            Of one shape on all workers.

        Returns
        -------
        ndarray of int64

        Raises
        ------
        WorkerLostError
            If another worker has ended.
        """
        values = np.asarray(values, np.int64)
        if self.count == 1 or values.size == 0:  # TensorFlow crashes on an empty sum
            return values
        with explained(self):
            sums = _adder(self.strategy, len(self.replicas))(tf.constant(values.reshape(-1)))
        return sums.numpy().reshape(values.shape)

    def from_chief(self, data: bytes) -> bytes:
        """Return what the chief gives; what the others give does not matter. Each has to call this."""
        if self.count == 1:
            return data
        size = int(self.total(len(data) if self.is_chief else 0))
        words = np.zeros(-(-size // 8), np.int64)
        if self.is_chief:
            words.view(np.uint8)[:size] = np.frombuffer(data, np.uint8)
        return self.total(words).tobytes()[:size]

    def require_agreement(self, data: bytes, what: str) -> None:
        """Refuse to go on where a worker has other data than the chief. Each has to call this.

        Raises
        ------
        ValueError
            On all workers, naming those that differ.
        """
        differs = np.zeros(self.count, np.int64)
        differs[self.index] = self.from_chief(data) != data
        if others := [str(index) for index in np.flatnonzero(self.total(differs))]:
            raise ValueError(f"Worker {', '.join(others)} was given other {what} than worker 0: give all the same.")


@lru_cache(maxsize=1)
def _adder(strategy: tf.distribute.Strategy, replicas: int):
    """Return a function that adds numbers up over the workers, of which each has so many replicas."""

    def add(values):
        context = tf.distribute.get_replica_context()
        counts = tf.equal(context.replica_id_in_sync_group % replicas, 0)  # one replica of each worker
        return context.all_reduce("SUM", tf.where(counts, values, tf.zeros_like(values)))

    @tf.function(input_signature=[tf.TensorSpec([None], tf.int64)])
    def add_up(values):
        return strategy.experimental_local_results(strategy.run(add, args=(values,)))[0]

    return add_up


@contextmanager
def explained(team: Team) -> Iterator[None]:
    """Say in a sentence that another worker is lost, instead of what TensorFlow says."""
    try:
        yield
    except LOST as error:
        if team.count == 1:
            raise
        named = re.search(r"task:(\d+)", str(error.message))
        who = "Another worker"
        if named and int(named[1]) < team.count:
            who = f"Worker {named[1]} ({team.addresses[int(named[1])]})"
        raise WorkerLostError(
            f"{who} has ended or cannot be reached any more, so this one ends, too. Start all workers again."
        ) from None


@contextmanager
def synchronized(model: keras.Model) -> Iterator[None]:
    """Let batch normalization use the statistics of the whole batch, all replicas' shares of it."""
    layers = [layer for layer in model._flatten_layers() if isinstance(layer, keras.layers.BatchNormalization)]
    before = [layer.synchronized for layer in layers]
    for layer in layers:
        layer.synchronized = True
    try:
        yield
    finally:
        for layer, value in zip(layers, before, strict=True):
            layer.synchronized = value


@contextmanager
def seeds_apart(model: keras.Model, strategy: tf.distribute.Strategy) -> Iterator[None]:
    """Let each replica draw masks of its own, as the halves of one batch have."""
    states = [variable.value for variable in model.variables if variable.name.endswith("seed_generator_state")]

    def move(step) -> None:
        replica = tf.cast(tf.distribute.get_replica_context().replica_id_in_sync_group, tf.int64)
        for state in states:
            state.assign_add(tf.cast(tf.stack([step * SEEDS_APART * replica, 0]), state.dtype))

    if strategy.num_replicas_in_sync == 1 or not states:
        yield
        return
    moved = tf.function(lambda step: strategy.run(move, args=(step,)), input_signature=[tf.TensorSpec([], tf.int64)])
    moved(1)
    try:
        yield
    finally:
        moved(-1)


def join() -> tf.distribute.Strategy:
    """Return the strategy that the environment asks for; call it right after `runtime.make_reproducible`.

    The variable ``TF_CONFIG``, or a step of Slurm with several tasks, names several workers: then this waits until all
    have joined. On its own a worker computes on all GPUs that it sees.

    Raises
    ------
    ValueError
        If ``TF_CONFIG`` does not say which workers there are and which of them this one is.
    """
    _adopt_slurm()
    addresses, index = _configured()
    if len(addresses) > 1:
        print(f"Worker {index} of {len(addresses)}, {addresses[index]}: waiting for the others.", flush=True)
        return _connect()
    gpus = tf.config.list_logical_devices("GPU")
    return tf.distribute.MirroredStrategy() if len(gpus) > 1 else tf.distribute.get_strategy()


def _configured() -> tuple[list[str], int]:
    """Return the addresses in TF_CONFIG and the place of this worker among them."""
    text = os.environ.get("TF_CONFIG", "")
    if not text:
        return [], 0
    try:
        config = json.loads(text)
        jobs, task = config["cluster"], config["task"]
        counted = [(job, number) for job in JOBS for number in range(len(jobs.get(job, [])))]
        index = counted.index((task["type"], int(task["index"])))
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ValueError(
            f'TF_CONFIG must be like {{"cluster": {{"worker": ["host1:8888", "host2:8888"]}}, '
            f'"task": {{"type": "worker", "index": 0}}}}, with the index of this worker, got {text}'
        ) from None
    return [jobs[job][number] for job, number in counted], index


def _adopt_slurm() -> None:
    """Write what Slurm says of this step into TF_CONFIG, as TensorFlow reads it for any cluster."""
    if "TF_CONFIG" in os.environ or int(os.environ.get("SLURM_STEP_NUM_TASKS", 1)) < 2:
        return
    most = max(int(number) for number in re.findall(r"(?<!x)\d+", os.environ["SLURM_STEP_TASKS_PER_NODE"]))
    # GPUs are Slurm's to give: it sets CUDA_VISIBLE_DEVICES. The resolver divides by their number: never zero.
    resolver = tf.distribute.cluster_resolver.SlurmClusterResolver(
        gpus_per_node=most, gpus_per_task=1, auto_set_gpu=False
    )
    addresses = sorted(resolver.cluster_spec().as_dict()["worker"], key=_natural)  # it has n10 before n9, Slurm not
    task = {"type": "worker", "index": int(os.environ["SLURM_PROCID"])}
    os.environ["TF_CONFIG"] = json.dumps({"cluster": {"worker": addresses}, "task": task})


def _natural(address: str) -> list:
    return [int(part) if place % 2 else part for place, part in enumerate(re.split(r"(\d+)", address))]


def _connect() -> tf.distribute.Strategy:
    """Join the others. No Python runs meanwhile, so Ctrl-C ends the process at once; nothing is lost yet."""
    handler = signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        with silent_stderr():
            strategy = tf.distribute.MultiWorkerMirroredStrategy()
            tf.zeros(1) + 1  # the first operation prints a line of its own
    except (RuntimeError, tf.errors.OpError) as error:
        print(error, file=sys.stderr)
        raise ValueError(
            "The workers could not be joined: is each address one of its machine, and its port free? "
            "They have to be joined before TensorFlow computes anything."
        ) from None
    finally:
        signal.signal(signal.SIGINT, handler)
    return strategy
