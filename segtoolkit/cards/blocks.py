"""What cards are built of: values go in, escaped HTML without scripts comes out.

Text is escaped where it meets a tag, by the type: whoever forgets to does not pass through.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypeAlias

from markupsafe import Markup, escape

from segtoolkit.cards import theme
from segtoolkit.cards.words import (
    UNKNOWN,
    duration_text,
    number_text,
    short_id,
    time_text,
    whole,
)

Html: TypeAlias = Markup

ROWS_SHOWN = 10

_EMPTY = Markup()


def card(*lines: Markup, colour: str = theme.NEUTRAL) -> str:
    """Return a box of *lines*, of which the empty ones are left out."""
    style = theme.BOX.format(colour)
    body = _EMPTY.join(line for line in lines if line)
    # Not marked any longer: notebooks know plain text only.
    return str(Markup('<div style="{}">{}</div>').format(style, body))


def line(*pieces: object) -> Markup:
    return Markup("<div>{}</div>").format(_joined(pieces))


def told(text: str) -> Markup:
    """Return a message; if it has several lines, with their columns as they are: a caret may point."""
    if "\n" not in text:
        return line(text)
    return Markup('<pre style="{}">{}</pre>').format(theme.CODE, said(text))


def pointed(text: str) -> Markup:
    """Return a line of code and a caret below it."""
    return Markup('<pre style="{}">{}</pre>').format(theme.CARET, said(text))


def faint(*pieces: object) -> Markup:
    return Markup('<div style="{}">{}</div>').format(theme.FAINT, _joined(pieces))


def bold(value: object) -> Markup:
    return Markup("<b>{}</b>").format(said(value))


def code(text: str, title: str = "") -> Markup:
    """Return *text* as code; *title* is shown when one points at it."""
    if not title:
        return Markup("<code>{}</code>").format(said(text))
    return Markup('<code title="{}">{}</code>').format(said(title), said(text))


def short_code(job_id: str) -> Markup:
    """Return the head of an id; the whole is shown when one points at it."""
    return code(short_id(job_id), title=job_id)


def meter(share: float | None, colour: str, meaning: str) -> Markup:
    """Return a bar filled to *share*, 0 to 1; *meaning* says it in words. None for nothing known."""
    if share is None:
        return _EMPTY
    filled = theme.FILL.format(100 * min(max(share, 0.0), 1.0), colour)
    return Markup(
        '<div role="img" aria-label="{}" style="{}"><div style="{}"></div></div>'
    ).format(meaning, theme.TRACK, filled)


def facts(values: Mapping[str, object]) -> Markup:
    """Return a table of two columns: what is known, and its name."""
    rows = (
        Markup('<tr><th scope="row" style="{}">{}</th>{}</tr>').format(
            theme.SHORT_CELL, said(name), _cell(value, is_number=False)
        )
        for name, value in values.items()
    )
    return _table(rows)


def table(
    columns: Sequence[str],
    rows: Sequence[Sequence[object]],
    rest: str = "",
    most: int = ROWS_SHOWN,
) -> Markup:
    """Return *rows* under *columns*, numbers at the right; nothing at all without rows.

    Columns that are empty texts throughout are left out. No more than *most* rows are shown; *rest* says
    where the others are, such as ``.to_frame()``.
    """
    if not rows:
        return _EMPTY
    columns, rows = _filled(columns, rows)
    # A column is of numbers if it has some: what is unknown stands below them.
    numeric = [any(_is_number(row[i]) for row in rows) for i in range(len(columns))]
    head = _EMPTY.join(map(_head, columns, numeric))
    body = (
        Markup("<tr>{}</tr>").format(
            _EMPTY.join(
                _cell(value, is_number=n) for value, n in zip(row, numeric, strict=True)
            )
        )
        for row in rows[:most]
    )
    return _table([Markup("<tr>{}</tr>").format(head), *body]) + _hidden(
        len(rows) - most, rest
    )


def _filled(
    columns: Sequence[str], rows: Sequence[Sequence[object]]
) -> tuple[list[str], list[list[object]]]:
    shown = [i for i in range(len(columns)) if any(row[i] != "" for row in rows)]
    return [columns[i] for i in shown], [[row[i] for i in shown] for row in rows]


def said(value: object) -> Markup:
    """Return *value* as people read it.

    >>> said(1_234), said(None), said("<b>")
    (Markup('1,234'), Markup('unknown'), Markup('&lt;b&gt;'))
    """
    match value:
        case None:
            return escape(UNKNOWN)
        case bool():
            return Markup("yes") if value else Markup("no")
        case int():
            return escape(number_text(value))
        case datetime():
            return escape(time_text(value))
        case timedelta():
            return escape(duration_text(value))
        case Markup():
            return value
        case _:
            return escape(whole(str(value)))


def _joined(pieces: Iterable[object]) -> Markup:
    return _EMPTY.join(said(piece) for piece in pieces)


def _is_number(value: object) -> bool:
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return is_number or (isinstance(value, str) and value.endswith("%"))


def _head(column: str, is_number: bool) -> Markup:  # noqa: FBT001 - mapped over columns
    style = theme.NUMBER_CELL if is_number else theme.SHORT_CELL
    return Markup('<th scope="col" style="{}">{}</th>').format(style, column)


def _cell(value: object, *, is_number: bool) -> Markup:
    style = theme.NUMBER_CELL if is_number else _style_of(value)
    return Markup('<td style="{}">{}</td>').format(style, said(value))


def _style_of(value: object) -> str:
    # Names and expressions may be long, times, numbers and heads of ids are not.
    is_short = isinstance(value, Markup | int | datetime | timedelta | None)
    return theme.SHORT_CELL if is_short else theme.TEXT_CELL


def _table(rows: Iterable[Markup]) -> Markup:
    return Markup('<table style="{}">{}</table>').format(theme.TABLE, _EMPTY.join(rows))


def _hidden(hidden: int, rest: str) -> Markup:
    where = f" in {rest}" if rest else ""
    return faint(f"and {hidden:,} more{where}") if hidden > 0 else _EMPTY
