"""A client and an expression go in; a view comes out in which the audience is sized while one types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ipywidgets
from markupsafe import Markup

from segtoolkit.cards import blocks
from segtoolkit.cards.estimates import reach
from segtoolkit.cards.expressions import pql_block
from segtoolkit.client import Client
from segtoolkit.client.asked import AsOf
from segtoolkit.errors import ConfigError
from segtoolkit.jobs import Job
from segtoolkit.models import Estimate, SegmentDefinition
from segtoolkit.pql.types import scalars
from segtoolkit.pql.xdm import read_xdm
from segtoolkit.widgets import drawing
from segtoolkit.widgets.monitor import JobMonitor
from segtoolkit.widgets.picker import LABELS, CountsOf, Picker
from segtoolkit.widgets.questions import Questions
from segtoolkit.widgets.states.picking import Joint, joined
from segtoolkit.widgets.states.sizing import SizerState
from segtoolkit.widgets.view import View


class AudienceSizer(View):
    """Sizes the audience of a PQL text as it is typed, or put together by picking.

    The state is the text, `value`. The kernel is free meanwhile; an answer to an earlier text is
    dropped. Of many profiles a sample answers first, with an interval, and the exact size comes
    soon after. Every button is a method: `add`, `save`, `submit`.

    Attributes:
        job: what was submitted last.
    """

    def __init__(
        self,
        client: Client,
        expression: str = "",
        *,
        budget: int | None = 100_000,
        as_of: AsOf = None,
        schema: Mapping[str, Any] | str | None = None,
    ) -> None:
        """Begin with *expression*.

        Args:
            client: of either road.
            expression: PQL.
            budget: how many profiles to look at for a first, rough answer with an interval, where
                there are four times as many or more; None for exact answers only. Only on the local
                road; the sample is drawn in the background, once for the same data.
            as_of: the instant that "now" is, also for what is submitted; only on the local road.
            schema: the profiles' XDM schema as JSON, to pick fields from where they are not local.
        """
        self.job: Job | None = None
        self._monitor: JobMonitor | None = None
        self._client = client
        self._as_of = as_of
        self._state = SizerState()
        local = _local_of(client)
        self._questions = Questions(
            client, local, self._state, budget=budget, as_of=as_of, on_answer=self.draw
        )
        fields, counts_of = _to_pick_from(local, schema)
        self._picker = Picker(fields, counts_of, self._join, self._fail)
        self._make_controls()
        naming = ipywidgets.HBox([self._name, self._save, self._submit, self._watched])
        naming.layout.flex_flow = "row wrap"
        # The text comes last, so that what is said of it stands right below.
        parts = [naming, self._picker.root, self._text]
        super().__init__("sizer", parts)
        self.value = expression

    def _make_controls(self) -> None:
        self._text = ipywidgets.Textarea(
            description="PQL",
            placeholder='homeAddress.country = "US" and loyalty.points > 500',
            continuous_update=True,
            rows=3,
            style=LABELS,
            layout={"width": "auto"},
        )
        self._on_change(self._text, self._take)
        self._name = ipywidgets.Text(
            description="Name", placeholder="of the definition", style=LABELS
        )
        self._save = self._button("Save", self.save)
        self._submit = self._button("Submit", self.submit)
        self._watched = ipywidgets.VBox()

    @property
    def value(self) -> str:
        """The PQL text."""
        return self._state.text

    @value.setter
    def value(self, text: str) -> None:
        with self._quietly():
            self._text.value = text
        self._take(text)

    @property
    def estimate(self) -> Estimate | None:
        """The size of the text as it stands, first perhaps of a sample; None until it is known."""
        answer = self._state.current
        return None if answer is None else answer.estimate

    @property
    def fault(self) -> str | None:
        """What is wrong with the text, with a caret under the place; None if nothing is."""
        return self._state.fault or None

    def wait(self, timeout_s: float = 60.0) -> Estimate | None:
        """Wait until the text as it stands is sized exactly, and return `estimate`."""
        self._questions.join(timeout_s)
        return self.estimate

    def add(self, field: str, operator: str, value: str = "", joint: Joint = "and") -> None:
        """Join a rule to the text: *operator* is one of those offered for such a field.

        Raises:
            ConfigError: there is no such field or operator, or the value does not fit.
            PQLError: the text is not PQL.
        """
        self._picker.state.pick_field(field)
        self._picker.state.pick_operator(operator)
        self._picker.state.typed = value
        self._join(self._picker.state.rule(), joint)
        self._picker.draw()

    def save(self, name: str | None = None) -> SegmentDefinition:
        """Keep the text as the definition called *name*, in place of the one there is.

        Raises:
            ConfigError: there is no name, or no text.
            BadRequest: the expression is refused.
        """
        named = (name or self._name.value).strip()
        if not named:
            raise ConfigError("a definition needs a name; write one beside Save")
        if not self.value.strip():
            raise ConfigError("there is no expression to keep; write one")
        self._name.value = named
        self._state.definition = self._client.definitions.put(named, self.value)
        self._state.problem, self._state.news = "", f"saved as {named!r}"
        self.draw()
        return self._state.definition

    def submit(self, name: str | None = None) -> Job:
        """Submit a job of the text, which is saved first, and watch it below.

        Raises:
            ConfigError, BadRequest: as `save`.
        """
        is_saved = self._state.is_saved and name is None
        saved = self._state.definition if is_saved else None
        definition = saved or self.save(name)
        self.job = self._client.submit(definition, as_of=self._as_of)
        self._state.news = f"submitted job {self.job.id}"
        self._watch(self.job)
        self.draw()
        return self.job

    def static_text(self) -> str:
        if not self.value:
            return "AudienceSizer: nothing written yet"
        answer = self._state.current
        known = "not sized yet" if answer is None else answer.line
        return f"AudienceSizer {self.value}: {self._state.fault or known}"

    def static_html(self) -> Markup:
        watched = self._monitor.static_html() if self._monitor else Markup("")
        return drawing.block(
            drawing.saved_only(pql_block(self.value)),
            drawing.fault(self._state.fault),
            self._answer_html(),
            self._message_html(),
            watched,
        )

    def close(self) -> None:
        self._state.drop()
        if self._monitor is not None:
            self._monitor.stop()
        super().close()

    def _take(self, text: str) -> None:
        ticket = self._state.take(text)
        if ticket is not None:
            self._questions.ask(ticket, text)
        self.draw()

    def _watch(self, job: Job) -> None:
        if self._monitor is not None:
            self._monitor.close()
        self._monitor = JobMonitor(job, on_draw=self.draw)
        self._watched.children = [self._monitor.root]

    def _join(self, rule: str, joint: Joint) -> None:
        self.value = joined(self.value, joint, rule)

    def _draw(self) -> None:
        is_sized = self._state.current is not None
        self._save.disabled = self._submit.disabled = not is_sized

    def _fail(self, text: str) -> None:
        self._state.problem = text
        self.draw()

    def _answer_html(self) -> Markup:
        answer = self._state.answer
        if not self.value.strip():
            return blocks.faint("Write an expression, or pick one.")
        if answer is None or self._state.fault:
            return drawing.news("sizing …" if self._state.is_asking else "")
        is_old = self._state.current is None
        doing = " · sizing …" if is_old else " · counting all …"
        says = doing if self._state.is_asking else ""
        size = drawing.news(f"{answer.line}{says}", strong=True, faint=is_old)
        notes = [blocks.faint(f"Note: {note}") for note in answer.notes]
        return Markup("").join(
            [size, reach(answer.estimate.by_namespace, answer.estimate.size), *notes]
        )

    def _message_html(self) -> Markup:
        state = self._state
        return Markup("").join([drawing.news(state.news), drawing.fault(state.problem)])


def _local_of(client: Client) -> Any:
    try:
        return client.local
    except ConfigError:
        return None


def _to_pick_from(
    local: Any, schema: Mapping[str, Any] | str | None
) -> tuple[Mapping[str, str], CountsOf | None]:
    if local is not None:
        return local.fields(), local.values
    if schema is None:
        return {}, None
    return {path: str(type_.kind) for path, type_ in scalars(read_xdm(schema))}, None
