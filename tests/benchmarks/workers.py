"""Two workers on this machine against one, each worker on a core of its own, by `training.fit`.

One and two are compared number by number: LeNet-5 after 50 steps of the recipe it ships with, the photo network after
20 steps of its own, with random pictures and batch normalization over the whole batch. Their speed is that of the
photo network, batch 32, the fastest epoch of 20 steps but the first. The ratio of processor time is what a quiet
machine would give but for waiting: the time of one worker over that of the busier of two. Where other programs use the
cores, the ratio of speeds is theirs as well: take it again on a quiet machine. One of two workers is ended by
`kill -9` within an epoch; the other says so, and both start again. The figures for more workers are worked out, not
measured: `on_paper` says how. The folder of 100,000 photographs holds links to eight.
"""

import json
import math
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from cnn_course.datasets import open_photos
from cnn_course.experiments import crew
from tests.benchmarks import one_worker
from tests.benchmarks.rows import Row

EPOCHS = 4
BATCH = 32
SIZE = 96
# On paper: a step of N workers takes the time of a worker's share, and of two collectives for each of nine batch
# normalizations forward, one each backward, and of the gradients: each goes around the ring of workers twice.
COLLECTIVES = 9 * 3 * 2 + 1
BANDWIDTHS = {"1 Gbit/s": 125e6, "10 Gbit/s": 1.25e9}
LATENCY = 50e-6  # of one message between two machines, in seconds
FEWEST, MOST = 10_000, 100_000


def measure(say: Callable[[str], None]) -> list[Row]:
    """Return the rows."""
    with tempfile.TemporaryDirectory() as folder:
        say("LeNet-5, one worker, then two")
        digits = [run(count, Path(folder) / f"lenet5-{count}", "lenet5", epochs=1) for count in (1, 2)]
        say("photo network, one worker, then two")
        photos = [run(count, Path(folder) / f"photo-{count}", "photo_net", epochs=EPOCHS) for count in (1, 2)]
        say("a worker is killed")
        killed = kill_and_go_on(Path(folder) / "killed")
        say(f"{MOST:,} photographs")
        large = large_folder(Path(folder) / "photographs")
    return [
        Row("LeNet-5, 50 steps: largest difference of a weight, two workers to one", far(*digits), "", at_most=1e-5),
        Row(
            "photo network, 20 steps: difference of the mean loss, two workers to one",
            abs(photos[0][0]["loss"][0] - photos[1][0]["loss"][0]),
            "",
            at_most=1e-4,
        ),
        *speeds(photos),
        killed,
        *large,
        *on_paper(min(epochs(photos[0][0])[:, 1]) / one_worker.STEPS),
    ]


def run(count: int, folder: Path, network: str, **order) -> list[dict]:
    """Let so many workers train, each on a core of its own; return what each found."""
    folder.mkdir(exist_ok=True)
    started = start(count, folder, network, **order)
    for index, worker in enumerate(started):
        if worker.wait():
            raise RuntimeError(f"A worker of {network} failed: {(folder / f'{index}.err').read_text()[-1000:]}")
    found = [json.loads((folder / f"{index}.json").read_text()) for index in range(count)]
    return [
        each | {"weights": list(np.load(folder / f"{index}.npz", allow_pickle=False).values())}
        for index, each in enumerate(found)
    ]


def start(count: int, folder: Path, network: str, **order) -> list[subprocess.Popen]:
    """Start so many workers; what they say can be read."""
    addresses = [f"{crew.LOOPBACK}:{port}" for port in crew.free_ports(count)]
    cores, started = sorted(os.sched_getaffinity(0)), []
    for index in range(count):
        config = {"cluster": {"worker": addresses}, "task": {"type": "worker", "index": index}}
        environment = os.environ | ({"TF_CONFIG": json.dumps(config)} if count > 1 else {})
        all_of_it = {"network": network, "folder": str(folder), "core": cores[index % len(cores)], **order}
        command = [sys.executable, "-m", "tests.benchmarks.one_worker", json.dumps(all_of_it)]
        pipes = {"stdout": (folder / f"{index}.out").open("w"), "stderr": (folder / f"{index}.err").open("w")}
        started.append(subprocess.Popen(command, env=environment, **pipes))
    return started


def far(one: list[dict], other: list[dict]) -> float:
    """Return the largest difference of two weights."""
    pairs = zip(one[0]["weights"], other[0]["weights"], strict=True)
    return max(float(np.abs(mine - theirs).max()) for mine, theirs in pairs)


def epochs(found: dict) -> np.ndarray:
    """Return seconds and processor seconds of each epoch but the first, which also builds the graph."""
    return np.diff(found["ticks"], axis=0)[1:]


def speeds(photos: list[list[dict]]) -> list[Row]:
    """Compare the speed of one worker and of two, by the clock and by processor time."""
    pictures = one_worker.STEPS * BATCH
    (one, one_busy), *two = (epochs(found).min(axis=0) for run in photos for found in run)
    both, busier = np.max(two, axis=0)
    name = "photo network, a core for each worker: "
    return [
        Row(f"{name}two workers", pictures / both, "pictures/s", "one worker", pictures / one, at_least=1.6),
        Row(f"{name}two, by processor time", pictures / busier, "pictures/s", "one", pictures / one_busy, at_least=1.6),
    ]


def kill_and_go_on(folder: Path) -> Row:
    """End a worker within the third epoch, start both again, and compare with an undisturbed run."""
    whole = run(2, folder.with_name("whole"), "lenet5", epochs=6)
    folder.mkdir()
    order = {"network": "lenet5", "epochs": 6, "checkpoint": str(folder / "checkpoint.npz")}
    first, second = start(2, folder, **order)
    while "epoch  2" not in (folder / "0.out").read_text():
        time.sleep(0.02)
        if first.poll() is not None:
            raise RuntimeError("The workers ended before one was killed.")
    second.send_signal(signal.SIGKILL)
    if not first.wait() or "Worker 1 (127.0.0.1:" not in (folder / "0.err").read_text():
        raise RuntimeError("The other worker did not say that one was lost.")
    again = run(2, folder, **order)
    if not 0 < (folder / "0.out").read_text().count("epoch") < 5:
        raise RuntimeError("The training did not go on from where it was.")
    name = "LeNet-5, a worker killed and both started again: largest difference of a weight to an undisturbed run"
    return Row(name, far(whole, again), "", at_most=0.0)


def large_folder(folder: Path) -> list[Row]:
    """List, split and read folders of links, and say how long it takes and how memory grows with them."""
    pictures, random = [], np.random.default_rng(0)
    folder.mkdir()
    for number in range(8):
        pictures.append(folder / f"{number}.jpg")
        Image.fromarray(random.integers(0, 256, (375, 500, 3), np.uint8)).save(pictures[-1])
    seconds, peak = {}, {}
    for count in (FEWEST, MOST):
        for animal in ("cat", "dog"):
            (folder / f"{count}" / f"{animal}s").mkdir(parents=True)
            for number in range(count // 2):
                (folder / f"{count}" / f"{animal}s" / f"{animal}.{number}.jpg").symlink_to(pictures[number % 8])
        before = time.perf_counter()
        train, _ = open_photos(folder / f"{count}", SIZE).split(0.1)
        assert train.images[np.linspace(0, len(train) - 1, BATCH).astype(int)].shape == (BATCH, SIZE, SIZE, 3)
        seconds[count] = time.perf_counter() - before
        peak[count] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024  # kilobytes on Linux
    grown = f"memory for {MOST:,} photographs beyond that for {FEWEST:,}"
    return [
        Row(f"{MOST:,} photographs listed, split, and the first batch read", seconds[MOST], "s", at_most=10),
        Row(grown, peak[MOST] - peak[FEWEST], "MiB", at_most=50),
    ]


def on_paper(step: float) -> list[Row]:
    """Work out how many pictures a second 1 to 64 workers train, a core each, with the same batch.

    A step takes the measured time of one worker, divided by the workers, and the time of the collectives: N workers
    pass 2 (N - 1) messages around, and 2 (N - 1) / N of the bytes.
    """
    from cnn_course import models

    count = 4 * sum(math.prod(weight.shape) for weight in models.photo_net(SIZE).trainable_weights)
    rows = []
    for network, bandwidth in BANDWIDTHS.items():
        for number in (2**power for power in range(7)):
            waiting = 2 * (number - 1) * (COLLECTIVES * LATENCY + count / number / bandwidth)
            share = math.ceil(BATCH / number) / BATCH  # beyond 32 workers each sees a whole picture, or the batch
            share = 1.0 if number > BATCH else share
            name = f"on paper: {number} workers, {network}, {count / 2**20:.1f} MiB to reduce"
            rows.append(Row(name, BATCH / (step * share + waiting), "pictures/s", "one worker", BATCH / step))
    return rows
