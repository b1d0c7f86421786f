"""What the plots share: a frame to draw, Axes to draw on, named rows and a legend."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from segtoolkit.errors import DataError

# Okabe-Ito without black and yellow, which vanish on a dark or a light ground.
BLUE, ORANGE, GREEN = "#0072B2", "#E69F00", "#009E73"
SKY, VERMILLION, PURPLE = "#56B4E9", "#D55E00", "#CC79A7"
GREY = "#999999"

_MOST_TEXT_ROWS = 60
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
    _, ax = plt.subplots(figsize=(_WIDTH_IN, height), layout="constrained")
    return ax


def labelled_empty(ax: Axes, what: str) -> Axes:
    ax.text(0.5, 0.5, what, transform=ax.transAxes, ha="center", va="center")
    ax.set(xticks=[], yticks=[])
    return ax


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


def add_legend(ax: Axes, title: str | None, colours: Mapping[str, str]) -> None:
    legend = ax.legend(
        [Patch(color=colour) for colour in colours.values()],
        list(colours),
        title=title,
        loc="upper left",
        bbox_to_anchor=(1.0, 1.0),
        frameon=False,
    )
    for text in legend.get_texts():
        text.set_parse_math(False)


def short_ids(ids: Sequence[str]) -> list[str]:
    """Return the heads of long ids, or all of an id whose head another one shares.

    >>> short_ids(["gold", "468eeefd-95a2-45a1-8bfc-b806dafce7ee"])
    ['gold', '468eeefd']
    """
    heads = {i: i if len(i) <= 20 else i[:8] for i in ids}
    shared = Counter(heads.values())
    return [heads[i] if shared[heads[i]] == 1 else i for i in ids]
