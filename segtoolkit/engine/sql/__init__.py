"""From a typed test to SQL with bound values: the profiles for which it is true.

Tables: ``profiles(rid, xdm STRUCT)`` and ``events(rid, ts, type, xdm STRUCT)``.
"""

from segtoolkit.engine.sql.writer import Query, query

__all__ = ["Query", "query"]
