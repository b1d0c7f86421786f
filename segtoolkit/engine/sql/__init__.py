"""From a typed test to SQL with bound values: the profiles for which it is true.

Tables: ``profiles(rid, xdm STRUCT)`` and ``events(rid, ts, type, xdm STRUCT)``.
"""

from segtoolkit.engine.sql.queries import (
    Query,
    column_sql,
    event_rows,
    query,
    query_of_values,
)

__all__ = ["Query", "column_sql", "event_rows", "query", "query_of_values"]
