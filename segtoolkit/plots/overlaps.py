"""The plot of how audiences overlap."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.transforms import ScaledTranslation, blended_transform_factory

from segtoolkit.plots import canvas

_COLUMN_IN, _WIDEST_IN = 0.25, 4.0
_POINTS_AN_INCH = 72
_LONGEST_NAME = 24
# Names of more columns would lie upon each other.
_MOST_TURNED = 16


class Overlapping(Protocol):
    """What knows how audiences overlap: ``client.local.overlap(…)``."""

    def to_frame(self) -> pd.DataFrame: ...


def overlap(
    data: pd.DataFrame | Overlapping, *, top: int = 15, ax: Axes | None = None
) -> Axes:
    """Draw one bar per combination of audiences: the profiles in exactly these audiences.

    A profile counts once, so the bars add up. The dots at the left of a bar say which audiences it
    is about; the audiences stand above them with their sizes.

    Args:
        data: an ``overlap`` frame, or an overlap.
        top: how many combinations get a row of their own, the largest first; one row more is the sum
            of all others.
        ax: where to draw; a new figure by default.

    Returns:
        the Axes of the bars, with the dots as Axes inside it.

    >>> from matplotlib.figure import Figure
    >>> from segtoolkit.frames import overlap_frame
    >>> frame = overlap_frame({("gold",): 2, ("gold", "us"): 3}, 10)
    >>> ax = overlap(frame, ax=Figure().subplots())
    >>> [float(bar.get_width()) for bar in ax.patches]
    [3.0, 2.0]
    """
    canvas.check_top(top)
    frame = canvas.frame_of(data, "to_frame", ["audiences", "profiles", "share"])
    ordered = frame.sort_values("profiles", ascending=False, kind="stable")
    others = len(ordered) - top if len(ordered) > top + 1 else 0
    shown = ordered.iloc[: len(ordered) - others]
    ax = ax or canvas.new_axes(rows=len(shown) + bool(others) + 2)
    ax.set(title="Overlap of audiences", xlabel="profiles in exactly these audiences")
    canvas.measure_axis(ax, share=False)
    if frame.empty:
        return canvas.labelled_empty(ax, "nobody is in any of them")
    rest = ordered["profiles"].iloc[len(shown) :].sum()
    sizes = [float(n) for n in shown["profiles"]] + [float(rest)] * bool(others)
    texts = [_text(*row) for row in shown[["profiles", "share"]].to_numpy()]
    _draw_bars(ax, sizes, [*texts, *[f"{rest:,}"] * bool(others)])
    combinations = [tuple(names) for names in shown["audiences"]]
    _draw_dots(ax, combinations, _audiences(frame, combinations), others)
    named = [f"{' & '.join(c)} {t}" for c, t in zip(combinations, texts, strict=True)]
    canvas.describe(ax, [*named, *[f"{others:,} others {rest:,}"] * bool(others)])
    return ax


def _audiences(frame: pd.DataFrame, shown: Sequence[tuple[str, ...]]) -> dict[str, int]:
    """Return the sizes of the audiences that *shown* has, in the order of their sizes."""
    present = {name for names in shown for name in names}
    sizes = dict.fromkeys(present, 0)
    for names, profiles in zip(frame["audiences"], frame["profiles"], strict=True):
        for name in present.intersection(names):
            sizes[name] += profiles
    return dict(sorted(sizes.items(), key=lambda item: (-item[1], item[0])))


def _text(profiles: int, share: float | None) -> str:
    part = "" if pd.isna(share) else f" ({canvas.number_text(share, share=True)})"
    return f"{profiles:,}{part}"


def _draw_bars(ax: Axes, sizes: Sequence[float], texts: Sequence[str]) -> None:
    colours = [canvas.BLUE] * len(sizes)
    bars = ax.barh(np.arange(len(sizes)), sizes, 0.6, color=colours)
    ax.bar_label(bars, texts, padding=3, fontsize="small")
    ax.set_xlim(0, 1.3 * max(sizes) or 1)
    ax.set_ylim(len(sizes) - 0.5, -0.5)
    ax.set_yticks([])


def _draw_dots(
    ax: Axes,
    combinations: Sequence[tuple[str, ...]],
    audiences: dict[str, int],
    others: int,
) -> None:
    dots, size = _room_for_dots(ax, len(audiences))
    column = {name: place for place, name in enumerate(audiences)}
    ink = mpl.rcParams["text.color"]
    for row, names in enumerate(combinations):
        places = sorted(column[name] for name in names)
        dots.scatter(
            range(len(column)), [row] * len(column), size**2, canvas.GREY, alpha=0.25
        )
        dots.plot(places, [row] * len(places), color=ink, marker="o", markersize=size)
    _name_columns(dots, audiences)
    if others:
        _write_beside(ax, len(combinations), f"{others:,} other combinations")
    dots.tick_params(length=0)
    dots.spines[:].set_visible(False)
    dots.patch.set_visible(False)


def _room_for_dots(ax: Axes, columns: int) -> tuple[Axes, float]:
    """Return Axes at the left of *ax*, and the size of the dots that fit there, in points."""
    width_in = min(_COLUMN_IN * columns, _WIDEST_IN)
    # In inches: the layout would not settle if the dots grew and shrank with the bars.
    inches = ax.figure.dpi_scale_trans + ScaledTranslation(0, 0, ax.transAxes)  # type: ignore[arg-type]
    place = blended_transform_factory(inches, ax.transAxes)
    dots = ax.inset_axes((-width_in, 0, width_in, 1), transform=place, sharey=ax)
    return dots, min(6.0, 0.6 * _POINTS_AN_INCH * width_in / columns)


def _write_beside(ax: Axes, row: int, words: str) -> None:
    ax.annotate(
        words,
        (0, row),
        xytext=(-6, 0),
        textcoords="offset points",
        ha="right",
        va="center",
        fontsize="small",
    )


def _name_columns(dots: Axes, audiences: dict[str, int]) -> None:
    dots.xaxis.tick_top()
    names = [f"{_cut(name)} ({size:,})" for name, size in audiences.items()]
    turned = {"rotation": 45, "ha": "left", "fontsize": "small"}
    upright = {"rotation": 90, "ha": "center", "fontsize": "x-small"}
    style: dict[str, Any] = turned if len(names) <= _MOST_TURNED else upright
    dots.set_xticks(range(len(names)), names, parse_math=False, **style)
    dots.set_xlim(-0.5, len(names) - 0.5)


def _cut(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"
