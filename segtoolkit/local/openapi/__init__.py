"""The OpenAPI document of the local server: an address goes in, what is served there comes out."""

from __future__ import annotations

from segtoolkit.local.openapi.document import document

__all__ = ["document"]
