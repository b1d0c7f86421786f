"""Audiences as sets: who was in a segment after its last job, and what is common to several."""

from segtoolkit.local.audiences.audience import Audience, Origin
from segtoolkit.local.audiences.members import Members
from segtoolkit.local.audiences.overlap import Overlap
from segtoolkit.local.audiences.room import Audiences

__all__ = ["Audience", "Audiences", "Members", "Origin", "Overlap"]
