"""What the views show besides what all cards are built of: tables with a caption, states, news and faults.

A state is a mark and a word, of which only the mark has a colour.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from markupsafe import Markup

from segtoolkit.cards import blocks, theme
from segtoolkit.cards.words import time_text
from segtoolkit.models import JobStatus

_MARKS = {
    JobStatus.NEW: "○",
    JobStatus.QUEUED: "○",
    JobStatus.PROCESSING: "◐",
    JobStatus.CANCELLING: "◒",
    JobStatus.CANCELLED: "⊘",
    JobStatus.FAILED: "✕",
    JobStatus.SUCCEEDED: "✓",
}
_UNKNOWN_MARK = "?"

_RULE = "border-bottom:1px solid var(--jp-border-color1, #8888)"
_CAPTION = "caption-side:top;text-align:left;padding:0;white-space:nowrap"
_HEAD = Markup('<th scope="col" style="{};{};font-weight:600">{}</th>')
_FIRST = Markup('<th scope="row" style="{};font-weight:400">{}</th>')
_OTHER = Markup('<td style="{}">{}</td>')
_WIDE = "overflow-x:auto;max-width:100%"
_LONG_CELL = f"{theme.TEXT_CELL};min-width:10em"
_LONG = 20
_FAULT = (
    f"border-left:4px solid {theme.colour_of('FAILED')};padding:.1em .6em;margin:.3em 0;"
    "white-space:pre-wrap;overflow-wrap:anywhere"
)


def block(*parts: Markup) -> Markup:
    """Return *parts* one below the other, in the colour of the theme's text."""
    body = Markup("").join(parts)
    return Markup('<div style="{}">{}</div>').format(theme.TEXT, body)


def badge(status: str) -> Markup:
    """Return the mark and the word of a job's state."""
    mark = _MARKS.get(JobStatus(status), _UNKNOWN_MARK)
    return Markup(
        '<span aria-hidden="true" style="color:{};font-weight:bold">{}</span> {}'
    ).format(theme.colour_of(status), mark, status)


def moment(at: datetime | None) -> Markup:
    """Return *at* for a column that says that its times are UTC."""
    return blocks.said(None if at is None else time_text(at).removesuffix(" UTC"))


def table(
    caption: object,
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    numbers: Iterable[str] = (),
) -> Markup:
    """Return a table; the *columns* that are *numbers* are set flush right, the first names its row.

    Columns of long texts are broken into lines; what is too wide all the same is scrolled.
    """
    cells, right = list(rows), set(numbers)
    styles = [
        theme.NUMBER_CELL if column in right else _style_of([row[place] for row in cells])
        for place, column in enumerate(columns)
    ]
    head = Markup("").join(
        _HEAD.format(
            theme.NUMBER_CELL if column in right else theme.SHORT_CELL, _RULE, column
        )
        for column in columns
    )
    body = Markup("").join(_row(row, styles) for row in cells)
    return Markup(
        '<div style="{}"><table style="{}"><caption style="{};{}">{}</caption>'
        "<thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>"
    ).format(_WIDE, theme.TABLE, _CAPTION, theme.FAINT, blocks.said(caption), head, body)


def _style_of(cells: Iterable[object]) -> str:
    is_long = any(type(cell) is str and len(cell) > _LONG for cell in cells)
    return _LONG_CELL if is_long else theme.SHORT_CELL


def _row(cells: Sequence[object], styles: Sequence[str]) -> Markup:
    drawn = Markup("").join(
        (_OTHER if place else _FIRST).format(style, blocks.said(cell))
        for place, (style, cell) in enumerate(zip(styles, cells, strict=True))
    )
    return Markup("<tr>{}</tr>").format(drawn)


def part(share: float, words: str, state: str = "SUCCEEDED") -> Markup:
    """Return a bar of which *share*, 0 to 1, is full, in the colour of a *state*, and the *words* that say it."""
    return Markup(
        '<div role="progressbar" aria-label="{}" aria-valuemin="0" aria-valuemax="100" '
        'aria-valuenow="{}" style="{}"><div style="{}"></div></div>'
    ).format(
        words,
        int(share * 100),
        theme.TRACK,
        theme.FILL.format(100 * share, theme.colour_of(state)),
    )


def news(text: str, *, strong: bool = False, faint: bool = False) -> Markup:
    """Return what is read out when it changes; nothing for none."""
    style = ("font-weight:600;" if strong else "") + ("opacity:.7" if faint else "")
    html = Markup('<div role="status" style="{}">{}</div>').format(style, text)
    return html if text else Markup("")


def fault(text: str) -> Markup:
    """Return what went wrong, and a line with a caret as it is; nothing for none."""
    if not text:
        return Markup("")
    return Markup('<div role="alert" style="{}">{}</div>').format(_FAULT, _pointed(text))


def _pointed(text: str) -> Markup:
    lines = text.split("\n")
    caret = next((at for at, one in enumerate(lines) if one.strip() == "^"), None)
    if not caret:
        return blocks.said(text)
    head, place, rest = lines[: caret - 1], lines[caret - 1 : caret + 1], lines[caret + 1 :]
    above, pointed, below = ("\n".join(part) for part in (head, place, rest))
    return Markup("{}{}{}").format(
        blocks.said(above), blocks.pointed(pointed), blocks.said(below)
    )


def saved_only(html: Markup) -> Markup:
    """Return *html* for who has no controls; `view` hides it below those that show the same."""
    return Markup('<div class="segtoolkit-saved">{}</div>').format(html)
