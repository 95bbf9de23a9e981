"""Results as JSON, as one table and as a picture."""

import json
import math
from pathlib import Path

from tests.benchmarks.rows import Row, from_data

FOLDER = Path(__file__).parent
GROUPS = ("training", "time_to_accuracy", "correlation", "book", "notebooks", "pages", "digit", "learning")
HEAD = """# Benchmarks

Made by `make bench`; `make bench ONLY="training pages"` renews a part. A ratio is what was measured over what it is
compared with. {summary}

![Left: how many times better than its target each result is; equal numbers are left out. Right: the time of
cross_correlate over that of SciPy's fastest route, by size of the picture.](results.svg)

| ratio | what | measured | compared with | target | met |
|---:|---|---:|---|---|---|
"""
BLUE, ORANGE = "#0072b2", "#d55e00"  # told apart by colour-blind readers, too


def load(folder: Path = FOLDER) -> dict[str, dict]:
    """Return the results so far, by group; none if there are none."""
    path = folder / "results.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def store(name: str, group: dict, folder: Path = FOLDER) -> None:
    """Put the results of one group in the place of its old ones, and write all three files.

    Parameters
    ----------
    name : str
        Of the group.
    group : dict
        ``how``, ``machine``, ``versions``, ``seconds``, ``others`` and ``rows``, as `rows.as_data` gives them.
    folder : Path, optional
        Where the files are.
    """
    results = load(folder) | {name: group}
    results = {each: results[each] for each in GROUPS if each in results}
    picture(results, folder / "results.svg")
    (folder / "RESULTS.md").write_text(markdown(results), encoding="utf-8")
    (folder / "results.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


def markdown(results: dict[str, dict]) -> str:
    """Return the page: the table, and how each group was measured."""
    rows = ratios_first([row for group in results.values() for row in from_data(group["rows"])])
    text = HEAD.format(summary=summary(rows)) + "".join(map(line, rows))
    for name, group in results.items():
        text += (
            f"\n## {name}\n\n{group['how'].strip()}\n\n"
            f"On {group['machine']}, with {group['versions']}; took {group['seconds']:.0f} s"
            f"{disturbance(group['others'])}.\n"
        )
    return text


def disturbance(share: float | None) -> str:
    """Say how much else the machine had to do."""
    return "" if share is None else f", in which other programs used {share:.0%} of the processor's time"


def ratios_first(rows: list[Row]) -> list[Row]:
    """Return the rows that compare something, then the others."""
    return sorted(rows, key=lambda row: row.ratio is None)


def summary(rows: list[Row]) -> str:
    """Say how many targets are met, and name those that are not."""
    judged = [row for row in rows if row.met is not None]
    missed = [row.name for row in judged if not row.met]
    text = f"{len(judged) - len(missed)} of {len(judged)} targets are met."
    return f"{text} Not met: {'; '.join(missed)}." if missed else text


def line(row: Row) -> str:
    """Return a row of the table."""
    compared = f"{row.against}: {quantity(row.against_value, row.unit)}" if row.against else ""
    ratio = "" if row.ratio is None else number(row.ratio)
    met = {True: "yes", False: "**no**", None: ""}[row.met]
    fields = (ratio, row.name, quantity(row.value, row.unit), compared, target(row), met)
    return f"| {' | '.join(fields)} |\n"


def target(row: Row) -> str:
    """Say what was aimed at."""
    unit = row.unit if row.ratio is None else ""
    if row.at_least is not None:
        return f"at least {quantity(row.at_least, unit)}"
    return "" if row.at_most is None else f"at most {quantity(row.at_most, unit)}"


def quantity(value: float, unit: str) -> str:
    """Write a number with its unit."""
    return f"{number(value)} {unit}".rstrip()


def number(value: float) -> str:
    """Write a number with three significant digits."""
    if value == 0:
        return "0"
    decimals = 2 - math.floor(math.log10(abs(value)))
    if decimals > 5:
        return f"{value:.1e}"
    return f"{value:,.{max(decimals, 0)}f}"


def picture(results: dict[str, dict], path: Path) -> None:
    """Draw how many times better than its target each result is, and the curves."""
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "benchmarks"  # the same results give the same file
    from matplotlib import pyplot as plt

    rows = [row for group in results.values() for row in from_data(group["rows"])]
    bars = [row for row in rows if row.margin is not None and math.isfinite(row.margin) and not row.curve]
    height = max(5.0, 1.2 + 0.24 * len(bars))
    figure, (left, right) = plt.subplots(1, 2, figsize=(15, height), layout="constrained")
    draw_margins(left, bars)
    draw_curves(right, [row for row in rows if row.curve])
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)


def draw_margins(axes, rows: list[Row]) -> None:
    """Draw a bar for each row that has a target: to the right of 1 where it is met."""
    axes.set_title("times better than the target")
    places = range(len(rows))
    margins = [row.margin for row in rows]
    colors = [BLUE if row.met else ORANGE for row in rows]
    axes.barh(places, [margin - 1 for margin in margins], left=1, color=colors)
    axes.set_yticks(places, [row.name for row in rows], fontsize=8)
    axes.invert_yaxis()
    axes.set_xscale("log")
    axes.axvline(1, color="black", linewidth=1)


def draw_curves(axes, rows: list[Row]) -> None:
    """Draw the ratios of each curve, and its target."""
    axes.set_title("cross_correlate: time over SciPy's best")
    axes.set_xlabel("rows and columns of the picture")
    for curve in dict.fromkeys(row.curve for row in rows):
        points = [row for row in rows if row.curve == curve]
        axes.plot([row.place for row in points], [row.ratio for row in points], "o-", label=curve)
    if rows:
        axes.axhline(rows[0].at_most, color="black", linewidth=1, linestyle="--", label="target")
        axes.set_xscale("log", base=2)
        axes.set_yscale("log")
        places = sorted({row.place for row in rows})
        axes.set_xticks(places, [f"{place:.0f}" for place in places])
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.15), ncols=2)
