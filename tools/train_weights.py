"""Train the networks that ship with the package and write their files: `.venv/bin/python tools/train_weights.py`.

Prints the SHA-256 of each network's numbers, which stands in `cnn_course.weights`.
"""

from cnn_course.runtime import make_reproducible

make_reproducible()

from cnn_course import weights  # noqa: E402


def main() -> None:
    """Train, write and print, one network after the other."""
    weights.FOLDER.mkdir(exist_ok=True)
    for seed in weights.LENET5_SHA256:
        model, history = weights.train_lenet5(seed)
        if history.interrupted:
            raise SystemExit(f"Interrupted: seed {seed} was not written.")
        weights.save(model, weights.lenet5_file(seed))
        print(f"{weights.lenet5_file(seed).name}: {weights.sha256(model.get_weights())}")


if __name__ == "__main__":
    main()
