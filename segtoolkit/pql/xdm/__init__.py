"""The JSON of an XDM schema in; the fields it declares out, as the types of an expression."""

from __future__ import annotations

from segtoolkit.pql.xdm.classes import class_of
from segtoolkit.pql.xdm.reading import read_xdm

__all__ = ["class_of", "read_xdm"]
