"""`cross_correlate` against SciPy's fastest route and `tf.nn.conv2d`, for float32 pictures from 28x28 to 1024x1024.

Each time is the shortest of at least three, taken in turns of at least 5 ms, so that short jobs run with warm caches.
SciPy's routes are `signal.correlate2d`, `signal.correlate` by FFT and directly, `signal.oaconvolve`,
`ndimage.correlate`, each channel by channel, and the FFT routes also for all channels at once. All results are
compared. A route that took over five times the best at 128x128 or later is not tried on larger pictures. SciPy and
NumPy use one thread, TensorFlow two. The last rows are the readable loops of chapter 2, up to 256x256.
"""

from collections.abc import Callable

import numpy as np
import scipy.ndimage
import scipy.signal
import tensorflow as tf

from cnn_course.convolution import correlate_by_loops, cross_correlate
from tests.benchmarks.rows import Row
from tests.benchmarks.timing import race

SIZES = (28, 64, 128, 256, 512, 1024)
KERNELS = (3, 5, 11)
CHANNELS = ((1, 1), (3, 8))
LIMIT = 2.0  # times SciPy's best
HOPELESS = 5.0  # times the best, on pictures so large that what a call costs by itself no longer matters:
SETTLED = 128  # rows and columns
OURS, TENSORFLOW, LOOPS = "cross_correlate", "tf.nn.conv2d", "correlate_by_loops"
LOOP_SIZES, LOOP_KERNEL = (28, 128, 256), 3


def measure(say: Callable[[str], None]) -> list[Row]:
    """Return the rows against SciPy and TensorFlow, then those of the loops."""
    return against_libraries(say) + loops(say)


def against_libraries(say: Callable[[str], None], sizes=SIZES, kernels=KERNELS, channels=CHANNELS) -> list[Row]:
    """Return two rows for each case: against SciPy and against TensorFlow."""
    rows = []
    numbers = np.random.default_rng(0)
    for channels_in, channels_out in channels:
        for kernel_size in kernels:
            routes = dict(SCIPY)
            for size in sizes:
                case, picture, kernel = drawn(numbers, size, kernel_size, channels_in, channels_out)
                say(case)
                times = race(jobs(picture, kernel, routes), seconds=0.5, rounds=3)
                best = min(routes, key=times.get)
                if size >= SETTLED:
                    routes = {name: route for name, route in routes.items() if times[name] <= HOPELESS * times[best]}
                curve = f"kernel {kernel_size}x{kernel_size}, channels {channels_in} to {channels_out}"
                ours = {"name": f"cross_correlate, {case}", "value": 1e3 * times[OURS], "unit": "ms"}
                rows += [
                    Row(**ours, against=best, against_value=1e3 * times[best], at_most=LIMIT, curve=curve, place=size),
                    Row(**ours, against=TENSORFLOW, against_value=1e3 * times[TENSORFLOW]),
                ]
    return rows


def loops(say: Callable[[str], None], sizes=LOOP_SIZES, channels=CHANNELS) -> list[Row]:
    """Return one row for each case: the loops against `cross_correlate`."""
    rows = []
    numbers = np.random.default_rng(0)
    for channels_in, channels_out in channels:
        for size in sizes:
            case, picture, kernel = drawn(numbers, size, LOOP_KERNEL, channels_in, channels_out)
            say(f"loops, {case}")
            times = race(loop_jobs(picture, kernel), seconds=0.5, rounds=3)
            value, against_value = 1e3 * times[LOOPS], 1e3 * times[OURS]
            rows.append(Row(f"{LOOPS}, {case}", value, "ms", against=OURS, against_value=against_value))
    return rows


def drawn(numbers: np.random.Generator, size: int, kernel_size: int, channels_in: int, channels_out: int) -> tuple:
    """Return the name of a case, its picture and its kernels, of random numbers."""
    case = f"{size}x{size}, kernel {kernel_size}x{kernel_size}, channels {channels_in} to {channels_out}"
    picture = numbers.random((size, size, channels_in), np.float32)
    return case, picture, numbers.random((kernel_size, kernel_size, channels_in, channels_out), np.float32) - 0.5


def loop_jobs(picture, kernel) -> dict[str, Callable[[], object]]:
    """Return the loops, kernel by kernel, and what they are timed against, both of which give equal results."""
    every = {
        LOOPS: lambda: np.stack([correlate_by_loops(picture, one) for one in np.moveaxis(kernel, 3, 0)], axis=-1),
        OURS: lambda: cross_correlate(picture[np.newaxis], kernel)[0],
    }
    np.testing.assert_allclose(every[LOOPS](), every[OURS](), rtol=0, atol=1e-3)
    return every


def jobs(picture, kernel, routes) -> dict[str, Callable[[], object]]:
    """Return what is to be timed, all of which gives equal results."""
    batch = picture[np.newaxis]
    on_device = tf.constant(batch), tf.constant(kernel)
    every = {
        OURS: lambda: cross_correlate(batch, kernel)[0],
        TENSORFLOW: lambda: tf.nn.conv2d(*on_device, 1, "VALID")[0].numpy(),
    }
    every |= {name: lambda route=route: route(picture, kernel) for name, route in routes.items()}
    expected = every[TENSORFLOW]()
    for name, job in every.items():
        np.testing.assert_allclose(job(), expected, rtol=0, atol=1e-3, err_msg=name)
    return every


def by_channel(correlate: Callable) -> Callable:
    """Make a function of one picture and one kernel sum over the channels, for each kernel."""

    def route(picture, kernel):
        maps = [
            sum(correlate(picture[:, :, i], kernel[:, :, i, o]) for i in range(kernel.shape[2]))
            for o in range(kernel.shape[3])
        ]
        return np.stack(maps, axis=-1)

    return route


def all_channels(convolve: Callable) -> Callable:
    """Make a function that convolves along axes transform all channels at once, then sum over those that go in."""

    def route(picture, kernel):
        return convolve(picture[..., np.newaxis], kernel[::-1, ::-1], mode="valid", axes=(0, 1)).sum(axis=2)

    return route


def by_ndimage(picture, kernel):
    """Correlate at every pixel, then keep the windows that lie inside the picture."""
    sides = [slice(k // 2, k // 2 + n - k + 1) for n, k in zip(picture.shape, kernel.shape, strict=True)]
    return scipy.ndimage.correlate(picture, kernel, mode="constant")[tuple(sides)]


SCIPY = {
    "signal.correlate2d": by_channel(lambda p, k: scipy.signal.correlate2d(p, k, "valid")),
    "signal.correlate, direct": by_channel(lambda p, k: scipy.signal.correlate(p, k, "valid", "direct")),
    "signal.correlate, FFT": by_channel(lambda p, k: scipy.signal.correlate(p, k, "valid", "fft")),
    "signal.oaconvolve": by_channel(lambda p, k: scipy.signal.oaconvolve(p, k[::-1, ::-1], "valid")),
    "ndimage.correlate": by_channel(by_ndimage),
    "signal.fftconvolve, all channels": all_channels(scipy.signal.fftconvolve),
    "signal.oaconvolve, all channels": all_channels(scipy.signal.oaconvolve),
}
