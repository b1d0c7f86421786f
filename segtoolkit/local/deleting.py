"""Definitions go out of the store, unless others ask about them."""

from __future__ import annotations

from datetime import datetime

from segtoolkit.errors import Conflict, PQLError
from segtoolkit.local import ledger, lookup
from segtoolkit.local.ledger import Cursor
from segtoolkit.local.worker import Engine


def delete_definition(
    engine: Engine, cursor: Cursor, segment_id: str, *, as_of: datetime
) -> None:
    """Remove a definition and who was in it; jobs keep their copy.

    Raises:
        NotFound: there is none of that id.
        Conflict: others cannot be evaluated without it.
    """
    lookup.present_definition(cursor, segment_id)
    left = ledger.expressions(cursor)
    del left[segment_id]
    dependent = []
    for other, text in left.items():
        # Whoever asks about it has its id somewhere; to check every other one would take long.
        if segment_id not in text:
            continue
        try:
            engine.check(cursor, text, as_of=as_of, expression_of=left.get)
        except PQLError:
            dependent.append(other)
    if dependent:
        raise Conflict(
            f"{', '.join(map(repr, dependent))} asks whether somebody is in {segment_id!r}; "
            "change or delete that first",
            status_code=409,
        )
    ledger.remove_definition(cursor, segment_id)
