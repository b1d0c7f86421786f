"""The plot of namespaces is tested by what it draws: bars, labels, axes; no pixels."""

from __future__ import annotations

from itertools import pairwise

import pandas as pd
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from segtoolkit import connect_local, plots
from segtoolkit.models import Estimate
from tests.plots.drawn import result, rows, widths, words


def test_namespaces_are_bars_largest_first_with_their_numbers(ax):
    plots.namespace_counts(result(gold={"Email": 20, "ECID": 4_500}), ax=ax)

    assert widths(ax) == [4_500, 20]
    assert rows(ax) == ["ECID", "Email"]
    assert words(ax) == ["4,500", "20"]
    assert "gold" in ax.get_title()


def test_caption_says_that_namespaces_overlap(ax):
    plots.namespace_counts(result(gold={"Email": 20}), ax=ax)

    assert "do not add up" in ax.get_xlabel()


def test_segments_are_groups_named_in_the_legend(ax):
    plots.namespace_counts(
        result(gold={"Email": 20}, lapsed={"Email": 5, "ECID": 7}), ax=ax
    )

    assert [t.get_text() for t in ax.get_legend().get_texts()] == ["gold", "lapsed"]
    assert len(ax.patches) == 4


def test_share_is_of_the_segment(ax):
    plots.namespace_counts(result(gold={"Email": 20}), share=True, ax=ax)

    assert widths(ax) == [0.4]
    assert words(ax) == ["40.0%"]


def test_many_namespaces_become_the_top_ones_and_the_others(ax):
    many = {f"ns{i:04}": 1_000 - i for i in range(1_000)}

    plots.namespace_counts(result(gold=many), top=3, ax=ax)

    assert rows(ax) == ["ns0000", "ns0001", "ns0002", "997 others, each at most"]
    assert widths(ax)[-1] == 997


def test_strange_names_are_drawn_as_they_are(ax):
    plots.namespace_counts(result(**{"$a$": {"<b>$x_1$": 1}}), ax=ax)
    ax.figure.canvas.draw()

    assert rows(ax) == ["<b>$x_1$"]


def test_objects_that_make_the_frame_are_taken(ax):
    class Result:
        def by_namespace(self):
            return result(gold={"Email": 3})

    assert widths(plots.namespace_counts(Result(), ax=ax)) == [3]


def test_a_share_that_is_unknown_says_so_and_zero_stays_a_number(ax):
    frame = result(gold={"Email": 20}).assign(share=pd.array([None], dtype="Float64"))
    assert words(plots.namespace_counts(frame, share=True, ax=ax)) == ["unknown"]

    zero = plots.namespace_counts(result(gold={"Email": 0}), ax=Figure().subplots())
    assert (words(zero), zero.get_xlim()) == (["0"], (0, 1))


def test_a_namespace_that_one_segment_lacks_is_unknown_there(ax):
    plots.namespace_counts(result(gold={"ECID": 3, "Email": 1}, new={"ECID": 2}), ax=ax)

    assert words(ax) == ["3", "1", "2", "unknown"]


def test_a_single_namespace_beyond_the_top_keeps_its_name(ax):
    plots.namespace_counts(result(gold={"a": 3, "b": 2, "c": 1}), top=2, ax=ax)

    assert rows(ax) == ["a", "b", "c"]


def test_of_very_many_segments_the_largest_are_drawn_and_the_rest_is_mentioned(ax):
    plots.namespace_counts(result(**{f"s{n}": {"ECID": n} for n in range(1, 9)}), ax=ax)

    named = [text.get_text() for text in ax.get_legend().get_texts()]
    assert named == ["s8", "s7", "s6", "s5", "s4", "s3"]
    assert len({to_hex(bar.get_facecolor()) for bar in ax.patches}) == len(named)
    assert "2 smaller segments not shown" in ax.get_xlabel()


def test_large_numbers_fit_a_narrow_axis():
    half, _ = Figure(figsize=(8, 3), layout="constrained").subplots(1, 2)
    plots.namespace_counts(result(gold={"ECID": 13_146_432}), ax=half)
    half.figure.canvas.draw()

    low, high = half.get_xlim()
    shown = [
        label for label in half.get_xticklabels() if low <= label.get_position()[0] <= high
    ]
    boxes = [label.get_window_extent() for label in shown]
    assert "10,000,000" in [label.get_text() for label in shown]
    assert all(one.x1 < other.x0 for one, other in pairwise(boxes))


def test_an_estimate_is_drawn_as_an_audience(ax):
    estimate = Estimate(size=10, by_namespace={"ECID": 8, "Email": 1})

    plots.namespace_counts(estimate, share=True, ax=ax)

    assert words(ax) == ["80.0%", "10.0%"]


def test_an_estimate_of_unknown_size_has_unknown_shares(ax):
    plots.namespace_counts(Estimate(size=None, by_namespace={"ECID": 8}), share=True, ax=ax)

    assert words(ax) == ["unknown"]


def test_an_audience_of_the_local_road_is_named_and_drawn(ax):
    ann = {"_id": "ann", "identityMap": {"CRMID": [{"id": "1"}], "Email": [{"id": "a@x"}]}}
    bob = {"_id": "bob", "identityMap": {"CRMID": [{"id": "2"}]}}
    with connect_local(profiles=[ann, bob], segments={"all": "true"}) as client:
        client.run("all")
        plots.namespace_counts(client.local.audience("all"), ax=ax)

    assert dict(zip(rows(ax), widths(ax), strict=True)) == {"CRMID": 2, "Email": 1}
    assert "all" in ax.get_title()
