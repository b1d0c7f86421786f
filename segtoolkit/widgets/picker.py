"""Fields go in; controls to pick one, an operator and a value come out, and rules made of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import ipywidgets

from segtoolkit.errors import SegtoolkitError
from segtoolkit.widgets.newest import Newest
from segtoolkit.widgets.states.picking import JOINTS, Joint, PickerState
from segtoolkit.widgets.view import Controls, visible

# The labels of a sizer's controls are short, and end in line.
LABELS = {"description_width": "3.2em"}

CountsOf: TypeAlias = Callable[[str], Mapping[Any, int]]


class Picker(Controls):
    """Hands each rule that is picked, and how it joins what is there, to *add*.

    Attributes:
        state: what is picked so far.
    """

    def __init__(
        self,
        fields: Mapping[str, str],
        counts_of: CountsOf | None,
        add: Callable[[str, Joint], object],
        fail: Callable[[str], object],
    ) -> None:
        """Offer *fields*, by their kinds, and the values that *counts_of* finds, if it is given."""
        # Nobody sizes an audience by a profile's own id.
        ordered = sorted(fields.items(), key=lambda item: item[0] == "_id")
        self.state = PickerState(dict(ordered))
        self._counts_of, self._add, self._fail_with = counts_of, add, fail
        self._asking = Newest(0.0)
        self._make_controls()
        parts = [self._field, self._operator, self._offered, self._typed, self._joint]
        row = ipywidgets.HBox([*parts, self._button("Add", self.add)])
        row.layout.flex_flow = "row wrap"
        super().__init__("segtoolkit-picker", [row])
        visible(self.root, bool(self.state.fields))
        self._ask_counts()
        self.draw()

    def _make_controls(self) -> None:
        names = tuple(self.state.fields)
        self._field = ipywidgets.Dropdown(
            description="Field", options=names, style=LABELS, layout={"width": "19em"}
        )
        self._operator = _labelled(ipywidgets.Dropdown, "Operator", "15em")
        self._offered = _labelled(ipywidgets.Dropdown, "Value", "14em")
        self._typed = _labelled(ipywidgets.Text, "Value", "14em")
        self._joint = _labelled(ipywidgets.Dropdown, "Join", "8em", options=JOINTS)
        self._on_change(self._field, self.pick_field)
        self._on_change(self._operator, self.state.pick_operator)
        self._on_change(self._offered, self._type)
        self._on_change(self._typed, self._type)

    def pick_field(self, field: str) -> None:
        """Take *field*; its values are offered a little later."""
        self.state.pick_field(field)
        self._ask_counts()

    def add(self) -> None:
        """Add the rule that is picked."""
        self._add(self.state.rule(), self._joint.value)

    def _type(self, value: str) -> None:
        self.state.typed = value

    def _ask_counts(self) -> None:
        field, counts_of = self.state.field, self._counts_of
        if field is None or counts_of is None:
            return

        def ask() -> None:
            try:
                counts = counts_of(field)
            except SegtoolkitError as error:
                self._fail(str(error))
            else:
                self.state.take_counts(field, counts)
                self.draw()

        self._asking.put(ask)

    def _draw(self) -> None:
        state = self.state
        if state.field is None:
            return
        self._field.value = state.field
        self._operator.options = state.operators
        self._operator.value = state.operator
        offers = state.offers
        values = [value for _, value in offers]
        self._offered.options = offers
        self._offered.value = state.typed if state.typed in values else None
        self._typed.value = state.typed
        visible(self._offered, state.takes_value and bool(offers))
        visible(self._typed, state.takes_value and not offers)

    def _fail(self, text: str) -> None:
        self._fail_with(text)


def _labelled(kind: Any, label: str, width: str, **options: Any) -> Any:
    """Return a control with a *label* of its own width: one that is not seen is not read out either."""
    style = {"description_width": "initial"}
    return kind(description=label, style=style, layout={"width": width}, **options)
