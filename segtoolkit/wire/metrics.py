"""Job metrics: the ``metrics`` object of a job to `JobMetrics`, and back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from segtoolkit.models import Counts, JobMetrics, TimeSpan
from segtoolkit.wire.bodies import as_object, counts, either, integer, number, present
from segtoolkit.wire.times import MILLISECOND, epoch_to_datetime, optional_ms

# Guides and specifications disagree; the spelling of real bodies comes first and is written.
_TOTAL = ("totalProfiles", "totalProfile")
_BY_SEGMENT = ("segmentedProfileCounter", "segmentProfileCounter")
_BY_NAMESPACE = ("segmentedProfileByNamespaceCounter", "segmentProfileByNamespaceCounter")
_BY_STATUS = ("segmentedProfileByStatusCounter", "segmentProfileByStatusCounter")


def metrics_from_json(body: object) -> JobMetrics:
    """Read metrics of any vintage; missing parts are unknown, status names are kept."""
    metrics = as_object(body, "metrics")
    return JobMetrics(
        total_time=span_from_json(metrics.get("totalTime")),
        profile_segmentation_time=span_from_json(metrics.get("profileSegmentationTime")),
        total_profiles=integer(either(metrics, *_TOTAL)),
        total_profiles_by_merge_policy=counts(metrics.get("totalProfilesByMergePolicy")),
        segmented_profile_counter=counts(either(metrics, *_BY_SEGMENT)),
        segmented_profile_by_namespace_counter=_nested(either(metrics, *_BY_NAMESPACE)),
        segmented_profile_by_status_counter=_nested(either(metrics, *_BY_STATUS)),
    )


def span_from_json(value: object) -> TimeSpan | None:
    if not isinstance(value, Mapping):
        return None
    return TimeSpan(
        started_at=epoch_to_datetime(value.get("startTimeInMs")),
        ended_at=epoch_to_datetime(value.get("endTimeInMs")),
        duration=_duration(value.get("totalTimeInMs")),
    )


def _duration(value: object) -> timedelta | None:
    milliseconds = number(value)
    try:
        return None if milliseconds is None else timedelta(milliseconds=milliseconds)
    except OverflowError:
        return None


def _nested(value: object) -> dict[str, Counts]:
    if not isinstance(value, Mapping):
        return {}
    return {
        str(k): counts(inner) for k, inner in value.items() if isinstance(inner, Mapping)
    }


def metrics_to_json(m: JobMetrics) -> dict[str, Any]:
    """Write every published counter; a phase or total that is unknown is left out."""
    return present(
        {
            "totalTime": span_to_json(m.total_time),
            "profileSegmentationTime": span_to_json(m.profile_segmentation_time),
            _BY_SEGMENT[0]: dict(m.segmented_profile_counter),
            _BY_NAMESPACE[0]: _copied(m.segmented_profile_by_namespace_counter),
            _BY_STATUS[0]: _copied(m.segmented_profile_by_status_counter),
            _TOTAL[0]: m.total_profiles,
            "totalProfilesByMergePolicy": dict(m.total_profiles_by_merge_policy),
        }
    )


def span_to_json(span: TimeSpan | None) -> dict[str, int] | None:
    if span is None:
        return None
    return present(
        {
            "startTimeInMs": optional_ms(span.started_at),
            "endTimeInMs": optional_ms(span.ended_at),
            "totalTimeInMs": None
            if span.duration is None
            else span.duration // MILLISECOND,
        }
    )


def _copied(nested: Mapping[str, Counts]) -> dict[str, dict[str, int]]:
    return {key: dict(inner) for key, inner in nested.items()}
