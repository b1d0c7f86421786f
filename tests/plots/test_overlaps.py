"""The plot of overlaps is tested by what it draws: bars, dots, names; no pixels."""

from __future__ import annotations

from itertools import combinations

import pytest

from segtoolkit import frames, plots
from segtoolkit.plots import overlap
from tests.plots.drawn import widths, words

SIZES = {("gold",): 20, ("us",): 4, ("gold", "us"): 1_030}


def drawn(sizes, total=10_000, **options):
    return overlap(frames.overlap_frame(sizes, total), **options)


def joined(ax):
    """Return, for every row, the names of the audiences whose dots are joined."""
    (dots,) = ax.child_axes
    names = [label.get_text().rpartition(" (")[0] for label in dots.get_xticklabels()]
    return [{names[int(x)] for x in line.get_xdata()} for line in dots.lines]


def columns(ax):
    (dots,) = ax.child_axes
    return [label.get_text() for label in dots.get_xticklabels()]


def test_combinations_are_bars_largest_first_with_numbers_and_shares(ax):
    drawn(SIZES, ax=ax)

    assert widths(ax) == [1_030, 20, 4]
    assert words(ax) == ["1,030 (10.3%)", "20 (0.2%)", "4 (<0.1%)"]


def test_dots_say_which_audiences_a_bar_is_about(ax):
    drawn(SIZES, ax=ax)

    assert joined(ax) == [{"gold", "us"}, {"gold"}, {"us"}]


def test_audiences_stand_above_with_their_sizes_the_largest_first(ax):
    drawn(SIZES, ax=ax)

    assert columns(ax) == ["gold (1,050)", "us (1,034)"]


def test_many_combinations_become_the_top_ones_and_the_sum_of_the_others(ax):
    many = {names: 100 + n for n, names in enumerate(combinations("abcdefghij", 3))}

    drawn(many, top=4, ax=ax)

    others = sum(many.values()) - sum(widths(ax)[:4])
    assert widths(ax) == [219, 218, 217, 216, others]
    assert words(ax)[-1] == "116 other combinations"


def test_a_single_combination_beyond_the_top_has_its_row(ax):
    drawn(SIZES, top=2, ax=ax)
    assert len(widths(ax)) == 3


def test_an_unknown_total_leaves_the_shares_out(ax):
    drawn(SIZES, total=None, ax=ax)
    assert words(ax) == ["1,030", "20", "4"]


def test_strange_and_long_names_are_drawn_as_they_are_and_cut(ax):
    drawn({("$a_1$ <b>",): 1, ("x" * 99,): 1}, ax=ax)
    ax.figure.canvas.draw()

    assert columns(ax) == ["$a_1$ <b> (1)", f"{'x' * 23}… (1)"]


def test_numbers_that_are_all_zero_are_drawn(ax):
    drawn({("gold",): 0}, ax=ax)

    assert widths(ax) == [0]
    assert ax.get_xlim() == (0, 1)


@pytest.mark.parametrize("audiences", [2, 5, 12, 40])
def test_the_picture_holds_everything(audiences):
    names = [f"audience {n}" for n in range(audiences)]
    ax = drawn({tuple(names[: n + 1]): n + 1 for n in range(audiences)})
    ax.figure.canvas.draw()

    box, page = ax.get_tightbbox(), ax.figure.bbox
    assert box.x0 >= page.x0 - 1
    assert box.x1 <= page.x1 + 1
    assert ax.get_window_extent().width > page.width / 5


def test_the_words_name_the_combinations(ax):
    assert "gold & us 1,030 (10.3%); gold 20" in plots.alt_text(drawn(SIZES, ax=ax))
