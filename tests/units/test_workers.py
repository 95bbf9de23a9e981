"""Two workers on this machine's loopback train what one trains alone; they are started once for all tests."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from cnn_course import models, training, workers
from cnn_course.augmentation import augment
from cnn_course.experiments import crew
from cnn_course.runtime import ENVIRONMENT
from cnn_course.training import Recipe, fit
from tests.units import two_workers

ROOT = Path(__file__).parents[2]
WORKERS = range(2)


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    """Let two workers train; return what each found, and its weights by network."""
    folder = tmp_path_factory.mktemp("workers")
    cluster = {"worker": [f"{crew.LOOPBACK}:{port}" for port in crew.free_ports(2)]}
    processes = []
    for index in WORKERS:
        config = {"TF_CONFIG": json.dumps({"cluster": cluster, "task": {"type": "worker", "index": index}})}
        environment = os.environ | ENVIRONMENT | config | {"PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}
        command = [sys.executable, two_workers.__file__, str(folder)]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
        processes.append(subprocess.Popen(command, env=environment, **pipes))
    try:
        said = [process.communicate(timeout=900)[0] for process in processes]
    finally:
        for process in processes:
            process.kill()
    assert [process.returncode for process in processes] == [0, 0], said
    greetings = [f"Worker {index} of 2, {cluster['worker'][index]}: waiting for the others.\n" for index in WORKERS]
    assert said == [greetings[0] + "2/2 seed 2: running\n", greetings[1]]
    found = [json.loads((folder / f"found-{index}.json").read_text()) for index in WORKERS]
    found[0]["record"] = json.loads((folder / "records-0" / "deep-mnist.json").read_text())
    return found, [dict(np.load(folder / f"weights-{index}.npz", allow_pickle=False)) for index in WORKERS]


def weights_of(network, arrays):
    return [values for name, values in arrays.items() if name.startswith(f"{network} ")]


def furthest(one, other):
    return max(float(np.abs(mine - theirs).max()) for mine, theirs in zip(one, other, strict=True))


def test_both_have_the_same_weights_and_histories(pair):
    (first, second), weights = pair
    assert all(np.array_equal(weights[0][name], weights[1][name]) for name in weights[0])
    assert (first["lenet5"], first["small"]) == (second["lenet5"], second["small"])


def test_fifty_steps_of_lenet5_are_those_of_one_worker(pair):
    found, weights = pair
    model = models.lenet5(dropout=(0.0, 0.0))
    history = fit(model, *two_workers.digits(1600), two_workers.FIFTY_STEPS, report=None)
    start = models.lenet5(dropout=(0.0, 0.0)).get_weights()
    assert furthest(model.get_weights(), start) > 0.01
    assert furthest(model.get_weights(), weights_of("lenet5", weights[0])) < 1e-5
    assert found[0]["lenet5"]["validation_accuracy"] == history.validation_accuracy
    assert found[0]["lenet5"]["loss"] == pytest.approx(history.loss, abs=1e-6)


def test_all_that_a_recipe_sets_is_that_of_one_worker(pair, tmp_path):
    """Batch normalization, distortions, blends across the cut, averages, a last batch smaller than the team."""
    found, weights = pair
    train, validation = two_workers.digits(28)
    disk = two_workers.on_disk(train, tmp_path / "pictures")
    model = two_workers.normalizing()
    history = fit(model, disk, validation, two_workers.ALL_AT_ONCE, report=None)
    assert furthest(model.get_weights(), weights_of("small", weights[0])) < 1e-5
    assert found[0]["small"]["loss"] == pytest.approx(history.loss, abs=1e-5)
    assert found[0]["small"]["validation_accuracy"] == history.validation_accuracy


def test_each_reads_its_share_of_what_is_on_disk(pair):
    first, second = (set(found["read"]) for found in pair[0])
    assert first | second == set(range(28))
    assert len(first) + len(second) <= 28 + 3 * 2 + 2  # a neighbor each for three batches, the last one twice


def test_what_the_first_gives_reaches_the_others_and_sums_count_each_once(pair):
    assert [found["index"] for found in pair[0]] == [0, 1]
    assert [found["said"] for found in pair[0]] == ["from 0"] * 2
    assert [found["total"] for found in pair[0]] == [[1, 20]] * 2


def test_an_interrupted_training_goes_on_to_the_same_bits_from_the_disk_of_the_first(pair):
    for found in pair[0]:
        assert found["resumed"]
        assert found["epochs"] == [2, 3]
        assert found["files"] == ["only-there"]


def test_workers_that_were_given_different_recipes_are_refused_at_once(pair):
    for found in pair[0]:
        assert found["refused"].startswith("Worker 1 was given other pictures, labels or weights, or another recipe")


def test_of_an_experiment_the_first_leads_and_writes_and_the_other_follows(pair):
    first, second = pair[0]
    assert first["records"] == [".deep-mnist.lock", "deep-mnist.json", "seed-2.npz"]
    assert second["records"] == []
    assert list(first["record"]["runs"]) == ["seed 2"]
    assert first["record"]["machine"].endswith("no GPU, 2 replicas")


MIRRORED = """
import tensorflow as tf
(processor,) = tf.config.list_physical_devices("CPU")
tf.config.set_logical_device_configuration(processor, [tf.config.LogicalDeviceConfiguration()] * 2)
from tests.units import two_workers
from cnn_course.training import fit
strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
with strategy.scope():
    replicas = two_workers.normalizing()
model, parts = two_workers.normalizing(), two_workers.digits(28)
one = fit(model, *parts, two_workers.ALL_AT_ONCE, report=None)
two = fit(replicas, *parts, two_workers.ALL_AT_ONCE, report=None, strategy=strategy)
assert one.validation_accuracy == two.validation_accuracy
pairs = zip(model.get_weights(), replicas.get_weights(), strict=True)
assert max(abs(mine - theirs).max() for mine, theirs in pairs) < 1e-5
"""


def test_two_devices_of_one_machine_train_as_one():
    """As `MirroredStrategy` has GPUs do it; the devices are halves of the processor here."""
    environment = os.environ | ENVIRONMENT | {"PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}
    done = subprocess.run([sys.executable, "-c", MIRRORED], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("count", [1, 2, 3, 4, 7, 32])
@pytest.mark.parametrize("replicas", [1, 2, 3, 4])
def test_shares_are_the_batch_and_as_equal_as_can_be(count, replicas):
    shares = [workers.share(replica, replicas, count) for replica in range(replicas)]
    places = [share.places.numpy().tolist() for share in shares]
    if count < replicas:
        assert places == [list(range(count))] * replicas
    else:
        assert [place for each in places for place in each] == list(range(count))
        assert max(map(len, places)) - min(map(len, places)) <= 1
    assert {float(share.seen) for share in shares} == {sum(map(len, places))}


def test_a_share_is_changed_as_it_would_be_among_all():
    images = np.random.default_rng(0).random((7, 12, 12, 3), np.float32)
    targets = np.eye(7, dtype=np.float32)
    changes = {"shift": 3.0, "rotation": 9.0, "zoom": 0.1, **two_workers.CHANGES}
    for recipe in (Recipe("sgd", 0.1, 7, 1, **changes), Recipe("sgd", 0.1, 7, 1, **changes | {"mixup": 0.0})):
        whole = augment(tf.constant(images), tf.constant(targets), recipe, [1, 2])
        for replica in range(3):
            share = workers.share(replica, 3, 7, neighbor=bool(recipe.mixup))
            chosen = share.places.numpy()
            part = augment(tf.gather(images, chosen), tf.gather(targets, chosen), recipe, [1, 2], share)
            own = workers.share(replica, 3, 7).places
            for one, all_of_them in zip(part, whole, strict=True):
                np.testing.assert_allclose(one, tf.gather(all_of_them, own), rtol=0, atol=1e-6)


def test_a_model_made_outside_the_scope_is_refused_with_what_mends_it(mnist):
    strategy = tf.distribute.OneDeviceStrategy("CPU:0")
    few = two_workers.digits(8)
    with pytest.raises(ValueError, match=r"outside the scope of OneDeviceStrategy.*inside `with strategy\.scope\(\):`"):
        fit(models.mlp(), *few, Recipe("sgd", 0.1, 4, 1), report=None, strategy=strategy)
    with strategy.scope():
        model = models.mlp()
    with pytest.raises(ValueError, match="outside the scope of"):
        fit(model, *few, Recipe("sgd", 0.1, 4, 1), report=None)


def test_a_lost_worker_is_named():
    class Pair:
        count, addresses = 2, ["here:1", "there:2"]

    error = tf.errors.UnavailableError(None, None, "no answer from remote target /job:worker/replica:0/task:1 …")
    lost = pytest.raises(workers.WorkerLostError, match=r"Worker 1 \(there:2\) has ended or cannot be reached")
    with lost, workers.explained(Pair()):
        raise error
    with pytest.raises(tf.errors.UnavailableError), workers.explained(workers.Team()):
        raise error  # alone: it is something else


# Who the workers are.


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        '{"cluster": {"worker": ["a:1", "b:1"]}}',
        '{"cluster": {"worker": ["a:1", "b:1"]}, "task": {"type": "worker", "index": 2}}',
        '{"cluster": {"worker": ["a:1", "b:1"]}, "task": {"type": "ps", "index": 0}}',
        '{"cluster": {"worker": 5}, "task": {"type": "worker", "index": 0}}',
    ],
)
def test_a_configuration_that_names_no_worker_is_refused_with_an_example(monkeypatch, text):
    monkeypatch.setenv("TF_CONFIG", text)
    with pytest.raises(ValueError, match=r'TF_CONFIG must be like \{"cluster": \{"worker":'):
        workers.join()


def test_one_worker_is_no_team(monkeypatch):
    cluster = '{"cluster": {"worker": ["a:1"]}, "task": {"type": "worker", "index": 0}}'
    monkeypatch.setenv("TF_CONFIG", cluster)
    assert workers.join() is tf.distribute.get_strategy()


@pytest.mark.parametrize(("rank", "address"), [(0, "n9:8888"), (1, "n9:8889"), (2, "n10:8888")])
def test_slurm_says_who_the_workers_are(monkeypatch, rank, address):
    """In the order of its ranks, also where the names of machines are sorted otherwise."""
    step = {"NUM_TASKS": 3, "NODELIST": "n[9-10]", "TASKS_PER_NODE": "2,1"}
    for name, value in step.items():
        monkeypatch.setenv(f"SLURM_STEP_{name}", str(value))
    monkeypatch.setenv("SLURM_PROCID", str(rank))
    monkeypatch.delenv("TF_CONFIG", raising=False)
    monkeypatch.setattr(workers, "_connect", lambda: workers._configured())
    addresses, index = workers.join()
    assert addresses == ["n9:8888", "n9:8889", "n10:8888"]
    assert addresses[index] == address


def test_many_equal_nodes_of_slurm(monkeypatch):
    step = {"NUM_TASKS": 12, "NODELIST": "n[1-12]", "TASKS_PER_NODE": "1(x12)"}
    for name, value in step.items():
        monkeypatch.setenv(f"SLURM_STEP_{name}", str(value))
    monkeypatch.setenv("SLURM_PROCID", "9")
    monkeypatch.delenv("TF_CONFIG", raising=False)
    workers._adopt_slurm()
    addresses, index = workers._configured()
    assert (len(addresses), addresses[index]) == (12, "n10:8888")


def test_without_others_nothing_is_cut(mnist):
    team = workers.Team()
    assert (team.count, team.index, team.part(7)) == (1, 0, slice(0, 7))
    assert team.needed(7, 3, neighbor=True).tolist() == list(range(7))
    assert training.workers.own_share(5, neighbor=True) is None


# Several on this machine.


@pytest.mark.parametrize(
    ("code", "status", "said"),
    [
        ("pass", 0, ""),
        ("1 / 0 if index else None", 1, "ZeroDivisionError"),
        ("os.kill(os.getpid(), 9) if index else None", 1, "Worker 1 was ended by signal 9."),
        ("1 / 0 if index else time.sleep(60)", 1, "Worker 0 did not end by itself, and is ended."),
    ],
)
def test_workers_on_this_machine_end_together(monkeypatch, capfd, code, status, said):
    monkeypatch.setattr(crew, "PATIENCE", 0)
    monkeypatch.delenv("TF_CONFIG", raising=False)
    who = "import json, os, time; config = json.loads(os.environ['TF_CONFIG']); index = config['task']['index']"
    both = "assert len(set(config['cluster']['worker'])) == 2"
    assert crew.start_here(2, ["-c", f"{who}; {both}; {code}"]) == status
    assert said in capfd.readouterr().err
