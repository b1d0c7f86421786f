"""Export jobs: the members of segments go out of the store, as Parquet files in a folder."""

from __future__ import annotations

from segtoolkit.local.exports.room import Exports, export_folder

__all__ = ["Exports", "export_folder"]
