"""Each test runs a Python of its own, because what is imported first is what is tested."""

import os
import shutil
import subprocess
import sys
import threading

import pytest

from cnn_course import runtime
from cnn_course.cores import side_by_side
from cnn_course.runtime import ENVIRONMENT

WITHOUT_AVX512 = "glibc.cpu.hwcaps=-AVX512F,-AVX512VL,-AVX512BW,-AVX512DQ,-AVX512CD"
READY = "from cnn_course.runtime import make_reproducible; make_reproducible()"
TRAIN = f"""
{READY}
import hashlib
from cnn_course import datasets, models, training

def fingerprint(model):
    return hashlib.sha256(b"".join(weights.tobytes() for weights in model.get_weights())).hexdigest()

mnist, model = datasets.load_mnist(), models.lenet5()  # with dropout: its masks belong to the bits
part = datasets.Split(mnist.train.images[:8000], mnist.train.labels[:8000])
validation = datasets.Split(mnist.validation.images[:200], mnist.validation.labels[:200])
distorted = dict(shift=1.5, rotation=10, zoom=0.1, label_smoothing=0.05)
for recipe in (
    training.Recipe("sgd", 0.07, batch_size=32, epochs=2, l2=1e-6),  # 500 steps
    training.Recipe("adam", 0.008, batch_size=128, epochs=2, schedule="one_cycle", **distorted),
):
    before = fingerprint(model)
    history = training.fit(model, part, validation, recipe, report=None)
    assert fingerprint(model) != before
    print(fingerprint(model), *history.loss)
"""


def run(code, *, prefix=(), **environment):
    """Run code in a new Python that has none of this process's settings."""
    clean = {name: value for name, value in os.environ.items() if name not in ENVIRONMENT}
    command = [*prefix, sys.executable, "-c", code]
    return subprocess.run(command, env=clean | environment, capture_output=True, text=True, timeout=120)


def assert_silent(result):
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


@pytest.mark.parametrize("module", ["convolution", "pooling", "datasets", "evaluation", "plots"])
def test_imports_no_tensorflow(module):
    heavy = "{'tensorflow', 'keras'}"
    assert_silent(run(f"import sys, cnn_course.{module}; assert not {heavy} & set(sys.modules)"))


def test_runtime_imports_neither_tensorflow_nor_numpy():
    heavy = "{'tensorflow', 'keras', 'numpy'}"
    assert_silent(run(f"import sys, cnn_course.runtime; assert not {heavy} & set(sys.modules)"))


def test_is_silent_and_may_be_called_twice():
    assert_silent(run(f"{READY}; make_reproducible(); import keras; keras.ops.ones(3) + 1"))


def test_second_call_seeds_again():
    code = f"""
{READY}
import random, numpy as np, tensorflow as tf
def draw():
    return random.random(), np.random.rand(), float(tf.random.uniform([]))
first = draw()
assert draw() != first
make_reproducible()
assert draw() == first
make_reproducible(seed=1)
assert draw() != first
"""
    assert_silent(run(code))


@pytest.mark.parametrize("module", ["numpy", "tensorflow"])
def test_refuses_when_called_too_late(module):
    result = run(f"import {module}; {READY}", TF_CPP_MIN_LOG_LEVEL="3")
    assert result.returncode == 1
    last_line = result.stderr.strip().splitlines()[-1]
    assert last_line.startswith(f"RuntimeError: {module} was imported before make_reproducible()")
    assert "Restart the kernel" in last_line


def test_settings_from_outside_may_come_before_the_imports():
    assert_silent(run(f"import numpy; {READY}", **ENVIRONMENT))


def start_tensorflow(intra: int, inter: int) -> str:
    threads = {"intra": intra, "inter": inter}.items()
    settings = [f"tf.config.threading.set_{kind}_op_parallelism_threads({count})" for kind, count in threads]
    return "; ".join(["import tensorflow as tf", *settings])


@pytest.mark.parametrize("threads", [(4, 2), (1, 4), (4, 4)])
def test_thread_counts_chosen_before_are_replaced(threads):
    asked = "tf.config.threading.get_%s_op_parallelism_threads()"
    result = run(f"{start_tensorflow(*threads)}; {READY}; print({asked % 'intra'}, {asked % 'inter'})", **ENVIRONMENT)
    assert (result.returncode, result.stdout) == (0, "1 2\n")


@pytest.mark.parametrize("threads", [(4, 2), (1, 4), (0, 0)])
def test_refuses_when_tensorflow_has_started_other_threads(threads):
    result = run(f"{start_tensorflow(*threads)}; tf.ones(3) + 1; {READY}", **ENVIRONMENT)
    assert result.returncode == 1
    assert "RuntimeError: TensorFlow has already computed something" in result.stderr


def test_an_error_after_it_is_still_shown():
    result = run(f"{READY}; import sys; print('seen', file=sys.stderr)")
    assert result.stderr == "seen\n"


# That the settings reach the libraries: on one machine, equal bits cannot show it.


def test_onednn_takes_its_code_for_avx2():
    code = f"{READY}; import tensorflow as tf; tf.nn.conv2d(tf.ones((8, 28, 28, 1)), tf.ones((5, 5, 1, 6)), 1, 'SAME')"
    lines = run(code, ONEDNN_VERBOSE="1").stdout.splitlines()
    assert "onednn_verbose,v1,info,cpu,isa:Intel AVX2" in lines
    assert any("convolution" in line and "avx2" in line for line in lines)


def test_numpy_takes_no_code_for_avx512():
    features = "numpy._core._multiarray_umath.__cpu_features__"
    assert_silent(run(f"{READY}; import numpy; assert not {features}['X86_V4'] and {features}['AVX2']"))


def test_openblas_takes_its_code_for_haswell():
    assert "Core: Haswell" in run("import numpy", OPENBLAS_VERBOSE="2", **ENVIRONMENT).stderr


# Two calls at a time.


def test_two_calls_run_at_a_time_and_results_keep_their_order():
    both = threading.Barrier(2)  # lets nobody pass alone

    def square(number):
        both.wait(timeout=60)
        return number**2

    assert side_by_side(square, range(6)) == [0, 1, 4, 9, 16, 25]
    assert side_by_side(square, []) == []


def test_an_error_in_a_call_ends_it():
    def fail(number):
        raise ValueError(f"not {number}")

    with pytest.raises(ValueError, match="not 0"):
        side_by_side(fail, range(1000))


# The same bits.


@pytest.fixture(scope="module")
def trained():
    return fingerprints()


def fingerprints(**options):
    result = run(TRAIN, **options)
    assert (result.returncode, result.stderr) == (0, "")
    return result.stdout


@pytest.mark.skipif(not shutil.which("taskset"), reason="taskset is not installed")
def test_one_core_gives_the_same_bits(trained):
    core = min(os.sched_getaffinity(0))
    assert fingerprints(prefix=["taskset", "-c", str(core)]) == trained


def test_masked_avx512_gives_the_same_bits(trained):
    assert fingerprints(GLIBC_TUNABLES=WITHOUT_AVX512) == trained


def test_other_thread_counts_in_the_environment_give_the_same_bits(trained):
    four = {"OMP_NUM_THREADS": "4", "TF_NUM_INTRAOP_THREADS": "4", "TF_NUM_INTEROP_THREADS": "4"}
    assert fingerprints(**four) == trained


def test_off_the_promise_one_line_says_what_still_holds():
    result = run(f"import platform; platform.machine = lambda: 'aarch64'; {READY}")
    assert (result.returncode, result.stdout) == (0, "")
    (line,) = result.stderr.splitlines()
    assert "aarch64" in line and "runs on this machine repeat exactly" in line and "last digits may differ" in line


def test_on_a_gpu_it_says_what_tensorflow_promises_and_what_was_not_measured(monkeypatch, capsys):
    monkeypatch.setattr(runtime, "gpu_names", lambda: ["NVIDIA X"])
    monkeypatch.setattr(runtime, "_refuse_if_imported", lambda *_: None)
    runtime.make_reproducible()
    said = capsys.readouterr().err
    assert "on NVIDIA X" in said and "not measured" in said and "last digits may differ" in said
