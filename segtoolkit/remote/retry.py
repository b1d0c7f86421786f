"""Which requests are sent again, and when: an httpx client that repeats what may be repeated.

What reads may be sent any number of times. What starts or makes something is sent again only if
the service cannot have seen it, or has said that it did nothing: a second one could start, and
charge, a second job.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import formatdate
from typing import Any

import httpx
from tenacity import RetryCallState, Retrying
from tenacity.wait import wait_base, wait_exponential, wait_random

from segtoolkit import wire
from segtoolkit.remote.clock import Clock
from segtoolkit.unanswered import NOT_SENT, REPEATS, asked, is_worth_repeating

_log = logging.getLogger("segtoolkit")
# A pause that is shorter than this is not worth a line in a notebook.
_NOTEWORTHY_S = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """How one kind of request is repeated.

    Attributes:
        statuses: answers after which it is sent again.
        when_unsure: also if it was sent and nobody knows what became of it.
        first_s: the first pause after such an answer; every further one is twice as long, and a
            little more by chance.
        most_s: the longest of these pauses.
    """

    statuses: frozenset[int]
    when_unsure: bool
    first_s: float = 0.5
    most_s: float = 20.0


ANY_NUMBER = Rule(statuses=frozenset({429, 500, 502, 503, 504}), when_unsure=True)
ONCE = Rule(statuses=frozenset({429}), when_unsure=False)
# Here 429 means that other jobs are running, which takes minutes.
ONE_JOB = Rule(statuses=frozenset({429}), when_unsure=False, first_s=30.0, most_s=300.0)

_BY_METHOD: Mapping[str, Rule] = {"GET": ANY_NUMBER, "DELETE": ANY_NUMBER}
# POSTs that only read, or make nothing that anybody counts.
_BY_PATH: Mapping[str, Rule] = {
    wire.JOBS: ONE_JOB,
    wire.CONVERSION: ANY_NUMBER,
    wire.PREVIEW: ANY_NUMBER,
}


def platform_rule(request: httpx.Request) -> Rule:
    """Return how a request to the service is repeated."""
    path = request.url.path.rpartition(wire.BASE_PATH)[2]
    if request.method != "POST":
        return _BY_METHOD.get(request.method, ONCE)
    return ANY_NUMBER if path.endswith("/bulk-get") else _BY_PATH.get(path, ONCE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Retries:
    """How long repeating goes on: *budget_s* is for one request, all pauses and tries together."""

    budget_s: float = 120.0


class RepeatingClient(httpx.Client):
    """Sends as httpx does, with proxies of the environment, and repeats by the rules."""

    def __init__(
        self,
        *,
        rule_of: Callable[[httpx.Request], Rule],
        retries: Retries,
        clock: Clock,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self._rule_of = rule_of
        self._retries = retries
        self._clock = clock

    def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        """Send *request*, again where that is allowed; return the last answer, or raise the last failure."""
        rule = self._rule_of(request)
        repeats = request.extensions.get(REPEATS, True)
        budget_s = self._retries.budget_s if repeats else 0.0
        ends_at = self._clock.monotonic() + budget_s
        attempts = Retrying(
            sleep=self._clock.sleep,
            retry=lambda state: _may_repeat(rule, state),
            wait=lambda state: _pause_s(rule, state),
            stop=lambda state: self._clock.monotonic() + state.upcoming_sleep >= ends_at,
            before_sleep=lambda state: _tell(request, state),
            retry_error_callback=_last,
        )
        return attempts(super().send, request, **options)


def _may_repeat(rule: Rule, state: RetryCallState) -> bool:
    failure = _failure(state)
    if failure is None:
        return _last(state).status_code in rule.statuses
    is_allowed = rule.when_unsure or isinstance(failure, NOT_SENT)
    return is_allowed and is_worth_repeating(failure)


def _pause_s(rule: Rule, state: RetryCallState) -> float:
    if _failure(state) is not None:
        return _growing(ANY_NUMBER)(state)
    asked_s = _asked_pause_s(_last(state))
    if asked_s is None:
        return _growing(rule)(state)
    # Never before the time that was named, and not in step with everybody else who was told it.
    return asked_s + _growing(ANY_NUMBER)(state)


def _growing(rule: Rule) -> wait_base:
    return wait_exponential(rule.first_s, rule.most_s) + wait_random(0, rule.first_s)


def _asked_pause_s(response: httpx.Response) -> float | None:
    now = {"date": formatdate(usegmt=True)}
    return wire.retry_after(response.text, now | dict(response.headers))


def _tell(request: httpx.Request, state: RetryCallState) -> None:
    failure = _failure(state)
    what = type(failure).__name__ if failure else f"HTTP {_last(state).status_code}"
    level = logging.WARNING if state.upcoming_sleep >= _NOTEWORTHY_S else logging.INFO
    text = "%s ended in %s; trying again in %.1f s"
    _log.log(level, text, asked(request), what, state.upcoming_sleep)


def _failure(state: RetryCallState) -> BaseException | None:
    return None if state.outcome is None else state.outcome.exception()


def _last(state: RetryCallState) -> httpx.Response:
    """Return the last answer, or raise the last failure."""
    assert state.outcome is not None, "something was sent"
    response: httpx.Response = state.outcome.result()
    return response
