"""Size audiences in a notebook: segment jobs of Adobe Experience Platform, there or evaluated locally.

>>> import segtoolkit as sg
>>> people = [{"_id": "ann", "loyalty": {"points": 700}}, {"_id": "bob"}]
>>> client = sg.connect_local(profiles=people)
>>> client.size("loyalty.points > 500").size
1
>>> client.close()
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from segtoolkit.errors import (
    APIError,
    BadRequest,
    ConfigError,
    Conflict,
    DataError,
    EstimateError,
    EstimateFailed,
    EstimateTimeout,
    GroupTimeout,
    GuardError,
    GuardWarning,
    JobCancelled,
    JobError,
    JobFailed,
    JobTimeout,
    NotFound,
    PermissionDenied,
    PollFailed,
    PQLError,
    PQLSyntaxError,
    PQLTypeError,
    PQLUnsupportedError,
    PQLWarning,
    RateLimited,
    SegtoolkitError,
    ServerError,
    StaleAudienceWarning,
    StoreError,
    SubmitUncertain,
    TransportError,
    Unauthenticated,
)
from segtoolkit.models import (
    Estimate,
    JobMetrics,
    JobRecord,
    JobStatus,
    MergePolicy,
    SegmentDefinition,
)

if TYPE_CHECKING:
    from segtoolkit import frames, plots, pql, samples, widgets
    from segtoolkit.client import Client
    from segtoolkit.jobs import Job, JobGroup, JobResult
    from segtoolkit.roads.choosing import connect
    from segtoolkit.roads.local import connect_local

__all__ = [
    "APIError",
    "BadRequest",
    "Client",
    "ConfigError",
    "Conflict",
    "DataError",
    "Estimate",
    "EstimateError",
    "EstimateFailed",
    "EstimateTimeout",
    "GroupTimeout",
    "GuardError",
    "GuardWarning",
    "Job",
    "JobCancelled",
    "JobError",
    "JobFailed",
    "JobGroup",
    "JobMetrics",
    "JobRecord",
    "JobResult",
    "JobStatus",
    "JobTimeout",
    "MergePolicy",
    "NotFound",
    "PQLError",
    "PQLSyntaxError",
    "PQLTypeError",
    "PQLUnsupportedError",
    "PQLWarning",
    "PermissionDenied",
    "PollFailed",
    "RateLimited",
    "SegmentDefinition",
    "SegtoolkitError",
    "ServerError",
    "StaleAudienceWarning",
    "StoreError",
    "SubmitUncertain",
    "TransportError",
    "Unauthenticated",
    "connect",
    "connect_local",
    "frames",
    "plots",
    "pql",
    "samples",
    "widgets",
]

# Where the names live that are only imported when they are asked for: they bring in DuckDB,
# pandas or matplotlib, and half a second.
_LAZY = {
    "Client": "segtoolkit.client",
    "Job": "segtoolkit.jobs",
    "JobGroup": "segtoolkit.jobs",
    "JobResult": "segtoolkit.jobs",
    "connect": "segtoolkit.roads.choosing",
    "connect_local": "segtoolkit.roads.local",
}
_MODULES = ("frames", "plots", "pql", "samples", "widgets")


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return import_module(f"segtoolkit.{name}")
    if name in _LAZY:
        return getattr(import_module(_LAZY[name]), name)
    raise AttributeError(f"module 'segtoolkit' has no attribute {name!r}")


def load_ipython_extension(shell: Any) -> None:
    """Give *shell* cells of PQL: ``%load_ext segtoolkit``, then ``%%pql``."""
    import_module("segtoolkit.magic").load(shell)


def unload_ipython_extension(shell: Any) -> None:
    """Take them away again: ``%unload_ext segtoolkit``."""
    import_module("segtoolkit.magic").unload(shell)


def __dir__() -> list[str]:
    return __all__
