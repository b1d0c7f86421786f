"""Jobs go in; a live view of them comes out, from which they can be cancelled and their results opened."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import timedelta

import ipywidgets
from markupsafe import Markup

from segtoolkit.cards import (
    blocks,
    duration_text,
    fault_text,
    named_segments,
    progress_texts,
    short_code,
    short_id,
)
from segtoolkit.errors import ConfigError, JobCancelled, JobFailed
from segtoolkit.jobs import Clock, Job, JobGroup, JobResult, Member, SystemClock, Timeout
from segtoolkit.jobs.members import tone
from segtoolkit.jobs.polling import seconds_of
from segtoolkit.models import JobStatus
from segtoolkit.widgets import drawing, standing
from segtoolkit.widgets.states.monitoring import MonitorState
from segtoolkit.widgets.ticker import Ticker
from segtoolkit.widgets.view import View, visible

# What is read first comes first; on a narrow page, the rest is scrolled to.
_COLUMNS = ("job", "state", "elapsed", "remark", "segments", "created (UTC)")
_REMARK = _COLUMNS.index("remark")
_NUMBERS = ("elapsed",)
_LONG = timedelta(seconds=30)


class JobMonitor(View):
    """States and elapsed times of jobs, read once a tick for all of them until they have ended.

    The notebook goes on meanwhile. Every button is a method: `select`, `cancel` (which a button
    has confirmed first), `open`, `stop`, `start`.

    Attributes:
        group: the handle of the jobs.
    """

    def __init__(
        self,
        jobs: JobGroup | Job | Iterable[Job],
        *,
        most: Timeout = "1d",
        clock: Clock | None = None,
        start: bool = True,
        on_draw: Callable[[], object] = lambda: None,
    ) -> None:
        """Watch *jobs*, for *most* at most; unless told to *start*, only `tick` looks.

        *on_draw* is called when there is something new to show, by whoever shows it elsewhere.

        Raises:
            ConfigError: there is no job, or they are of several clients.
        """
        self.group = _group_of(jobs)
        self._state = MonitorState(self.group, clock or SystemClock(), seconds_of(most))
        self._ticker = Ticker(self.tick)
        self._is_looking = False
        self._on_draw = on_draw
        self._make_controls()
        controls = ipywidgets.HBox(
            [self._choice, self._cancel, self._open, self._stop, self._start]
        )
        controls.layout.flex_flow = "row wrap"
        super().__init__("monitor", [controls, self._question])
        self.draw()
        if start:
            shown = ("jobs", frozenset(job.id for job in self.group.jobs))
            standing.take(standing.here(shown), self)
            self.start()

    def _make_controls(self) -> None:
        self._choice = ipywidgets.Dropdown(
            description="Job", style={"description_width": "2.5em"}
        )
        self._on_change(self._choice, self.select)
        self._cancel = self._button("Cancel…", self._state.ask_to_cancel)
        self._open = self._button("Open result", self._open_shown)
        self._stop = self._button("Stop looking", self.stop)
        self._start = self._button("Look again", self.start)
        self._asked = ipywidgets.HTML()
        yes = self._button("Yes, cancel it", lambda: self.cancel(self._state.asked))
        yes.button_style = "danger"
        no = self._button("No, keep it", self._state.keep)
        self._question = ipywidgets.HBox([self._asked, yes, no])

    def select(self, job_id: str) -> None:
        """Choose the job that the buttons are about."""
        self._state.select(job_id)
        self.draw()

    def cancel(self, job_id: str | None = None) -> bool:
        """Ask for a job, the selected one unless told, to be cancelled; False if it has ended."""
        accepted = self._state.cancel(job_id)
        self.draw()
        return accepted

    def open(self, job_id: str | None = None) -> JobResult:
        """Show what a job found, and return it.

        Raises:
            ConfigError: it has not ended.
            JobFailed, JobCancelled: it ended so.
        """
        try:
            return self._state.open(job_id)
        finally:
            self.draw()

    def _open_shown(self) -> None:
        # The card of a job that found nothing says why.
        with suppress(JobFailed, JobCancelled):
            self.open()

    def start(self) -> None:
        """Look every so often, until all have ended."""
        self._state.begin()
        self._is_looking = True
        self._ticker.start()
        self.draw()

    def stop(self) -> None:
        """Look no more; the jobs live on."""
        self._ticker.stop()
        self._is_looking = False
        self.draw()

    @property
    def is_looking(self) -> bool:
        return self._is_looking and self._ticker.is_running

    def tick(self) -> float | None:
        """Look if it is time, show how things stand, and return seconds to the next tick, or None."""
        pause_s = None
        with self._errors_shown():
            pause_s = self._state.tick()
        if pause_s is None:
            self._is_looking = False
            self.draw()
        return pause_s

    def retire(self) -> None:
        """Stop, as another view of these jobs takes over."""
        self._state.news = "a newer view of these jobs took over"
        self.stop()

    def close(self) -> None:
        self.stop()
        super().close()

    def draw(self) -> None:
        super().draw()
        self._on_draw()

    def static_text(self) -> str:
        return f"JobMonitor {repr(self.group)[1:-1]}"

    def static_html(self) -> Markup:
        return drawing.block(self._jobs_html(), self._outcome_html(), self._message_html())

    def _draw(self) -> None:
        state = self._state
        self._choice.options = [(_named(job), job.id) for job in state.rows()]
        self._choice.value = state.selected
        is_final = state.selected is None or state.job().is_final
        self._cancel.disabled = is_final
        self._open.disabled = not is_final
        self._asked.value = drawing.block(blocks.line(f"Cancel job {state.asked}?"))
        visible(self._choice, len(state.rows()) > 1)
        visible(self._question, state.asked is not None)
        visible(self._stop, self.is_looking)
        visible(self._start, not self.is_looking and not self.group.is_final)

    def _fail(self, text: str) -> None:
        self._state.problem = text

    def _jobs_html(self) -> Markup:
        jobs, shown = self.group.jobs, self._state.rows()
        caption = repr(self.group)[1:-1].removeprefix("JobGroup ")
        rows = [_row(job) for job in shown]
        columns = list(_COLUMNS)
        if not any(row[_REMARK] for row in rows):
            del columns[_REMARK]
            rows = [[*row[:_REMARK], *row[_REMARK + 1 :]] for row in rows]
        listed = drawing.table(caption, columns, rows, numbers=_NUMBERS)
        state = tone(self.group.counts, is_final=self.group.is_final)
        bar = drawing.part(self.group.fraction, f"{self.group.status} ended", state)
        hidden = len(jobs) - len(shown)
        more = blocks.faint(f"and {hidden:,} more in .group.to_frame()")
        return Markup("").join([bar, listed, more if hidden else ""])

    def _outcome_html(self) -> Markup:
        opened = self._state.opened
        if opened is None:
            return Markup("")
        # Both cards escape what they quote.
        if opened.status == JobStatus.SUCCEEDED:
            return Markup(opened.result()._repr_html_())  # noqa: S704
        return Markup(opened._repr_html_())  # noqa: S704

    def _message_html(self) -> Markup:
        refused = [f"{name}: {error}" for name, error in self.group.errors.items()]
        faults = [drawing.fault(text) for text in (*refused, self._state.problem)]
        return Markup("").join([drawing.news(self._state.news), *faults])


def _group_of(jobs: JobGroup | Job | Iterable[Job]) -> JobGroup:
    if isinstance(jobs, JobGroup):
        return jobs
    several = list(dict.fromkeys(_several(jobs)))
    if not several:
        raise ConfigError("there is no job to watch")
    if len({id(job.poller) for job in several}) > 1:
        raise ConfigError("these jobs are of several clients; watch those of each apart")
    return JobGroup([Member(job.segment_ids, job) for job in several], several[0].poller)


def _several(jobs: object) -> Sequence[Job]:
    several = [jobs] if isinstance(jobs, str) or not isinstance(jobs, Iterable) else jobs
    found = list(several)
    for one in found:
        if not isinstance(one, Job):
            raise ConfigError(
                f"{one!r} is not a job; watch jobs, such as client.list(limit=5)"
            )
    return found


def _row(job: Job) -> list[object]:
    return [
        short_code(job.id),
        Markup(" · ").join([drawing.badge(job.status), *progress_texts(job.record)]),
        job.elapsed,
        _remark(job),
        named_segments(job.record),
        drawing.moment(job.created_at),
    ]


def _remark(job: Job) -> str:
    if job.status == JobStatus.FAILED:
        return fault_text(job.record)
    silence = timedelta(seconds=job.age_s)
    is_long = not job.is_final and silence > _LONG
    return f"last read {duration_text(silence)} ago" if is_long else ""


def _named(job: Job) -> str:
    return f"{short_id(job.id)} {job.status}"
