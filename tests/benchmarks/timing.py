"""Clocks. What is compared is run in turn, A B A B, so that a busy moment of the machine hits both."""

import time
from collections.abc import Callable

# A job of microseconds fills its turn with repetitions: right after another job caches are cold, and TensorFlow's
# threads are still looking for work. Both slow a short job so much that fast and slow ones look alike.
TURN = 0.005  # seconds


def clock(job: Callable[[], object]) -> float:
    """Return the seconds that one call takes."""
    start = time.perf_counter()
    job()
    return time.perf_counter() - start


def race(jobs: dict[str, Callable[[], object]], *, seconds: float, rounds: int) -> dict[str, float]:
    """Run the jobs in turn, in at least `rounds` rounds and for at least `seconds` seconds.

    Returns
    -------
    dict of str to float
        The shortest time of each, in seconds. Every job has run once before.
    """
    for job in jobs.values():
        job()
    best = dict.fromkeys(jobs, float("inf"))
    start = time.perf_counter()
    done = 0
    while done < rounds or time.perf_counter() - start < seconds:
        for name, job in jobs.items():
            turn = time.perf_counter()
            best[name] = min(best[name], clock(job))
            while time.perf_counter() - turn < TURN:
                best[name] = min(best[name], clock(job))
        done += 1
    return best


class Stopwatch:
    """Counts seconds, save while it is held."""

    def __init__(self) -> None:
        self.start, self.held = time.perf_counter(), 0.0

    def read(self) -> float:
        """Return the seconds counted so far."""
        return time.perf_counter() - self.start - self.held

    def hold(self, job: Callable[[], object]) -> object:
        """Do something that does not count, and return its result."""
        start = time.perf_counter()
        result = job()
        self.held += time.perf_counter() - start
        return result
