"""What is written for the reader beside the answers: a picture with its maps, and a table."""

import csv
import io

import keras
import matplotlib.pyplot as plt
import numpy as np

from cnn_course import plots
from cnn_course.attribution import grad_cam, occlusion_map
from cnn_course.judge.answers import Judged
from cnn_course.photos import CLASSES

SQUARE, STRIDE = 16, 8  # pixels, of the occlusion map
LAST_MAPS = "block4"


def picture(model: keras.Model, judged: Judged) -> bytes:
    """Draw the first photograph as the network gets it, and two maps of where its answer comes from.

    Parameters
    ----------
    model : keras.Model
        As `models.photo_net` builds it.
    judged : Judged

    Returns
    -------
    bytes
        A PNG file.
    """
    seen, label = judged.images[:1].astype(np.float32) / 255, judged.answers[:1]
    covered = occlusion_map(model, seen, label, size=SQUARE, stride=STRIDE)[0]
    cam = grad_cam(model, seen, LAST_MAPS, label)[0]
    zoom = seen.shape[1] // len(cam)
    maps = [values / (np.abs(values).max() or 1) for values in (covered, np.kron(cam, np.ones((zoom, zoom))))]
    name, share = CLASSES[label[0]], judged.shares[0].max()
    titles = [f"{name}, {share:.1%}", f"occluded: red speaks for {name}", f"Grad-CAM: {name}"]
    content = io.BytesIO()
    plots.images([seen[0], *maps], titles=titles, signed=True)
    figure = plt.gcf()
    figure.savefig(content, format="png", bbox_inches="tight", metadata={"Software": None})
    plt.close(figure)
    return content.getvalue()


def table(judged: Judged) -> bytes:
    """Write the answers as a CSV file, a row for each file; the names of its columns are the same in every language.

    Returns
    -------
    bytes
        UTF-8, with the mark by which spreadsheets know it.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(["file", "answer", *CLASSES, "label", "skipped"])
    labels = [""] * len(judged.paths) if judged.labels is None else [CLASSES[label] for label in judged.labels]
    for path, shares, label in zip(judged.paths, judged.shares, labels, strict=True):
        writer.writerow([path, CLASSES[shares.argmax()], *(f"{share:.4f}" for share in shares), label, ""])
    for path, reason in judged.skipped:
        writer.writerow([path, "", "", "", "", reason])
    return text.getvalue().encode("utf-8-sig")
