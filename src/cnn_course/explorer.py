"""Your own network to draw into: one page that holds it, for any browser, from a memory stick or by mail.

The scripts are those of the site (``book/explorers`` in a clone; a wheel brings a copy).
"""

import base64
import hashlib
import html
import json
from pathlib import Path

import keras
import numpy as np
import yaml

from cnn_course import models, shipped, weights
from cnn_course.datasets import load_mnist

INSTALLED = Path(__file__).with_name("explorers")
CLONE = Path(__file__).parents[2] / "book/explorers"
STYLES = ("own.css", "style.css", "digit.css")
SCRIPTS = (
    *("sha256.js", "weights.js", "arithmetic.js", "lenet5.js", "state.js", "widgets.js", "painting.js"),
    *("digit-settings.js", "digit.js", "drawing.js", "moves.js", "contributions.js", "copy.js", "digit-python.js"),
)
NETWORK = "lenet5-own"
COMPARED = 32  # digits that a model must read like LeNet-5
# The first script of the page: what the loader does on the site, with the texts of the reader's language.
BEGIN = """var cnn = {explorers: {}, nameOf: (place) => place.dataset.explorer};
cnn.load = () => Promise.resolve();
cnn.languages = %s;
cnn.language = navigator.languages.map((each) => each.slice(0, 2)).find((each) => each in cnn.languages) || "en";
cnn.texts = cnn.languages[cnn.language];
document.documentElement.lang = cnn.language;
document.documentElement.dataset.theme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
document.title = document.querySelector("h1").textContent = cnn.texts.digit["own-title"];
"""
END = 'document.querySelectorAll("[data-explorer]").forEach(cnn.start);'


def save(model: keras.Model, path: str | Path) -> Path:
    """Write a page with a network inside, ready to draw into.

    The page is one file that needs neither Python nor a server. It speaks English, Chinese or Japanese, as the browser
    prefers.

    Parameters
    ----------
    model : keras.Model
        A LeNet-5, as `models.lenet5` builds it, trained in whatever way.
    path : str or Path
        Ends in ``.html``. A page that is already there is kept: ``lenet5.html`` becomes ``lenet5-1.html``.

    Returns
    -------
    Path
        Where the page is.

    Raises
    ------
    ValueError
        If the model is no LeNet-5, or the path has another ending.
    FileNotFoundError
        If the scripts of the page are missing from the installed package.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     page = save(models.lenet5(), f"{folder}/my_network.html")
    ...     page.name
    'my_network.html'
    """
    path = Path(path)
    if path.suffix != ".html":
        raise ValueError(f"The page must have a name that ends in .html, got {path.name!r}.")
    refuse_others(model)
    content = page(model).encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.read_bytes() != content:
        path.rename(_free_name(path))
    draft = path.with_suffix(".part")
    draft.write_bytes(content)
    draft.replace(path)  # an interruption leaves no half of a page
    return path


def _free_name(path: Path) -> Path:
    numbered = (path.with_stem(f"{path.stem}-{number}") for number in range(1, 1_000_000))
    return next(each for each in numbered if not each.exists())


def refuse_others(model: keras.Model) -> None:
    """Raise a ValueError unless a model does what LeNet-5 does with the same weights."""
    fix = "The page can show LeNet-5 only; build one with cnn_course.models.lenet5() and train it."
    if not isinstance(model, keras.Model):
        raise ValueError(f"A Keras model is needed, got {type(model).__name__}. {fix}")
    lenet5 = models.lenet5()
    shapes, right = ([tuple(each.shape) for each in of.weights] for of in (model, lenet5))
    if shapes != right:
        raise ValueError(f"{model.name} has other weights than LeNet-5: {_first_difference(shapes, right)}. {fix}")
    own = model.get_weights()
    if not all(np.isfinite(values).all() for values in own):
        raise ValueError(f"{model.name} has weights that are no finite numbers: its training diverged. Train it anew.")
    lenet5.set_weights(own)
    pictures = load_mnist().test.images[:COMPARED]
    try:
        answers, expected = (np.asarray(of(pictures, training=False)) for of in (model, lenet5))
    except ValueError as error:  # it takes pictures of another shape
        raise ValueError(f"{model.name} does not take pictures of shape (N, 28, 28, 1). {fix}") from error
    if answers.shape != expected.shape or not np.allclose(answers, expected, rtol=1e-4, atol=1e-4):
        raise ValueError(
            f"{model.name} has the weights of LeNet-5 but gives other answers: "
            f"an activation or a pooling is another, or it ends in a softmax. {fix}"
        )


def _first_difference(shapes: list, right: list) -> str:
    for number, (found, wanted) in enumerate(zip(shapes, right, strict=False)):
        if found != wanted:
            return f"array {number} has the shape {found}, not {wanted}"
    return f"{len(shapes)} arrays, not {len(right)}"


def page(model: keras.Model) -> str:
    """Return the page that holds a LeNet-5."""
    texts = yaml.safe_load(_read("texts.yml"))
    languages = {
        code: {
            part: {name: words.get(code, words["en"]) for name, words in texts[part].items()}
            for part in ("shared", "digit")
        }
        for code in ("en", "zh", "ja")
    }
    parts = [BEGIN % json.dumps(languages, ensure_ascii=False), digits_script(), network_script(NETWORK, model)]
    scripts = [*parts, *map(_read, SCRIPTS), END]
    title = html.escape(languages["en"]["digit"]["own-title"])
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en">',
            '<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{title}</title>",
            *(f"<style>\n{_read(name)}</style>" for name in STYLES),
            "</head>",
            f'<body><main><h1>{title}</h1><div data-explorer="digit" data-networks="own"></div></main>',
            *(f"<script>\n{script}</script>" for script in scripts),
            "</body></html>\n",
        ]
    )


def network_script(name: str, model: keras.Model) -> str:
    """Return the script that puts the weights of a LeNet-5 into ``cnn.data``, as the build of the site writes it."""
    shapes = [["/".join(each.path.split("/")[-2:]), list(each.shape)] for each in models.lenet5().weights]
    return _script(name, weights.as_bytes(model.get_weights()), arrays=shapes)


def digits_script() -> str:
    """Return the script with some test digits, as the build of the site writes it."""
    chosen, test = json.loads(_read("digits.json")), load_mnist().test
    places = [*chosen["first"], *chosen["misread"]]
    content = np.rint(test.images[places] * 255).astype(np.uint8).tobytes()
    return _script("digits", content, places=places, labels=test.labels[places].tolist(), order=chosen["order"])


def _script(name: str, content: bytes, **about) -> str:
    about |= {"sha256": hashlib.sha256(content).hexdigest(), "base64": base64.b64encode(content).decode()}
    values = json.dumps(about, separators=(",", ":"))
    return f"var cnn = cnn || {{}};\n(cnn.data = cnn.data || {{}})[{json.dumps(name)}] = {values};\n"


def _read(name: str) -> str:
    """Return one of the files that pages are made of."""
    folder = INSTALLED if INSTALLED.is_dir() else CLONE
    return shipped.read(folder / name).read().decode()
