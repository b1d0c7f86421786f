"""What the plots share: a frame to draw, Axes to draw on, named rows, a legend and words for it all."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Literal

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator, PercentFormatter, StrMethodFormatter

from segtoolkit.errors import DataError
from segtoolkit.plots.figures import DescribedFigure

# Okabe-Ito without black and yellow, which vanish on a dark or a light ground.
BLUE, ORANGE, GREEN = "#0072B2", "#E69F00", "#009E73"
SKY, VERMILLION, PURPLE = "#56B4E9", "#D55E00", "#CC79A7"
GREY = "#999999"

_MOST_TEXT_ROWS = 60
_LONGEST_NAME = 32
_GENERATED = re.compile(r"[0-9a-fA-F]{8}-?[0-9a-fA-F-]{12,}")
_WIDTH_IN, _ROW_IN, _AROUND_IN, _TALLEST_IN = 8.0, 0.3, 1.2, 20.0


def frame_of(data: object, method: str, columns: Sequence[str]) -> pd.DataFrame:
    frame = data if isinstance(data, pd.DataFrame) else _made_by(data, method)
    missing = [column for column in columns if column not in frame.columns]
    if missing:
        raise DataError(
            f"the frame has no column {', '.join(missing)}; pass what `.{method}()` returns"
        )
    return frame


def _made_by(data: object, method: str) -> pd.DataFrame:
    make = getattr(data, method, None)
    if not callable(make):
        raise TypeError(
            f"cannot draw {type(data).__name__}; pass a DataFrame or what has `.{method}()`"
        )
    frame: pd.DataFrame = make()
    return frame


def new_axes(*, rows: int) -> Axes:
    height = min(_AROUND_IN + _ROW_IN * max(rows, 3), _TALLEST_IN)
    _, ax = plt.subplots(
        figsize=(_WIDTH_IN, height), layout="constrained", FigureClass=DescribedFigure
    )
    return ax


def labelled_empty(ax: Axes, what: str) -> Axes:
    ax.text(0.5, 0.5, what, transform=ax.transAxes, ha="center", va="center")
    ax.set(xticks=[], yticks=[])
    describe(ax, [what])
    return ax


def describe(ax: Axes, parts: Sequence[str], most: int = 12) -> None:
    """Keep with *ax* what it shows, for `alt_text`: its title, and *most* of *parts*."""
    hidden = len(parts) - most
    more = [f"and {hidden:,} more"] if hidden > 0 else []
    # An artist's label is what it is called; of Axes, nothing else shows it.
    ax.set_label(f"{ax.get_title()}: {'; '.join([*parts[:most], *more])}.")


def name_rows(ax: Axes, names: Sequence[str]) -> None:
    """Write *names* beside the rows, the first at the top; not all of very many."""
    step = legible_step(len(names))
    # Names are not ours: a "$" in them is no mathematics.
    ax.set_yticks(range(0, len(names), step), names[::step], parse_math=False)
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(len(names) - 0.5, -0.5)


def legible_step(rows: int) -> int:
    """Return n such that text in every n-th row can still be read."""
    return -(-rows // _MOST_TEXT_ROWS)


def measure_axis(ax: Axes, *, share: bool, along: Literal["x", "y"] = "x") -> None:
    """Give an axis of profiles, or of parts of them, a few ticks that people can read."""
    axis = ax.xaxis if along == "x" else ax.yaxis
    # Few ticks keep "10,000,000" apart on a narrow axis.
    axis.set_major_locator(
        MaxNLocator(nbins=4, steps=[1, 2, 5, 10], integer=not share, min_n_ticks=1)
    )
    axis.set_major_formatter(
        PercentFormatter(1.0) if share else StrMethodFormatter("{x:,.0f}")
    )


def number_text(number: float, *, share: bool = False) -> str:
    """Return a number of profiles, or a part of them, as it stands beside a bar.

    >>> number_text(1_234), number_text(float("nan"))
    ('1,234', 'unknown')
    >>> number_text(0.5, share=True), number_text(1e-7, share=True)
    ('50.0%', '<0.1%')
    """
    if math.isnan(number):
        return "unknown"
    if not share:
        return f"{number:,.0f}"
    return "<0.1%" if 0 < number < 0.0005 else f"{number:.1%}"


def check_top(top: int) -> None:
    if top < 1:
        raise ValueError(f"top must be at least 1, not {top}")


def counted(number: int, noun: str) -> str:
    """Return such as ``1 job`` or ``5,000 jobs``.

    >>> counted(1, "job"), counted(5_000, "job")
    ('1 job', '5,000 jobs')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def add_legend(ax: Axes, title: str | None, colours: Mapping[str, str]) -> None:
    patches = [Patch(color=colour) for colour in colours.values()]
    name_artists(ax, patches, list(colours), title=title)


def name_artists(
    ax: Axes, artists: Sequence[Artist], names: Sequence[str], title: str | None = None
) -> None:
    """Write beside *ax* what its *artists* are called."""
    # The names come in afterwards: of those that begin with "_" matplotlib makes a secret.
    legend = ax.legend(
        artists,
        [" "] * len(artists),
        title=title,
        loc="upper left",
        bbox_to_anchor=(1.0, 1.0),
        frameon=False,
    )
    for text, name in zip(legend.get_texts(), names, strict=True):
        text.set_parse_math(False)
        text.set_text(name)


def short_ids(ids: Sequence[str]) -> list[str]:
    """Return the heads of generated ids and of long names, or all of what shares its head with another.

    >>> short_ids(
    ...     ["gold", "(mail | push) - bought", "468eeefd-95a2-45a1-8bfc-b806dafce7ee"]
    ... )
    ['gold', '(mail | push) - bought', '468eeefd']
    """
    heads = {i: _head(i) for i in ids}
    shared = Counter(heads.values())
    return [heads[i] if shared[heads[i]] == 1 else i for i in ids]


def _head(name: str) -> str:
    if _GENERATED.fullmatch(name):
        return name[:8]
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"
