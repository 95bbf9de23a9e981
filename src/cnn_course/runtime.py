"""The same bits on every machine: what has to be fixed before anything is computed."""

import os
import platform
import sys

from cnn_course.cores import CORES
from cnn_course.quiet import silent_stderr

# Libraries pick their fastest code for the processor they find, and another code adds the same numbers in another
# order. These settings, read when each library is loaded, make all of them take the code for AVX2. The thread counts
# are fixed for the same reason: how a sum is split between threads changes its last bits.
ENVIRONMENT = {
    "ONEDNN_MAX_CPU_ISA": "AVX2",
    "TF_ENABLE_ONEDNN_OPTS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL AVX512_SPR",
    "OPENBLAS_CORETYPE": "Haswell",
    "OPENBLAS_NUM_THREADS": "1",
    "KERAS_BACKEND": "tensorflow",  # a reader may have chosen another one for other work
}
# TensorFlow computes an operation in one thread, and two that do not wait for each other side by side. For networks as
# small as LeNet-5 that is faster than two threads for each operation: they would meet again after every one of them.
# `training.fit` and `cores.side_by_side` see to it that there are two. NumPy's matrix products take one thread, too.
INTRA_OP_THREADS = 1
INTER_OP_THREADS = CORES


def make_reproducible(seed: int = 9000) -> None:
    """Make every later computation give the same bits on any x86-64 processor with AVX2.

    Fixes the instruction set and the thread counts of TensorFlow, oneDNN, OpenBLAS and NumPy, asks TensorFlow for
    deterministic operations and seeds Python, NumPy and TensorFlow. Call it before anything else: the libraries read
    these settings when they are imported. A second call only sets the seeds again.

    On a GPU, TensorFlow promises the same bits on the same GPU with the same driver and versions, and gives other bits
    than a processor. The course has not measured this; ``make bench ONLY=gpu`` does.

    Parameters
    ----------
    seed : int, default 9000
        Seed of all random generators, 0 to 2**32 - 1.

    Raises
    ------
    RuntimeError
        If NumPy or TensorFlow was imported before, with other settings.

    Examples
    --------
    >>> make_reproducible()
    """
    if any(os.environ.get(name) != value for name, value in ENVIRONMENT.items()):
        _refuse_if_imported("tensorflow", "numpy")
        os.environ.update(ENVIRONMENT)
    tf = _import_tensorflow()
    tf.keras.utils.set_random_seed(seed)
    if limits := _limits():
        print(f"cnn_course: {limits}, but the last digits may differ from the stored outputs.", file=sys.stderr)


def _refuse_if_imported(*modules: str) -> None:
    """Raise if one of the modules is loaded already and so has read other settings."""
    for module in modules:
        if module in sys.modules:
            raise RuntimeError(
                f"{module} was imported before make_reproducible() and has already chosen its own settings. "
                "Restart the kernel (or the program) and call make_reproducible() before any other import."
            )


def _import_tensorflow():
    """Import TensorFlow without its start-up messages and fix its threads and kernels."""
    with silent_stderr():
        import tensorflow as tf

        threading = tf.config.threading
        found = threading.get_intra_op_parallelism_threads(), threading.get_inter_op_parallelism_threads()
        if found != (INTRA_OP_THREADS, INTER_OP_THREADS):
            try:
                threading.set_intra_op_parallelism_threads(INTRA_OP_THREADS)
                threading.set_inter_op_parallelism_threads(INTER_OP_THREADS)
            except RuntimeError:
                raise RuntimeError(
                    "TensorFlow has already computed something with other thread counts. "
                    "Restart the kernel (or the program) and call make_reproducible() first."
                ) from None
        tf.config.experimental.enable_op_determinism()
        if not _among_others():
            tf.zeros(1) + 1  # the first operation prints a line of its own
    return tf


def _among_others() -> bool:
    """Tell whether other workers are to be joined, which TensorFlow wants to do before its first operation."""
    return "TF_CONFIG" in os.environ or int(os.environ.get("SLURM_STEP_NUM_TASKS", 1)) > 1


def _limits() -> str:
    """Say what holds on a machine that cannot give the bits of the book; an empty string on one that can."""
    if names := gpu_names():
        return (
            f"TensorFlow computes on {', '.join(names)}: it promises that runs repeat exactly on the same GPU with the "
            "same software, which was not measured for this course"
        )
    missing = ""
    if platform.machine().lower() not in ("x86_64", "amd64"):
        missing = f"this is a {platform.machine()} processor, not x86-64"
    elif not cpu_features().get("AVX2"):
        missing = "this processor has no AVX2"
    return missing and f"{missing}: runs on this machine repeat exactly"


def gpu_names() -> list[str]:
    """Return the names of the GPUs that TensorFlow sees."""
    import tensorflow as tf

    details = map(tf.config.experimental.get_device_details, tf.config.list_physical_devices("GPU"))
    return [each.get("device_name", "a GPU") for each in details]


def cpu_features() -> dict[str, bool]:
    """Return, by name, which vector instructions this processor has and NumPy uses."""
    from numpy._core._multiarray_umath import __cpu_features__

    return __cpu_features__
