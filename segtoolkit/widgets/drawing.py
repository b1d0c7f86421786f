"""What the views show besides what all cards are built of: tables with a caption, states, news and faults.

A state is a mark and a word, of which only the mark has a colour.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from markupsafe import Markup

from segtoolkit.cards import blocks, theme
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
_FAULT = (
    f"border-left:4px solid {theme.colour_of('FAILED')};padding:.1em .6em;"
    "color:inherit;background:none;font-size:inherit;line-height:1.35;"
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


def table(
    caption: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    numbers: Iterable[str] = (),
) -> Markup:
    """Return a table; the *columns* that are *numbers* are set flush right, the first names its row.

    The last column may be long, and is broken into lines.
    """
    right = set(numbers)
    styles = [
        theme.NUMBER_CELL if column in right else theme.SHORT_CELL for column in columns
    ]
    head = Markup("").join(
        _HEAD.format(style, _RULE, column)
        for style, column in zip(styles, columns, strict=True)
    )
    if columns[-1] not in right:
        styles[-1] = f"{theme.TEXT_CELL};min-width:12em"
    body = Markup("").join(_row(row, styles) for row in rows)
    return Markup(
        '<table style="{}"><caption style="{};{}">{}</caption><thead><tr>{}</tr></thead>'
        "<tbody>{}</tbody></table>"
    ).format(theme.TABLE, _CAPTION, theme.FAINT, caption, head, body)


def _row(cells: Sequence[object], styles: Sequence[str]) -> Markup:
    drawn = Markup("").join(
        (_OTHER if place else _FIRST).format(style, blocks.said(cell))
        for place, (style, cell) in enumerate(zip(styles, cells, strict=True))
    )
    return Markup("<tr>{}</tr>").format(drawn)


def part(share: float, words: str) -> Markup:
    """Return a bar of which *share*, 0 to 1, is full, and the *words* that say the same."""
    return Markup(
        '<div role="progressbar" aria-label="{}" aria-valuemin="0" aria-valuemax="100" '
        'aria-valuenow="{}" style="{}"><div style="{}"></div></div>'
    ).format(
        words,
        int(share * 100),
        theme.TRACK,
        theme.FILL.format(100 * share, theme.colour_of("SUCCEEDED")),
    )


def news(text: str, *, strong: bool = False, faint: bool = False) -> Markup:
    """Return what is read out when it changes; nothing for none."""
    style = ("font-weight:600;" if strong else "") + ("opacity:.7" if faint else "")
    html = Markup('<div role="status" style="{}">{}</div>').format(style, text)
    return html if text else Markup("")


def fault(text: str) -> Markup:
    """Return what went wrong, its lines and their columns as they are; nothing for none."""
    if not text:
        return Markup("")
    style = _FAULT + theme.CODE
    return Markup('<pre role="alert" style="{}">{}</pre>').format(style, blocks.said(text))


def saved_only(html: Markup) -> Markup:
    """Return *html* for who has no controls; `view` hides it below those that show the same."""
    return Markup('<div class="segtoolkit-saved">{}</div>').format(html)
