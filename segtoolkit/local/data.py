"""What only the local road can do: look after the data that jobs are evaluated over."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from segtoolkit.local.profiles import LoadReport
from segtoolkit.local.service import SegmentService


class LocalData:
    """The profiles and events of a local store; reached as ``client.local``."""

    def __init__(self, service: SegmentService) -> None:
        self._service = service

    @property
    def path(self) -> Path | None:
        """The store's file; None in memory."""
        return self._service.store.path

    @property
    def reports(self) -> tuple[LoadReport, ...]:
        """What this process loaded into the store, oldest first."""
        return self._service.reports

    def load_profiles(self, source: Any, *, name: str | None = None) -> LoadReport:
        """Load *source* as the dataset *name* (its stem unless told), replacing that dataset.

        Raises:
            DataError: it is not what it should be; the store is as it was.
        """
        return self._service.load(source, kind="profiles", name=name)

    def load_events(self, source: Any, *, name: str | None = None) -> LoadReport:
        """Load events; otherwise as `load_profiles`."""
        return self._service.load(source, kind="events", name=name)

    def __repr__(self) -> str:
        return f"<LocalData {self.path or 'in memory'}>"
