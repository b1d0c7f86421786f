"""Texts go in as they are typed; their sizes come out, of a sample first where there are many profiles.

A sample answers any rule before the next key is typed; counting all profiles waits until nobody types.
What a newer text overtakes is dropped, and given up where it is under way.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

from segtoolkit import warned
from segtoolkit.client import Client
from segtoolkit.client.asked import AsOf
from segtoolkit.errors import SegtoolkitError
from segtoolkit.models import Estimate
from segtoolkit.progress import NoProgress, Shown
from segtoolkit.widgets.newest import Newest
from segtoolkit.widgets.states.sizing import Answer, SizerState

# A local answer costs less than a tenth of a second; a platform is asked when the typing pauses.
_LOCAL_PAUSE_S, _REMOTE_PAUSE_S = 0.03, 0.6
# Counting all would slow down the rough answer to the next key.
_COUNTING_PAUSE_S = 0.05


class Questions:
    """Asks *client* for the sizes that *state* wants; *on_answer* is called after each answer."""

    def __init__(
        self,
        client: Client,
        local: Any,
        state: SizerState,
        *,
        budget: int | None,
        as_of: AsOf = None,
        on_answer: Callable[[], object],
    ) -> None:
        self._client = client
        self._prepare_sample = None if local is None else local.prepare_sample
        self._state = state
        self._budget = budget
        self._as_of = as_of
        self._on_answer = on_answer
        self._asking = Newest(_REMOTE_PAUSE_S if local is None else _LOCAL_PAUSE_S)
        self._counting = Newest(_COUNTING_PAUSE_S)
        # The first text is still to be written, and meanwhile the sample can be drawn.
        self._asking.put(self._prepare)

    def ask(self, ticket: int, text: str) -> None:
        """Ask for the size of *text*, which *ticket* was given for."""
        self._asking.put(partial(self._begin, ticket, text))

    def join(self, timeout_s: float) -> None:
        """Wait until nothing is left to ask."""
        deadline = time.monotonic() + timeout_s
        self._asking.join(timeout_s)
        self._counting.join(max(deadline - time.monotonic(), 0.0))

    def _prepare(self) -> None:
        # Whatever is wrong with the store is told with the first answer.
        with suppress(SegtoolkitError):
            self._has_sample()

    def _begin(self, ticket: int, text: str) -> None:
        with self._errors_told(ticket):
            # Asked every time, as loading other data takes the sample away.
            if self._has_sample():
                self._take(ticket, text, self._budget)
                self._counting.put(partial(self._count, ticket, text))
            else:
                self._take(ticket, text)

    def _count(self, ticket: int, text: str) -> None:
        with self._errors_told(ticket):
            self._take(ticket, text)

    def _has_sample(self) -> bool:
        if self._budget is None or self._prepare_sample is None:
            return False
        return bool(self._prepare_sample(self._budget))

    def _take(self, ticket: int, text: str, budget: int | None = None) -> None:
        self._go_on(ticket)
        with warned.kept() as notes:
            estimate = self._client.size(
                text,
                budget=budget,
                as_of=self._as_of,
                progress=_WhileWanted(partial(self._go_on, ticket)),
            )
        answer = Answer(
            text=text,
            estimate=estimate,
            notes=tuple(notes),
            is_rough=budget is not None and not _is_exact(estimate),
        )
        self._state.take_answer(ticket, answer)
        self._on_answer()

    def _go_on(self, ticket: int) -> None:
        if not self._state.wants(ticket):
            raise _OvertakenError

    @contextmanager
    def _errors_told(self, ticket: int) -> Iterator[None]:
        try:
            yield
        except _OvertakenError:
            return
        except Exception as error:  # noqa: BLE001 - what a thread raises reaches nobody
            self._state.take_refusal(ticket, error)
            self._on_answer()


class _WhileWanted(NoProgress):
    """Ends waiting when *go_on* does, between two looks as well: a platform is looked at every 20 s at last."""

    def __init__(self, go_on: Callable[[], None]) -> None:
        self._go_on = go_on

    def show(self, _: Shown) -> None:
        self._go_on()

    def tick(self, _: Shown) -> None:
        self._go_on()


class _OvertakenError(Exception):
    """Ends what nobody waits for any more."""


def _is_exact(estimate: Estimate) -> bool:
    return estimate.rows_read is not None and estimate.rows_read == estimate.total
