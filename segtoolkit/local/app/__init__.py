"""The WSGI application that speaks AEP's segmentation API: a service goes in, a Flask app comes out."""

from __future__ import annotations

from segtoolkit.local.app.application import make_app
from segtoolkit.local.app.paging import Paging

__all__ = ["Paging", "make_app"]
