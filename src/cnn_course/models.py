"""The networks of the course, as Keras models. Those that classify return one score (logit) per class."""

import itertools
import math
from collections.abc import Iterator

import keras
from keras import layers, ops

DIGIT_SHAPE = (28, 28, 1)
SMILEY_SHAPE = (25, 25, 1)
LENET5_POOLINGS = ("max", "average", "stride", "none")


def lenet5(
    *, pooling: str = "max", separable: bool = False, dropout: tuple[float, float] = (0.2, 0.1), seed: int = 9000
) -> keras.Model:
    """Build the small LeNet-5 that today's tutorials use: 44,426 parameters.

    It keeps the layer sizes of the network of 1998 but not its trainable subsampling, its sparse third layer or its
    RBF output.

    Parameters
    ----------
    pooling : {"max", "average", "stride", "none"}, default "max"
        What halves the maps after each of the two convolutions: "max" and "average" pool windows of 2×2, "stride"
        computes every second window only, with the same shapes and parameters, and with "none" the maps stay
        large and the network has 781,706 parameters.
    separable : bool, default False
        Make the second convolution a depthwise separable one: 262 parameters instead of 2,416.
    dropout : (float, float), default (0.2, 0.1)
        Shares of values dropped while training: of the flattened maps, and after the first dense layer.
    seed : int, default 9000
        Fixes the starting weights and the dropout.

    Returns
    -------
    keras.Model
        From images (N, 28, 28, 1) in [0, 1] to logits (N, 10).

    Raises
    ------
    ValueError
        If there is no such pooling.

    References
    ----------
    Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, "Gradient-based learning applied to document recognition",
    Proceedings of the IEEE 86 (1998), section II.

    Examples
    --------
    >>> lenet5().count_params(), lenet5(separable=True).count_params()
    (44426, 42272)
    """
    if pooling not in LENET5_POOLINGS:
        raise ValueError(f"pooling must be one of {', '.join(LENET5_POOLINGS)}, got {pooling!r}.")
    initializers = _initializers(seed)
    strides = 2 if pooling == "stride" else 1
    pools = {"max": layers.MaxPooling2D, "average": layers.AveragePooling2D}
    pool2, pool4 = ([pools[pooling](2, name=name)] if pooling in pools else [] for name in ("pool2", "pool4"))
    conv1 = layers.Conv2D(6, 5, strides, activation="relu", kernel_initializer=next(initializers), name="conv1")
    kernel3, settings = next(initializers), {"strides": strides, "activation": "relu", "name": "conv3"}
    return keras.Sequential(
        [
            keras.Input(DIGIT_SHAPE),
            conv1,
            *pool2,
            _separable(16, 5, seed, settings)
            if separable
            else layers.Conv2D(16, 5, kernel_initializer=kernel3, **settings),
            *pool4,
            layers.Flatten(name="flatten5"),
            layers.Dropout(dropout[0], seed=seed, name="dropout5"),
            layers.Dense(120, activation="relu", kernel_initializer=next(initializers), name="dense6"),
            layers.Dropout(dropout[1], seed=seed + 1, name="dropout6"),
            layers.Dense(84, activation="relu", kernel_initializer=next(initializers), name="dense7"),
            layers.Dense(10, kernel_initializer=next(initializers), name="logits"),
        ],
        name="lenet5",
    )


def _separable(filters: int, size: int, seed: int, settings: dict) -> layers.Layer:
    """Return a separable layer whose sums over 6 channels start as large as an ordinary one's: 0.2 · 0.5 = 0.1."""
    return layers.SeparableConv2D(
        filters,
        size,
        depthwise_initializer=keras.initializers.TruncatedNormal(stddev=0.2, seed=100 * seed + 50),
        pointwise_initializer=keras.initializers.RandomNormal(stddev=0.5, seed=100 * seed + 51),  # one truncation only
        **settings,
    )


class LocallyConnected2D(layers.Layer):
    """A convolutional layer that shares nothing: every place of the picture has kernels of its own.

    Keras had a layer of this name until version 3.

    Parameters
    ----------
    filters : int
        Maps to give.
    kernel_size : int
        Rows and columns of the windows. They lie wholly inside the picture and advance by one pixel.
    activation, kernel_initializer, name
        As for ``keras.layers.Conv2D``.

    Attributes
    ----------
    kernel : keras.Variable, shape (rows, columns, kernel_size, kernel_size, channels, filters)
        ``kernel[y, x]`` is the kernel of a convolution that is used at one place only.
    bias : keras.Variable, shape (rows, columns, filters)

    References
    ----------
    Y. LeCun, "Generalization and network design strategies", 1989: networks with local windows, with and without
    shared weights, compared.

    Examples
    --------
    >>> layer = LocallyConnected2D(6, 5)
    >>> layer(keras.ops.zeros((1, 28, 28, 1))).shape
    TensorShape([1, 24, 24, 6])
    >>> layer.count_params()  # keras.layers.Conv2D(6, 5) has 156
    89856
    """

    def __init__(self, filters: int, kernel_size: int, *, activation=None, kernel_initializer=None, name=None) -> None:
        super().__init__(name=name)
        self.filters, self.kernel_size = filters, kernel_size
        self.activation = keras.activations.get(activation)
        self.kernel_initializer = keras.initializers.get(kernel_initializer or "glorot_uniform")

    def build(self, input_shape) -> None:
        """Make a kernel and a bias for every place, once the size of the pictures is known."""
        _, height, width, channels = input_shape
        size = self.kernel_size
        if min(height, width) < size:
            raise ValueError(f"No window of {size}×{size} fits into a picture of {height}×{width}.")
        self.rows, self.columns = height - size + 1, width - size + 1
        shape = (self.rows, self.columns, size, size, channels, self.filters)
        self.kernel = self.add_weight(shape=shape, initializer=self.kernel_initializer, name="kernel")
        self.bias = self.add_weight(shape=(self.rows, self.columns, self.filters), initializer="zeros", name="bias")

    def call(self, images):
        """Return the maps of pictures (N, height, width, channels), shape (N, rows, columns, filters)."""
        places = ops.transpose(images, (1, 2, 0, 3))  # first the place: each is then one product of two matrices
        down, across = self.rows, self.columns
        offsets = itertools.product(range(self.kernel_size), repeat=2)
        windows = ops.concatenate([places[y : y + down, x : x + across] for y, x in offsets], axis=-1)
        sums = ops.matmul(windows, ops.reshape(self.kernel, (down, across, -1, self.filters)))
        return self.activation(ops.transpose(sums, (2, 0, 1, 3)) + self.bias)


def unshared_lenet5(*, seed: int = 9000) -> keras.Model:
    """Build LeNet-5 without dropout and without shared weights: 286,334 parameters.

    Windows, maps and dense layers are those of LeNet-5, so that the two differ in one thing: here each place of a map
    has weights of its own.

    Parameters
    ----------
    seed : int, default 9000
        Fixes the starting weights.

    Returns
    -------
    keras.Model
        From images (N, 28, 28, 1) in [0, 1] to logits (N, 10).

    Examples
    --------
    >>> unshared_lenet5().count_params() - lenet5().count_params()  # what sharing saves
    241908
    """
    initializers = _initializers(seed)
    return keras.Sequential(
        [
            keras.Input(DIGIT_SHAPE),
            LocallyConnected2D(6, 5, activation="relu", kernel_initializer=next(initializers), name="local1"),
            layers.MaxPooling2D(name="pool2"),
            LocallyConnected2D(16, 5, activation="relu", kernel_initializer=next(initializers), name="local3"),
            layers.MaxPooling2D(name="pool4"),
            layers.Flatten(name="flatten5"),
            layers.Dense(120, activation="relu", kernel_initializer=next(initializers), name="dense6"),
            layers.Dense(84, activation="relu", kernel_initializer=next(initializers), name="dense7"),
            layers.Dense(10, kernel_initializer=next(initializers), name="logits"),
        ],
        name="unshared_lenet5",
    )


def mlp(*, hidden: int = 56, seed: int = 9000) -> keras.Model:
    """Build a network of dense layers only, with about as many parameters as LeNet-5: 44,530.

    Parameters
    ----------
    hidden : int, default 56
        Units of the hidden layer.
    seed : int, default 9000
        Fixes the starting weights.

    Returns
    -------
    keras.Model
        From images (N, 28, 28, 1) in [0, 1] to logits (N, 10).

    Examples
    --------
    >>> mlp().count_params()
    44530
    """
    initializers = _initializers(seed)
    return keras.Sequential(
        [
            keras.Input(DIGIT_SHAPE),
            layers.Flatten(name="flatten"),
            layers.Dense(hidden, activation="relu", kernel_initializer=next(initializers), name="hidden"),
            layers.Dense(10, kernel_initializer=next(initializers), name="logits"),
        ],
        name="mlp",
    )


def deep_mnist(*, dropout: float = 0.5, seed: int = 9000) -> keras.Model:
    """Build the network of TensorFlow's old tutorial "Deep MNIST for experts": 3,274,634 parameters.

    Parameters
    ----------
    dropout : float, default 0.5
        Share of the 1,024 hidden values dropped while training.
    seed : int, default 9000
        Fixes the starting weights and the dropout.

    Returns
    -------
    keras.Model
        From images (N, 28, 28, 1) in [0, 1] to logits (N, 10). All biases start at 0.1.

    Examples
    --------
    >>> deep_mnist().count_params()
    3274634
    """
    initializers = _initializers(seed)
    settings = {"bias_initializer": keras.initializers.Constant(0.1), "padding": "same", "activation": "relu"}
    dense_settings = {"bias_initializer": keras.initializers.Constant(0.1)}
    return keras.Sequential(
        [
            keras.Input(DIGIT_SHAPE),
            layers.Conv2D(32, 5, kernel_initializer=next(initializers), name="conv1", **settings),
            layers.MaxPooling2D(name="pool1"),
            layers.Conv2D(64, 5, kernel_initializer=next(initializers), name="conv2", **settings),
            layers.MaxPooling2D(name="pool2"),
            layers.Flatten(name="flatten"),
            layers.Dense(
                1024, activation="relu", kernel_initializer=next(initializers), name="dense1", **dense_settings
            ),
            layers.Dropout(dropout, seed=seed, name="dropout"),
            layers.Dense(10, kernel_initializer=next(initializers), name="logits", **dense_settings),
        ],
        name="deep_mnist",
    )


def cats_dogs(
    image_size: int = 128, *, normalized: bool = False, averaged: bool = False, he: bool = False, seed: int = 9000
) -> keras.Model:
    """Build the three-layer network that a well-known notebook trains on photographs of cats and dogs.

    Every block convolves, pools and then applies ReLU. With 128 pixels 2,097,280 of the 2,126,178 parameters sit in
    the first dense layer.

    Parameters
    ----------
    image_size : int, default 128
        Rows and columns of the pictures, at least 8.
    normalized : bool, default False
        Put a batch normalization after each convolution.
    averaged : bool, default False
        Let the mean of each last map take the place of the flattened maps and the first dense layer.
    he : bool, default False
        Start the convolutions with kernels large enough for maps to keep their size through ReLU (He initialization),
        rather than with a standard deviation of 0.05.
    seed : int, default 9000
        Fixes the starting weights.

    Returns
    -------
    keras.Model
        From images (N, image_size, image_size, 3) in [0, 1] to logits (N, 2). All biases start at 0.05.

    Raises
    ------
    ValueError
        If three poolings would leave nothing of the picture.

    References
    ----------
    S. Ioffe and C. Szegedy, "Batch normalization", 2015. M. Lin, Q. Chen and S. Yan, "Network in network", 2014
    (global average pooling). K. He, X. Zhang, S. Ren and J. Sun, "Delving deep into rectifiers", 2015.

    Examples
    --------
    >>> cats_dogs().count_params()
    2126178
    >>> cats_dogs(64, averaged=True).count_params()
    28770
    """
    if image_size < 8:
        raise ValueError(f"image_size must be at least 8, got {image_size}: each of three poolings halves the picture.")
    initializers = _initializers(seed, stddev=0.05)
    bias = keras.initializers.Constant(0.05)
    blocks = []
    for number, filters in enumerate((32, 32, 64), start=1):
        kernel = next(initializers)
        kernel = keras.initializers.HeNormal(seed=kernel.seed) if he else kernel
        settings = {"kernel_initializer": kernel, "bias_initializer": bias, "padding": "same"}
        blocks.append(layers.Conv2D(filters, 3, name=f"conv{number}", **settings))
        blocks += [layers.BatchNormalization(name=f"norm{number}")] if normalized else []
        blocks += [layers.MaxPooling2D(name=f"pool{number}"), layers.ReLU(name=f"relu{number}")]
    kernel = next(initializers)
    dense = layers.Dense(128, activation="relu", kernel_initializer=kernel, bias_initializer=bias, name="dense1")
    head = [layers.GlobalAveragePooling2D(name="means")] if averaged else [layers.Flatten(name="flatten"), dense]
    logits = layers.Dense(2, kernel_initializer=next(initializers), bias_initializer=bias, name="logits")
    return keras.Sequential([keras.Input((image_size, image_size, 3)), *blocks, *head, logits], name="cats_dogs")


def photo_net(image_size: int = 96, *, seed: int = 9000) -> keras.Model:
    """Build a network for photographs of cats and dogs that may train for an hour: 888,930 parameters.

    Nine 3x3 convolutions, eight of them in residual blocks, with batch normalization; the mean of each last map takes
    the place of the big dense layer, so the number of parameters does not depend on ``image_size``.

    Parameters
    ----------
    image_size : int, default 96
        Rows and columns of the pictures, at least 16.
    seed : int, default 9000
        Fixes the starting weights.

    Returns
    -------
    keras.Model
        From images (N, image_size, image_size, 3) in [0, 1] to logits (N, 2).

    Raises
    ------
    ValueError
        If four halvings would leave nothing of the picture.

    References
    ----------
    K. He, X. Zhang, S. Ren and J. Sun, "Deep residual learning for image recognition", 2016. S. Ioffe and C. Szegedy,
    "Batch normalization", 2015. M. Lin, Q. Chen and S. Yan, "Network in network", 2014 (global average pooling).

    Examples
    --------
    >>> photo_net().count_params()
    888930
    """
    if image_size < 16:
        raise ValueError(f"image_size must be at least 16, got {image_size}: the picture is halved four times.")
    kernels = (keras.initializers.HeNormal(seed=layer_seed) for layer_seed in itertools.count(100 * seed))
    image = keras.Input((image_size, image_size, 3))
    maps = layers.ReLU(name="stem_relu")(_normalized_conv(image, 32, next(kernels), "stem", size=3, strides=2))
    for number, filters in enumerate((32, 64, 128, 192), start=1):
        maps = _residual_block(maps, filters, kernels, f"block{number}", halve=number > 1)
    means = layers.GlobalAveragePooling2D(name="means")(maps)
    return keras.Model(image, layers.Dense(2, kernel_initializer=next(kernels), name="logits")(means), name="photo_net")


def _residual_block(maps, filters: int, kernels, name: str, *, halve: bool):
    """Add what two convolutions make of the maps to the maps themselves, or to their halved and widened version."""
    changed = _normalized_conv(maps, filters, next(kernels), f"{name}_conv1", size=3, strides=2 if halve else 1)
    changed = layers.ReLU(name=f"{name}_relu1")(changed)
    changed = _normalized_conv(changed, filters, next(kernels), f"{name}_conv2", size=3)
    if halve:
        maps = layers.AveragePooling2D(2, padding="same", name=f"{name}_halve")(maps)
        maps = _normalized_conv(maps, filters, next(kernels), f"{name}_widen", size=1)
    return layers.ReLU(name=name)(layers.Add(name=f"{name}_add")([maps, changed]))


def _normalized_conv(maps, filters: int, kernel, name: str, *, size: int, strides: int = 1):
    """Convolve and normalize; the normalization brings its own offset, so the convolution has no bias."""
    conv = layers.Conv2D(
        filters, size, strides=strides, padding="same", use_bias=False, kernel_initializer=kernel, name=name
    )
    return layers.BatchNormalization(name=f"{name}_norm")(conv(maps))


# The stages of EfficientNet-Lite0: how many blocks, rows of the depthwise kernels, stride of the first block, by how
# much a block widens its maps, and how many maps it gives.
LITE0_STAGES = (
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)
LITE0_MEAN, LITE0_SPREAD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of ImageNet's red, green and blue
_LITE = {"padding": "same", "use_bias": False}


def efficientnet_lite0(image_size: int = 224, *, classes: int = 1000, seed: int = 9000) -> keras.Model:
    """Build the network whose ImageNet weights chapter 9 starts from: 4,652,008 parameters that are trained.

    Sixteen blocks widen their maps by 1×1 convolutions, convolve each map by itself, and narrow them again. It was
    made for small devices: ReLU is cut off at 6.

    Parameters
    ----------
    image_size : int, default 224
        Rows and columns of the pictures, at least 32. The weights fit every size; they were trained on 224.
    classes : int, default 1000
    seed : int, default 9000
        Fixes the starting weights.

    Returns
    -------
    keras.Model
        From images (N, image_size, image_size, 3) in [0, 1] to logits (N, classes). The layer "means" gives 1,280
        numbers a picture.

    Raises
    ------
    ValueError
        If five halvings would leave nothing of the picture.

    References
    ----------
    M. Tan and Q. V. Le, "EfficientNet: rethinking model scaling for convolutional neural networks", ICML 2019. M.
    Sandler et al., "MobileNetV2: inverted residuals and linear bottlenecks", CVPR 2018.

    Examples
    --------
    >>> model = efficientnet_lite0(64)
    >>> sum(math.prod(variable.shape) for variable in model.trainable_variables)
    4652008
    """
    if image_size < 32:
        raise ValueError(f"image_size must be at least 32, got {image_size}: the picture is halved five times.")
    kernels = (keras.initializers.HeNormal(seed=layer_seed) for layer_seed in itertools.count(100 * seed))
    image = keras.Input((image_size, image_size, 3))
    offsets = [-mean / spread for mean, spread in zip(LITE0_MEAN, LITE0_SPREAD, strict=True)]
    maps = layers.Rescaling([1 / spread for spread in LITE0_SPREAD], offsets, name="as_imagenet")(image)
    maps = _lite_conv(layers.Conv2D(32, 3, 2, kernel_initializer=next(kernels), **_LITE, name="stem"), maps)
    numbers = itertools.count()
    for repeats, size, stride, widening, filters in LITE0_STAGES:
        for repeat in range(repeats):
            name, strides = f"block{next(numbers)}", stride if repeat == 0 else 1
            maps = _lite_block(maps, filters, size, strides, widening, kernels, name)
    maps = _lite_conv(layers.Conv2D(1280, 1, kernel_initializer=next(kernels), **_LITE, name="head"), maps)
    means = layers.GlobalAveragePooling2D(name="means")(maps)
    logits = layers.Dense(classes, kernel_initializer=next(kernels), name="logits")(means)
    return keras.Model(image, logits, name="efficientnet_lite0")


def _lite_block(maps, filters: int, size: int, strides: int, widening: int, kernels, name: str):
    """Widen, convolve each map by itself, narrow; add the maps themselves where shapes allow it."""
    changed, channels = maps, maps.shape[-1]
    if widening > 1:
        widen = layers.Conv2D(widening * channels, 1, kernel_initializer=next(kernels), **_LITE, name=f"{name}_widen")
        changed = _lite_conv(widen, changed)
    depthwise = layers.DepthwiseConv2D(
        size, strides, depthwise_initializer=next(kernels), **_LITE, name=f"{name}_depthwise"
    )
    changed = _lite_conv(depthwise, changed)
    narrow = layers.Conv2D(filters, 1, kernel_initializer=next(kernels), **_LITE, name=f"{name}_narrow")
    changed = _lite_conv(narrow, changed, relu=False)
    if strides == 1 and channels == filters:
        return layers.Add(name=name)([maps, changed])
    return changed


def _lite_conv(conv: layers.Layer, maps, *, relu: bool = True):
    """Convolve, normalize and, but where a block is narrow, cut off below 0 and above 6."""
    maps = layers.BatchNormalization(epsilon=0.001, name=f"{conv.name}_norm")(conv(maps))
    return layers.ReLU(6.0, name=f"{conv.name}_relu")(maps) if relu else maps


def smiley_channels(*, seed: int = 9000) -> keras.Model:
    """Build two convolutional layers, of four and then six filters, for the 25 by 25 smiley: 326 parameters.

    Parameters
    ----------
    seed : int, default 9000
        Fixes the weights; the network is never trained.

    Returns
    -------
    keras.Model
        From images (N, 25, 25, 1) to feature maps (N, 25, 25, 6).

    Examples
    --------
    >>> smiley_channels().output_shape
    (None, 25, 25, 6)
    """
    kernels = (keras.initializers.GlorotUniform(seed=layer_seed) for layer_seed in itertools.count(100 * seed))
    return keras.Sequential(
        [
            keras.Input(SMILEY_SHAPE),
            layers.Conv2D(4, 5, padding="same", activation="relu", kernel_initializer=next(kernels), name="conv1"),
            layers.Conv2D(6, 3, padding="same", activation="relu", kernel_initializer=next(kernels), name="conv2"),
        ],
        name="smiley_channels",
    )


def products(model: keras.Model) -> int:
    """Count the multiplications by weights in one forward pass of one picture.

    The kernels of a convolution are used once at every place of the map they write, the weights of a dense or of a
    locally connected layer once. Biases, pooling and activation functions multiply by no weight.

    Parameters
    ----------
    model : keras.Model
        Built, of layers one after the other.

    Returns
    -------
    int

    Examples
    --------
    >>> products(lenet5()), products(lenet5(pooling="none")), products(lenet5(separable=True))
    (281640, 1825320, 143784)
    """
    return sum(
        math.prod(weights.shape) * (math.prod(layer.output.shape[1:-1]) if len(weights.shape) == 4 else 1)
        for layer in model.layers
        for weights in layer.trainable_weights
        if weights.name.endswith("kernel")  # a separable layer has two
    )


def _initializers(seed: int, stddev: float = 0.1) -> Iterator[keras.initializers.Initializer]:
    """Yield one initializer per layer: normal with standard deviation ``stddev``, cut at two of them.

    Explicit seeds make a model's first weights independent of what was built before it.
    """
    for layer_seed in itertools.count(100 * seed):
        yield keras.initializers.TruncatedNormal(stddev=stddev, seed=layer_seed)
