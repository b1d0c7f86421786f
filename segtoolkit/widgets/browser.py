"""A client goes in; a view comes out in which its jobs can be found, listed, chosen and compared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import ipywidgets
from markupsafe import Markup

from segtoolkit.cards import blocks, named_segments, short_code, short_id
from segtoolkit.cards.words import counted
from segtoolkit.client import Client
from segtoolkit.errors import ConfigError
from segtoolkit.jobs import Job
from segtoolkit.models import JobStatus
from segtoolkit.widgets import drawing
from segtoolkit.widgets.states.browsing import SORTS, BrowserState, Filters
from segtoolkit.widgets.view import View, visible

if TYPE_CHECKING:
    from pandas import DataFrame

_COLUMNS = ("job", "state", "elapsed", "created (UTC)", "source", "segments")
_LABELS = {"description_width": "4.5em"}
_NUMBERS = ("elapsed",)
_MOST_ROWS = 50
_SINCE = {
    "any time": "",
    "last hour": "1h",
    "last day": "1d",
    "last week": "7d",
    "last 30 days": "30d",
}
_STATUSES = {"any": "", **{str(status): str(status) for status in JobStatus}}


class JobBrowser(View):
    """Jobs of a client by state, time, segment and source; sorted, page by page, to choose from.

    Every button is a method: `filter`, `refresh`, `turn`, `choose`, `to_frame`, `compare`, `clear`.
    """

    def __init__(self, client: Client, *, page_size: int = 10) -> None:
        """List the jobs of *client*, *page_size* at a time."""
        self._state = BrowserState(client.list, page_size)
        self._outcome = Markup("")
        self._make_filters()
        self._make_boxes(page_size)
        self._make_buttons()
        super().__init__("browser", [self._filters, self._choice, self._buttons])
        with self._errors_shown():
            self._state.filter(Filters())

    def _make_filters(self) -> None:
        def dropdown(name: str, options: object) -> ipywidgets.Dropdown:
            layout = {"width": "14em"}
            return ipywidgets.Dropdown(
                description=name, options=options, style=_LABELS, layout=layout
            )

        def text(name: str, hint: str) -> ipywidgets.Text:
            return ipywidgets.Text(
                description=name,
                placeholder=hint,
                continuous_update=False,
                style=_LABELS,
                layout={"width": "17em"},
            )

        self._controls = {
            "status": dropdown("State", list(_STATUSES.items())),
            "since": dropdown("Created", list(_SINCE.items())),
            "segment": text("Segment", "id, then Enter"),
            "source": text("Source", "api, then Enter"),
            "sort": dropdown("Sort by", tuple(SORTS)),
        }
        for name, control in self._controls.items():
            self._on_change(control, self._filter_by(name))
        self._filters = ipywidgets.HBox([*self._controls.values()])
        self._filters.layout.flex_flow = "row wrap"

    def _make_boxes(self, number: int) -> None:
        self._boxes = [
            ipywidgets.Checkbox(
                indent=False, layout={"width": "max-content", "margin": "0 1em 0 0"}
            )
            for _ in range(number)
        ]
        for place, box in enumerate(self._boxes):
            self._on_change(box, self._choose_at(place))
        label = ipywidgets.Label("Choose", layout={"margin": "0 1em 0 2px"})
        self._choice = ipywidgets.HBox([label, *self._boxes])
        self._choice.layout.flex_flow = "row wrap"
        self._choice.layout.align_items = "center"

    def _make_buttons(self) -> None:
        self._back = self._button("◀ Back", lambda: self.turn(-1))
        self._on = self._button("Next ▶", lambda: self.turn(1))
        self._again = self._button("Refresh", self.refresh)
        self._to_frame = self._button("To frame", self.to_frame)
        self._compare = self._button("Compare", self.compare)
        self._clear = self._button("Clear", self.clear)
        self._buttons = ipywidgets.HBox(
            [
                *(self._back, self._on, self._again),
                *(self._to_frame, self._compare, self._clear),
            ]
        )
        self._buttons.layout.flex_flow = "row wrap"

    @property
    def jobs(self) -> tuple[Job, ...]:
        """The jobs of the page that is shown."""
        return self._state.jobs

    @property
    def selection(self) -> tuple[Job, ...]:
        """The jobs that were chosen, in the order in which they were."""
        return tuple(self._state.chosen.values())

    def filter(
        self,
        *,
        status: str | None = None,
        since: str | None = None,
        segment: str | None = None,
        source: str | None = None,
        sort: str | None = None,
    ) -> None:
        """Change the filters that are given; an empty one takes all.

        Args:
            status: of the jobs.
            since: how long ago they were created at most, such as ``"7d"``.
            segment: the id of one they evaluate.
            source: who asked for them, such as ``"api"``.
            sort: ``newest``, ``oldest``, ``longest``, ``largest`` (most profiles) or ``state``.

        Raises:
            ConfigError: one of them is not usable.
            APIError, TransportError: the jobs could not be listed.
        """
        given = {
            "status": status,
            "since": since,
            "segment": segment,
            "source": source,
            "sort": sort,
        }
        changed = {name: value for name, value in given.items() if value is not None}
        self._state.filter(replace(self._state.filters, **changed))
        self._show()

    def refresh(self) -> None:
        """List the jobs again, from the first page."""
        self._state.filter(self._state.filters)
        self._show()

    def turn(self, pages: int) -> None:
        """Go *pages* further, or back if negative."""
        self._state.turn(pages)
        self._show()

    def choose(self, *jobs: Job | str) -> None:
        """Choose *jobs*, or those of the page that have these ids, besides those that are."""
        for job in jobs:
            found = [shown for shown in self.jobs if job in (shown, shown.id)]
            chosen = job if isinstance(job, Job) else next(iter(found), None)
            if chosen is None:
                raise ConfigError(f"no job {job!r} on this page; give a Job, or turn to it")
            self._state.choose(chosen, is_chosen=True)
        self.draw()

    def clear(self) -> None:
        """Choose no job, and show no frame."""
        self._state.chosen.clear()
        self._outcome = Markup("")
        self._show()

    def to_frame(self) -> DataFrame:
        """Show and return one row per chosen job, or per job of the page if none is chosen."""
        from segtoolkit import frames  # noqa: PLC0415 - pandas takes half a second

        jobs = self.selection or self.jobs
        told = f"{counted(len(jobs), 'job')}; to_frame() returns them"
        return self._framed(frames.jobs_frame(job.record for job in jobs), told)

    def compare(self) -> DataFrame:
        """Show and return what the segments of two chosen jobs had before and have now.

        Raises:
            ConfigError: not exactly two are chosen.
        """
        from segtoolkit import frames  # noqa: PLC0415 - pandas takes half a second

        earlier, later = self._state.pair()
        told = f"profiles: before in {short_id(earlier.id)}, after in {short_id(later.id)}"
        return self._framed(frames.comparison_frame(earlier.record, later.record), told)

    def static_text(self) -> str:
        return f"JobBrowser {self._state.extent}"

    def static_html(self) -> Markup:
        chosen = self._state.chosen
        rows = [_row(job, is_chosen=job.id in chosen) for job in self.jobs]
        told = f"{self._state.extent}; {len(chosen)} chosen"
        listed = drawing.table(told, _COLUMNS, rows, numbers=_NUMBERS)
        if not rows:
            listed = blocks.faint(told)
        return drawing.block(listed, self._outcome, drawing.fault(self._state.problem))

    def _framed(self, frame: DataFrame, told: str) -> DataFrame:
        self._outcome = _frame_html(frame, told)
        self._show()
        return frame

    def _show(self) -> None:
        self._state.problem = ""
        self.draw()

    def _draw(self) -> None:
        state = self._state
        for name, control in self._controls.items():
            control.value = _offered(control, getattr(state.filters, name))
        visible(self._choice, bool(self.jobs))
        for place, box in enumerate(self._boxes):
            visible(box, place < len(self.jobs))
        for job, box in zip(self.jobs, self._boxes, strict=False):
            box.description, box.value = short_id(job.id), job.id in state.chosen
        self._back.disabled, self._on.disabled = state.page == 0, not state.has_next
        self._compare.disabled = len(state.chosen) != 2
        self._clear.disabled = not (state.chosen or self._outcome)

    def _fail(self, text: str) -> None:
        self._state.problem = text

    def _filter_by(self, name: str) -> Callable[[str], None]:
        return lambda value: self.filter(**{name: value})

    def _choose_at(self, place: int) -> Callable[[bool], None]:
        return lambda is_chosen: self._state.choose(self.jobs[place], is_chosen=is_chosen)


def _offered(control: ipywidgets.Widget, value: str) -> str | None:
    """Return what *control* shows of *value*: a list has no word for what only the method takes."""
    is_list = isinstance(control, ipywidgets.Dropdown)
    known = (
        [option[-1] if isinstance(option, tuple) else option for option in control.options]
        if is_list
        else [value]
    )
    return value if value in known else None


def _row(job: Job, *, is_chosen: bool) -> list[object]:
    # Boxes are for the controls: a mark on all rows would look as if one could click it.
    mark = "\N{NO-BREAK SPACE}☑" if is_chosen else ""
    return [
        short_code(job.id) + mark,
        drawing.badge(job.status),
        job.elapsed,
        drawing.moment(job.created_at),
        job.record.source,
        named_segments(job.record),
    ]


def _frame_html(frame: DataFrame, told: str) -> Markup:
    shown = frame.head(_MOST_ROWS)
    known = shown.astype(object).where(shown.notna(), None)
    rows = [[_short(value) for value in row] for row in known.to_numpy().tolist()]
    hidden = len(frame) - len(rows)
    caption = told + (f"; {hidden:,} of them are not shown" if hidden else "")
    numbers = frame.select_dtypes("number").columns
    return drawing.table(caption, list(frame.columns), rows, numbers=numbers)


def _short(value: object) -> object:
    return f"{value:,.4g}" if isinstance(value, float) else value
