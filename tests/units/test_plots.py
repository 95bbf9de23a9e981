import warnings

import matplotlib as mpl
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib import pyplot as plt

from cnn_course import plots

mpl.use("Agg")

NUMBERS = np.random.default_rng(0)


@pytest.fixture
def shown(monkeypatch):
    """Draw every figure that is shown, with warnings as errors, and give the list of them."""
    figures = []

    def show():
        figures.append(plt.gcf())
        figures[-1].canvas.draw()

    monkeypatch.setattr(plt, "show", show)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield figures
    plt.close("all")


def pictures_of(figure):
    return [image for axis in figure.axes for image in axis.images]


def assert_one_scale(figure, expected=None):
    scales = {image.get_clim() for image in pictures_of(figure)}
    assert len(scales) == 1
    assert expected is None or scales == {expected}


def texts(axis):
    return [text.get_text() for text in axis.texts]


# Pictures.


def test_pictures_share_one_scale(shown):
    plots.images([np.array([[0.0, 1.0]]), np.array([[-3.0, 0.5]]), np.array([[2.0, 7.0]])])
    assert_one_scale(shown[0], (-3, 7))


def test_signed_pictures_are_white_at_zero(shown):
    plots.images([np.array([[0.0, 1.0]]), np.array([[-3.0, 0.5]])], signed=True)
    assert_one_scale(shown[0], (-3, 3))
    assert pictures_of(shown[0])[0].get_cmap().name == "RdBu_r"


def test_signed_pictures_about_red_and_blue_can_have_other_colors(shown):
    plots.images([np.array([[-1.0, 0.0, 1.0]])], signed=True, signed_colors="PuOr")
    (drawn,) = pictures_of(shown[0])
    (orange, white, purple) = drawn.to_rgba(drawn.get_array())[0, :, :3]
    assert orange[0] > orange[1] > orange[2]
    assert white.min() > 0.95
    assert purple[2] > purple[1]


@pytest.mark.parametrize("signed", [True, False])
def test_what_is_no_number_is_gray_and_has_no_part_in_the_scale(shown, signed):
    plots.images([np.array([[1.0, np.nan]]), np.array([[np.nan, -2.0]])], signed=signed)
    assert_one_scale(shown[0], (-2, 2) if signed else (-2, 1))
    first = pictures_of(shown[0])[0]
    red, green, blue, alpha = first.to_rgba(first.get_array())[0, 1]
    assert [round(255 * part) for part in (red, green, blue, alpha)] == [0x80, 0x80, 0x80, 255]


def test_given_range(shown):
    plots.images([np.ones((2, 2)), np.zeros((2, 2))], value_range=(0, 10))
    assert_one_scale(shown[0], (0, 10))


@pytest.mark.parametrize("dtype", [np.uint8, bool, np.float32, np.int64])
@pytest.mark.parametrize("signed", [True, False])
def test_pictures_of_any_numbers(shown, dtype, signed):
    plots.images([np.full((3, 3), 1, dtype), np.eye(3).astype(dtype) + np.ones((3, 3), dtype)], signed=signed)
    assert_one_scale(shown[0])


def test_shapes_with_and_without_a_channel(shown):
    plots.images([np.eye(3), np.eye(3)[:, :, np.newaxis]])
    first, second = pictures_of(shown[0])
    np.testing.assert_array_equal(first.get_array(), second.get_array())


@pytest.mark.parametrize("shape", [(4,), (4, 4, 2), (4, 4, 4), (1, 4, 4, 1), (1, 4, 4, 3)])
def test_what_is_no_picture_is_refused(shape):
    with pytest.raises(ValueError, match=r"shape \(height, width\), .* or \(height, width, 3\), got"):
        plots.images([np.zeros(shape)])


def test_color_pictures_keep_their_colors_and_leave_the_scale_alone(shown):
    color = np.array([[[1.0, 1.0, 0.0], [0.25, 0.5, 0.75]]])
    plots.images([color, np.array([[-3.0, 2.0]])], signed=True, colorbar=True)
    first, second = pictures_of(shown[0])[:2]
    np.testing.assert_array_equal(first.get_array(), color)
    assert second.get_clim() == (-3, 3)


def test_color_pictures_only(shown):
    plots.images([np.zeros((4, 4, 3))] * 2)
    assert len(pictures_of(shown[0])) == 2


def test_row_titles_stand_beside_the_rows(shown):
    plots.images([None, np.eye(3), np.eye(3), np.eye(3)], row_titles=["above", "below"], columns=2)
    assert [texts(axis) for axis in shown[0].axes] == [["above"], [], ["below"], []]
    (title,) = shown[0].axes[2].texts
    picture = shown[0].axes[2].get_window_extent()
    place = title.get_window_extent()
    assert 0 <= place.x0 < place.x1 <= picture.x0
    assert picture.y0 <= place.y0 < place.y1 <= picture.y1


def test_a_table_has_room_for_one_row_of_titles(shown):
    four = [np.eye(3)] * 4
    plots.images(four, columns=2)
    plots.images(four, columns=2, titles="ab", row_titles="cd")
    plots.images(four, columns=2, titles="abcd")
    none, table, titled = (figure.get_figheight() for figure in shown)
    assert 0 < table - none == pytest.approx((titled - none) / 2)


def test_parts_of_a_picture_are_framed_in_other_colors(shown):
    plots.images([np.eye(9), np.eye(9)], framed={1: [(1, 2, 3, 4), (0, 0, 2, 2)]})
    first, second = (axis.patches for axis in shown[0].axes)
    assert not first
    assert [(*frame.get_xy(), frame.get_width(), frame.get_height()) for frame in second] == [
        (1.5, 0.5, 4, 3),
        (-0.5, -0.5, 2, 2),
    ]
    assert len({frame.get_edgecolor() for frame in second}) == 2


@pytest.mark.parametrize(("number", "count"), [(2, 1), (-1, 1), (0, 5)])
def test_frames_that_belong_to_nothing_or_have_no_color_are_refused(shown, number, count):
    with pytest.raises(ValueError, match=f"There are 2 pictures, .* at most 4 parts .* got {count} parts of picture"):
        plots.images([np.eye(9), np.eye(9)], framed={number: [(0, 0, 2, 2)] * count})
    assert not shown


def test_a_table_has_titles_of_its_columns_and_of_its_rows(shown):
    plots.images([np.eye(3)] * 4, columns=2, titles=["left", "right"], row_titles=["above", "below"])
    assert [axis.get_title() for axis in shown[0].axes] == ["left", "right", "", ""]


@pytest.mark.parametrize("count", [1, 3, 5])
def test_titles_that_are_not_one_for_each_picture_are_refused(shown, count):
    with pytest.raises(ValueError, match=f"got {count} titles for 4 pictures"):
        plots.images([np.eye(3)] * 4, columns=2, titles=["a"] * count)
    assert not shown


def test_a_place_left_empty_counts_as_a_picture(shown):
    with pytest.raises(ValueError, match="got 2 titles for 3 pictures"):
        plots.images([np.eye(3), None, np.eye(3)], titles=["first", "third"])


@pytest.mark.parametrize("count", [1, 3, 4])
def test_titles_of_a_table_that_are_not_one_for_each_column_are_refused(count):
    with pytest.raises(ValueError, match=f"got {count} titles for 2 columns"):
        plots.images([np.eye(3)] * 4, columns=2, titles=["a"] * count, row_titles=["above", "below"])


@pytest.mark.parametrize("count", [1, 3])
def test_titles_of_rows_that_are_not_one_for_each_row_are_refused(count):
    with pytest.raises(ValueError, match=f"got {count} row_titles for 2 rows"):
        plots.images([np.eye(3)] * 3, columns=2, row_titles=["a"] * count)


def test_grid_and_titles(shown):
    plots.images([np.eye(3)] * 5, titles=["a", "b", "c", "d", "e"], columns=3)
    assert len(shown[0].axes) == 6
    assert [axis.get_title() for axis in shown[0].axes] == ["a", "b", "c", "d", "e", ""]
    assert len(pictures_of(shown[0])) == 5


def test_none_leaves_a_place_empty(shown):
    plots.images([np.eye(3), None, np.eye(3)], titles=["first", "", "third"])
    assert [len(axis.images) for axis in shown[0].axes] == [1, 0, 1]


def test_colorbar_is_one_more_axis(shown):
    plots.images([np.eye(3)] * 2, colorbar=True)
    assert len(shown[0].axes) == 3


def test_pictures_of_one_value(shown):
    plots.images([np.zeros((3, 3))] * 2, signed=True, colorbar=True)
    assert_one_scale(shown[0])


@pytest.mark.parametrize(("count", "columns", "side"), [(6, 6, 5), (96, 12, 5), (48, 16, 24), (1, 1, 28), (16, 4, 28)])
def test_the_figures_of_the_sources(shown, count, columns, side):
    plots.images(NUMBERS.normal(size=(count, side, side)), columns=columns, titles=[str(n) for n in range(count)])
    assert len(pictures_of(shown[0])) == count
    assert_one_scale(shown[0])


def test_every_figure_has_the_width_of_the_page(shown):
    plots.images([np.eye(3)] * 4, columns=2)
    plots.matrices({"a": np.eye(3)})
    plots.curves([1, 2], {"a": [1, 2]}, x_label="x", y_label="y")
    plots.confusion_matrix(np.eye(3, dtype=int), "abc")
    plots.network({"picture": (28, 28, 1)}, steps=[])
    assert [figure.get_figwidth() for figure in shown] == [plots.WIDTH] * 5


# Matrices.


def test_matrices_have_their_numbers_written_in(shown):
    plots.matrices({"picture": np.array([[1, 2], [3, -4]]), "result": np.array([[0.5]])})
    picture, result = shown[0].axes
    assert (picture.get_title(), result.get_title()) == ("picture", "result")
    assert texts(picture) == ["1", "2", "3", "-4"]
    assert texts(result) == ["0.5"]


def test_matrices_share_one_scale(shown):
    plots.matrices({"picture": np.array([[1, 2], [3, -4]]), "filter": np.eye(2), "result": np.array([[25]])})
    assert_one_scale(shown[0])
    low, high = pictures_of(shown[0])[0].get_clim()
    assert low == -4
    assert high >= 25


def test_marked_part_is_framed(shown):
    plots.matrices({"picture": np.eye(4), "result": np.eye(3)}, marked={"picture": (1, 2, 3, 2)})
    (frame,), other = (axis.patches for axis in shown[0].axes)
    assert (frame.get_xy(), frame.get_width(), frame.get_height()) == ((1.5, 0.5), 2, 3)
    assert not other


def test_signed_matrices_are_white_at_zero(shown):
    plots.matrices({"kernel": np.array([[-4, 1]]), "other": np.array([[5.0]])}, signed=True)
    assert_one_scale(shown[0])
    low, high = pictures_of(shown[0])[0].get_clim()
    assert -low == high >= 5


def test_matrices_in_rows(shown):
    plots.matrices({"a": np.eye(5)} | {name: np.eye(3) for name in "bcd"}, columns=3)
    assert [axis.get_title() for axis in shown[0].axes] == ["a", "b", "c", "d", "", ""]
    assert [axis.axison for axis in shown[0].axes[4:]] == [False, False]
    upper, lower = (shown[0].axes[place].get_window_extent() for place in (0, 3))
    assert lower.y1 < upper.y0
    assert lower.height / 3 == pytest.approx(upper.height / 5, rel=0.02)
    assert lower.x0 + lower.x1 == pytest.approx(upper.x0 + upper.x1)


def test_rows_and_columns_have_their_numbers_beside_them(shown):
    plots.matrices({"x": np.zeros((4, 3)), "w": np.zeros((2, 2))}, indices={"w": ("u", "v")})
    other, axis = shown[0].axes
    assert (axis.get_ylabel(), axis.get_xlabel()) == ("u", "v")
    assert [tick.get_text() for tick in axis.get_yticklabels(minor=True)] == ["0", "1"]
    assert [tick.get_text() for tick in axis.get_xticklabels(minor=True)] == ["0", "1"]
    assert (other.get_ylabel(), other.get_yticklabels(minor=True)) == ("", [])


@pytest.mark.parametrize("part", ["marked", "indices"])
def test_a_title_of_no_matrix_is_refused(shown, part):
    with pytest.raises(ValueError, match="Nothing here has the title z; the titles are x, w"):
        plots.matrices({"x": np.eye(2), "w": np.eye(2)}, **{part: {"z": (0, 0, 1, 1)}})
    assert not shown


# Stacks.


def grids_of(axis):
    """The frames' and the grids' corners: [(left, top, columns, rows, whether it is a frame)], the last drawn last."""
    patches = sorted(axis.patches, key=lambda patch: patch.get_zorder())
    return [(*patch.get_xy(), patch.get_width(), patch.get_height(), not patch.get_fill()) for patch in patches]


def test_a_stack_has_its_first_channel_in_front_with_its_numbers(shown):
    stack = np.arange(12).reshape(2, 2, 3)
    plots.stacks({"picture": stack, "map": np.array([[[7]]])}, colors=["red", "green", "blue"])
    axis, single = shown[0].axes
    assert (axis.get_title(), texts(axis)) == ("picture", ["0", "3", "6", "9"])
    assert texts(single) == ["7"]
    front = max(patch.get_zorder() for patch in axis.patches)
    assert [patch.get_facecolor()[:3] for patch in axis.patches if patch.get_zorder() == front][-1] == (1, 0, 0)
    lefts = [left for left, *_ in grids_of(axis)]
    assert lefts == sorted(lefts, reverse=True)
    assert min(text.get_zorder() for text in axis.texts) > front


def test_a_block_is_framed_in_every_channel(shown):
    plots.stacks({"picture": np.zeros((4, 5, 3))}, marked={"picture": (1, 2, 2, 3)})
    grids = grids_of(shown[0].axes[0])
    frames, cards = ([grid for grid in grids if grid[4] is frame] for frame in (True, False))
    assert len(frames) == 3
    assert {frame[2:4] for frame in frames} == {(3, 2)}
    pairs = zip(frames, cards[::2], strict=True)
    apart = {(round(frame[0] - card[0], 9), round(frame[1] - card[1], 9)) for frame, card in pairs}
    assert apart == {(2, 1)}


def test_stacks_stay_inside_the_figure(shown):
    plots.stacks({"picture": np.zeros((5, 5, 3)), "kernel": np.zeros((3, 3, 3)), "map": np.zeros((3, 3, 1))})
    for axis in shown[0].axes:
        (right, left), (low, high) = sorted(axis.get_xlim(), reverse=True), sorted(axis.get_ylim())
        for x, y, width, height, _ in grids_of(axis):
            assert left < x < x + width < right
            assert low < y < y + height < high


@pytest.mark.parametrize("shape", [(3, 3), (3, 3, 5), (1, 3, 3, 3)])
def test_what_is_no_stack_is_refused(shown, shape):
    with pytest.raises(ValueError, match=r"kernel must have shape \(rows, columns, channels\) with at most 4 channels"):
        plots.stacks({"kernel": np.zeros(shape)})
    assert not shown


def test_a_title_of_no_stack_is_refused(shown):
    with pytest.raises(ValueError, match="Nothing here has the title z; the titles are x"):
        plots.stacks({"x": np.zeros((2, 2, 2))}, marked={"z": (0, 0, 1, 1)})


# Curves.


def test_curves_over_names(shown):
    plots.curves(["conv1", "pool1"], {"a": [(2, 1, 3), (3, 2, 5)]}, x_label="layer", y_label="accuracy")
    (axis,) = shown[0].axes
    assert [label.get_text() for label in axis.get_xticklabels()] == ["conv1", "pool1"]
    np.testing.assert_array_equal(axis.lines[0].get_ydata(), [2, 3])


def test_curves(shown):
    plots.curves([1, 2, 3], {"train": [1, 2, 3], "validation": [1, 1, 2]}, x_label="epoch", y_label="accuracy")
    (axis,) = shown[0].axes
    assert [line.get_label() for line in axis.lines] == ["train", "validation"]
    assert [text.get_text() for text in axis.get_legend().get_texts()] == ["train", "validation"]
    assert (axis.get_xlabel(), axis.get_ylabel()) == ("epoch", "accuracy")
    np.testing.assert_array_equal(axis.lines[1].get_ydata(), [1, 1, 2])


def test_triples_are_drawn_with_their_intervals(shown):
    plots.curves([0, 1], {"pooled": [(0.5, 0.4, 0.6), (0.3, 0.2, 0.4)]}, x_label="x", y_label="y", y_range=(0, 1))
    (axis,) = shown[0].axes
    np.testing.assert_array_equal(axis.lines[0].get_ydata(), [0.5, 0.3])
    band = axis.collections[0].get_paths()[0].vertices
    assert (band[:, 1].min(), band[:, 1].max()) == (0.2, 0.6)
    assert axis.get_ylim() == (0, 1)


def test_named_places_stand_at_equal_distances(shown):
    plots.curves(["28", "7", "1"], {"dense": [(0.5, 0.4, 0.6)] * 3}, x_label="side of the tiles", y_label="accuracy")
    (axis,) = shown[0].axes
    assert [text.get_text() for text in axis.get_xticklabels()] == ["28", "7", "1"]
    np.testing.assert_array_equal(axis.get_xticks(), [0, 1, 2])


@pytest.mark.parametrize("count", [0, 1, 2])
def test_a_curve_that_is_shorter_ends_early(shown, count):
    plots.curves([1, 2, 3], {"old": [1, 2, 3], "interrupted": [1, 1, 2][:count]}, x_label="epoch", y_label="accuracy")
    (axis,) = shown[0].axes
    assert axis.lines[1].get_xdata().tolist() == [1, 2, 3][:count]


def test_more_values_than_x_are_refused(shown):
    with pytest.raises(ValueError, match="3 values over 2 x values"):
        plots.curves([1, 2], {"a": [1, 2, 3]}, x_label="x", y_label="y")


def test_more_curves_than_colors_are_refused(shown):
    with pytest.raises(ValueError, match="at most 4 curves, got 5"):
        plots.curves([1], {name: [1] for name in "abcde"}, x_label="x", y_label="y")
    assert not shown


def test_curves_of_one_hue_are_told_apart_by_dashes(shown):
    named = {name: [1, 2] for name in "abcd"}
    plots.curves([0, 1], named, x_label="x", y_label="y", hues=[0, 0, 1, 1], y_scale="log")
    (axis,) = shown[0].axes
    drawn = [(line.get_color(), line.get_linestyle()) for line in axis.lines]
    first, second = plots.COLORS[:2]
    assert drawn == [(first, "-"), (first, "--"), (second, "-"), (second, "--")]
    assert axis.get_yscale() == "log"
    assert 0.5 < axis.get_ylim()[0] < 1 < 2 < axis.get_ylim()[1] < 4


def test_a_hue_for_each_curve(shown):
    with pytest.raises(ValueError, match="2 curves and 1 hues"):
        plots.curves([0], {"a": [1], "b": [1]}, x_label="x", y_label="y", hues=[0])
    assert not shown


# Smooth curves, bars, clouds and chains.


def test_lines_have_x_values_of_their_own_and_points_with_words(shown):
    named = {"curve": ([0, 1, 2], [4, 5, 6]), "tangent": ([1, 2], [5, 6])}
    plots.lines(named, x_label="weight", y_label="loss", points={"here": (1, 5)})
    (axis,) = shown[0].axes
    assert [len(line.get_xdata()) for line in axis.lines] == [3, 2, 1]
    assert len({(line.get_color(), line.get_linestyle()) for line in axis.lines}) == 3
    assert texts(axis) == ["here"]
    assert [text.get_text() for text in axis.get_legend().get_texts()] == ["curve", "tangent"]


def test_lines_refuse_what_does_not_fit(shown):
    with pytest.raises(ValueError, match="'a' has 2 x values and 3 y values"):
        plots.lines({"a": ([0, 1], [1, 2, 3])}, x_label="x", y_label="y")
    with pytest.raises(ValueError, match="at most 4 curves, got 5"):
        plots.lines({name: ([0], [0]) for name in "abcde"}, x_label="x", y_label="y")
    assert not shown


def test_bars_carry_their_numbers(shown):
    plots.bars(["0", "1", "2"], {"logits": [1.234, -2, 0], "probabilities": [0.2, 0.5, 0.3]}, marked=1)
    first, second = shown[0].axes
    assert (texts(first), texts(second)) == (["1.23", "-2.00", "0.00"], ["0.20", "0.50", "0.30"])
    assert (first.get_title(), second.get_title()) == ("logits", "probabilities")
    assert len({patch.get_facecolor() for patch in first.patches}) == 2


def test_bars_need_a_number_for_each_name(shown):
    with pytest.raises(ValueError, match="3 names, but 'logits' has 2 numbers"):
        plots.bars(["0", "1", "2"], {"logits": [1, 2]})
    assert not shown


def test_clouds_share_their_axes_and_their_cross(shown):
    plots.scatter({"1": NUMBERS.normal(size=(9, 2)), "32": np.zeros((4, 2))}, center=(5, 1), x_label="a", y_label="b")
    limits = {(axis.get_xlim(), axis.get_ylim()) for axis in shown[0].axes}
    assert len(limits) == 1
    assert limits.pop()[0][1] > 5
    assert [len(axis.lines[0].get_xdata()) for axis in shown[0].axes] == [9, 4]


def test_chains_write_names_values_and_slopes(shown):
    plots.chains([[("w", 1, 0.2), ("sum", -0.25, 0.0), ("loss", 0.9, None)]] * 2)
    (axis,) = shown[0].axes
    written = [text for text in texts(axis) if text]
    assert written == ["w\n1", "×0.2", "sum\n-0.25", "×0", "loss\n0.9"] * 2


def test_chains_are_of_one_length(shown):
    with pytest.raises(ValueError, match="got 1, 2"):
        plots.chains([[("w", 1, None)], [("w", 1, 1), ("v", 1, None)]])
    assert not shown


# Networks.

LAYERS = {"picture": (28, 28, 1), "conv": (24, 20, 6), "flat": (120,), "logits": (10,)}
STEPS = ["weigh", "write in one row", "add"]


def test_a_network_is_written_from_top_to_bottom(shown):
    plots.network(LAYERS, steps=STEPS)
    (axis,) = shown[0].axes
    written = sorted((text for text in axis.texts if text.get_text()), key=lambda text: -text.get_window_extent().y0)
    assert [text.get_text() for text in written] == [
        "picture: 28×28",
        "weigh",
        "conv: 6 of 24×20",
        "write in one row",
        "flat: 120 values",
        "add",
        "logits: 10 values",
    ]


def test_a_map_is_a_rectangle_and_a_layer_of_units_a_bar_all_to_scale(shown):
    plots.network(LAYERS, steps=STEPS)
    (axis,) = shown[0].axes
    shapes = [patch for patch in axis.patches if isinstance(patch, plt.Rectangle)]
    assert len(shapes) == 1 + 6 + 1 + 1
    picture, *maps, flat, logits = shapes
    for drawn in maps:
        assert drawn.get_height() / picture.get_height() == pytest.approx(24 / 28)
        assert drawn.get_width() / picture.get_width() == pytest.approx(20 / 28)
    assert flat.get_width() / logits.get_width() == pytest.approx(12)


def test_nothing_of_a_network_touches_or_leaves_the_figure(shown):
    plots.network({"picture": (28, 28, 1), **{f"deep{n}": (8, 8, 16) for n in range(3)}}, steps=["a"] * 3)
    (axis,) = shown[0].axes
    frame = shown[0].bbox
    stacks = np.array([patch.get_window_extent().extents for patch in axis.patches if isinstance(patch, plt.Rectangle)])
    assert np.all(stacks[:, :2] >= -0.5)
    assert np.all(stacks[:, 2:] <= np.array([frame.width, frame.height]) + 0.5)
    tops = [stacks[1 + 16 * n : 17 + 16 * n, 3].max() for n in range(3)]
    bottoms = [stacks[0, 1], *(stacks[1 + 16 * n : 17 + 16 * n, 1].min() for n in range(2))]
    assert all(bottom > top for bottom, top in zip(bottoms, tops, strict=True))


@pytest.mark.parametrize("count", [0, 2, 4])
def test_a_network_has_one_step_between_two_layers(shown, count):
    with pytest.raises(ValueError, match=f"4 layers have 3 steps between them, got {count}"):
        plots.network(LAYERS, steps=["a"] * count)
    assert not shown


@pytest.mark.parametrize("shape", [(), (28, 28), (1, 28, 28, 1)])
def test_a_layer_of_another_shape_is_refused(shape):
    with pytest.raises(ValueError, match="strange has"):
        plots.network({"strange": shape}, steps=[])


# Confusion matrix.


def test_confusion_matrix(shown):
    matrix = NUMBERS.integers(0, 3, (10, 10)) + np.diag([900] * 10)
    plots.confusion_matrix(matrix, [str(digit) for digit in range(10)])
    (axis,) = shown[0].axes
    assert texts(axis) == [str(count) if count else "·" for count in matrix.ravel()]
    assert (axis.get_xlabel(), axis.get_ylabel()) == ("predicted class", "true class")
    assert [label.get_text() for label in axis.get_xticklabels()] == [str(digit) for digit in range(10)]


def test_confusion_matrix_colors_the_errors_only(shown):
    plots.confusion_matrix(np.array([[900, 3], [0, 800]]), ["a", "b"])
    np.testing.assert_array_equal(pictures_of(shown[0])[0].get_array(), [[0, 3], [0, 0]])


@pytest.mark.parametrize("names", [["a"], ["a", "b", "c"]])
def test_confusion_matrix_refuses_names_that_are_not_one_for_each_class(shown, names):
    with pytest.raises(ValueError, match=rf"Each class needs a name: got {len(names)} names for 2 classes\."):
        plots.confusion_matrix(np.diag([5, 6]), names)
    assert not shown


def test_confusion_matrix_without_errors(shown):
    plots.confusion_matrix(np.diag([5, 6]), ["a", "b"])
    assert len(shown) == 1


def test_style_stays_inside_the_figure(shown):
    before = plt.rcParams["axes.spines.top"]
    plots.images([np.eye(2)])
    assert plt.rcParams["axes.spines.top"] == before


@pytest.mark.parametrize(
    ("shape", "size"),  # of one map and its channels; width and height of the pictures in source 003
    [
        ((28, 28, 50), (231, 202)),
        ((28, 28, 32), (231, 115)),
        ((14, 14, 32), (119, 59)),
        ((14, 14, 64), (119, 119)),
        ((7, 7, 64), (63, 63)),
    ],
)
def test_mosaics_are_as_large_as_the_pictures_of_the_source(shape, size):
    height, width = plots.mosaic(np.zeros(shape)).shape
    assert (width, height) == size


def test_a_mosaic_written_out():
    maps = np.stack([np.full((1, 2), channel) for channel in range(5)], axis=-1)
    gap = np.nan
    expected = [[0, 0, gap, 1, 1], [gap] * 5, [2, 2, gap, 3, 3], [gap] * 5, [4, 4, gap, gap, gap]]
    np.testing.assert_array_equal(plots.mosaic(maps, columns=2), expected)


@settings(deadline=None)
@given(*[st.integers(1, 5)] * 4, st.integers(0, 3))
def test_every_map_is_found_in_its_place(height, width, channels, columns, gap):
    maps = np.random.default_rng(0).random((height, width, channels), np.float32)
    tiled = plots.mosaic(maps, columns=columns, gap=gap)
    assert tiled.dtype == np.float32
    for channel in range(channels):
        top, left = channel // columns * (height + gap), channel % columns * (width + gap)
        np.testing.assert_array_equal(tiled[top : top + height, left : left + width], maps[:, :, channel])
    assert np.sum(~np.isnan(tiled)) == maps.size


def test_a_zoomed_mosaic_draws_squares_and_keeps_the_gap():
    gap = np.nan
    expected = [[1, 1, gap, 2, 2], [1, 1, gap, 2, 2]]
    np.testing.assert_array_equal(plots.mosaic(np.array([[[1.0, 2.0]]]), columns=2, zoom=2), expected)


def test_a_mosaic_of_bytes_keeps_their_values():
    tiled = plots.mosaic(np.full((2, 2, 3), 255, np.uint8))
    assert np.nanmin(tiled) == np.nanmax(tiled) == 255


@pytest.mark.parametrize("shape", [(4, 4), (1, 4, 4, 3), (4, 4, 0)])
def test_a_mosaic_needs_the_maps_of_one_picture(shape):
    with pytest.raises(ValueError, match=r"shape \(height, width, channels\)"):
        plots.mosaic(np.zeros(shape))


@pytest.mark.parametrize("options", [{"columns": 0}, {"columns": -1}, {"gap": -1}, {"zoom": 0}])
def test_a_mosaic_needs_room(options):
    with pytest.raises(ValueError, match="columns and zoom must be at least 1 and gap at least 0"):
        plots.mosaic(np.zeros((2, 2, 2)), **options)
