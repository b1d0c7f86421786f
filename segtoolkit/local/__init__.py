"""The local road: AEP's segmentation service over a DuckDB file."""

from segtoolkit.local.app import make_app
from segtoolkit.local.service import SegmentService, open_service
from segtoolkit.local.store import Store

__all__ = ["SegmentService", "Store", "make_app", "open_service"]
