"""Size an ad-hoc audience: the id of a preview goes in, its finished estimate comes out."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial

from segtoolkit import cards, interrupted
from segtoolkit.client.service import Service
from segtoolkit.errors import (
    EstimateFailed,
    EstimateTimeout,
    NotFound,
    SegtoolkitError,
)
from segtoolkit.jobs.polling import Clock, Ending, Polling, watch
from segtoolkit.models import Estimate
from segtoolkit.progress import Progress, Shown

# How long the platform may take to know of an estimate that it was asked for a moment ago.
_LATE_S = 60.0


def estimate_of(
    preview_id: str,
    service: Service,
    *,
    polling: Polling,
    clock: Clock,
    timeout_s: float,
    shown: Progress,
) -> Estimate:
    """Read the estimate until it is ready; one that nobody waits for any more is ended.

    What *shown* raises ends it likewise, and is passed on.

    Raises:
        EstimateFailed: the service could not size the audience.
        EstimateTimeout: it is not ready in time.
        NotFound: it is gone, or does not show up within a minute.
        TransportError, ServerError, RateLimited: it could not be read for *polling.grace*.
    """
    sizing = _Sizing(preview_id, service, clock)
    try:
        # A service that sizes at once has the answer by now.
        outcome = watch(
            sizing,
            polling=polling,
            clock=clock,
            timeout_s=timeout_s,
            pause_s=0.0,
            on_look=partial(_tell, sizing, shown.show),
            on_tick=partial(_tell, sizing, shown.tick),
        )
        if outcome.ending is not Ending.FINAL:
            shown.leave(sizing, "stopped waiting")
    except KeyboardInterrupt as interrupt:
        # The note comes first: a second interrupt must not lose it.
        interrupted.note(interrupt, f"Stopped sizing; so far: {sizing.estimate}.")
        sizing.end()
        shown.leave(sizing, "stopped")
        raise
    finally:
        shown.close()
    if outcome.ending is Ending.DEADLINE:
        sizing.end()
    match outcome.ending:
        case Ending.FINAL:
            return _finished(sizing.estimate)
        case Ending.DEADLINE:
            raise EstimateTimeout(
                f"the estimate is not ready after {timeout_s:g} s; so far: {sizing.estimate}",
                sizing.estimate,
            ) from outcome.error
        case Ending.UNREADABLE:
            assert outcome.error is not None
            raise outcome.error


def _tell(sizing: _Sizing, tell: Callable[[Shown], None]) -> None:
    try:
        tell(sizing)
    except Exception:
        if not sizing.is_final:
            sizing.end()
        raise


def _finished(estimate: Estimate) -> Estimate:
    if estimate.state == "FAILED":
        reason = estimate.error or "the service gave no reason"
        raise EstimateFailed(f"the estimate failed: {reason}", estimate)
    return _extrapolated(estimate)


def _extrapolated(estimate: Estimate) -> Estimate:
    """Return *estimate* with its namespaces counted in all profiles, not in the sample."""
    size, matched = estimate.size, estimate.rows_matched
    if size is None or not matched or size == matched:
        return estimate
    scaled = {code: round(n * size / matched) for code, n in estimate.by_namespace.items()}
    return replace(estimate, by_namespace=scaled)


class _Sizing:
    """An estimate in the making."""

    def __init__(self, preview_id: str, service: Service, clock: Clock) -> None:
        self.estimate = Estimate(size=None, state="NEW")
        self._preview_id = preview_id
        self._service = service
        self._clock = clock
        self._due_at_s = clock.monotonic() + _LATE_S

    @property
    def status(self) -> str:
        return self.estimate.state

    @property
    def fraction(self) -> float | None:
        read, whole = self.estimate.rows_read, self.estimate.rows_to_read
        return None if read is None or not whole else min(read / whole, 1.0)

    @property
    def is_final(self) -> bool:
        return self.estimate.state in {"RESULT_READY", "FAILED"}

    def refresh(self) -> None:
        try:
            self.estimate = self._service.read_estimate(self._preview_id)
        except NotFound:
            if self._clock.monotonic() >= self._due_at_s:
                raise
        else:
            # What was there once and is no more will not come back.
            self._due_at_s = 0.0

    def end(self) -> None:
        """Spare the service the rest of the work, as far as it lets us."""
        with suppress(SegtoolkitError):
            self._service.end_preview(self._preview_id)

    def __repr__(self) -> str:
        return f"<Estimate {self._text}>"

    def _repr_html_(self) -> str:
        return cards.estimate_card(self.estimate)

    @property
    def _text(self) -> str:
        part = "" if self.fraction is None else f" · {self.fraction:.0%} looked at"
        return f"{self.estimate}{part}"
