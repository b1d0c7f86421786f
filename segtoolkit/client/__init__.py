"""The caller's side of the segmentation service: verbs on jobs, definitions and estimates."""

from __future__ import annotations

from segtoolkit.client.chosen import Segments
from segtoolkit.client.client import Client
from segtoolkit.client.definitions import Definitions
from segtoolkit.client.listing import JobListing

__all__ = ["Client", "Definitions", "JobListing", "Segments"]
