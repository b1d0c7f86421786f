"""Profiles and events in; the tables that audiences are evaluated on out."""

from __future__ import annotations

from segtoolkit.local.profiles.fragments import Kind
from segtoolkit.local.profiles.growing import Mode
from segtoolkit.local.profiles.layout import create_tables, lay_anew
from segtoolkit.local.profiles.loading import LoadReport, load
from segtoolkit.local.profiles.sources import Source, stem_of
from segtoolkit.local.profiles.sql import quoted
from segtoolkit.local.profiles.tables import identities_of, quietly

__all__ = [
    "Kind",
    "LoadReport",
    "Mode",
    "Source",
    "create_tables",
    "identities_of",
    "lay_anew",
    "load",
    "quietly",
    "quoted",
    "stem_of",
]
