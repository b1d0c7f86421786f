"""What a client holds: an HTTP client that knows its way goes in; the things around jobs come out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Self

import httpx

from segtoolkit import cards
from segtoolkit.client.definitions import Definitions
from segtoolkit.client.resources import Audiences, Exports, MergePolicies, Schedules
from segtoolkit.client.service import Service
from segtoolkit.errors import ConfigError
from segtoolkit.models import Expression
from segtoolkit.pql.forms import is_json
from segtoolkit.settings import Settings


class Connection:
    """The far side, whichever it is, and what is there besides jobs."""

    settings: Settings | None = None

    def __init__(self, http: httpx.Client, *, local: Any, name: str | None) -> None:
        self._http = http
        self._service = Service(http)
        self._local = local
        self._name = name

    @property
    def definitions(self) -> Definitions:
        """The audiences' rules: create, put, get, get_many, list, update, delete."""
        return Definitions(self._kept_service(), local=self._local is not None)

    @property
    def merge_policies(self) -> MergePolicies:
        """How fragments become profiles: list, get."""
        return MergePolicies(self._kept_service())

    @property
    def schedules(self) -> Schedules:
        """What runs by itself: list, get, create, update, delete."""
        return Schedules(self._kept_service())

    @property
    def exports(self) -> Exports:
        """Jobs that write members to datasets: list, get, create, delete."""
        return Exports(self._kept_service())

    @property
    def audiences(self) -> Audiences:
        """The audiences of the sandbox, wherever they come from: list, get."""
        return Audiences(self._kept_service())

    @property
    def local(self) -> Any:
        """What only the local road can do, such as listing members.

        Raises:
            ConfigError: this is not the local road.
        """
        if self._local is None:
            raise ConfigError(
                f"{self!r} is not local: members and overlaps of audiences can be read only "
                "where the profiles are; use segtoolkit.connect_local(…)"
            )
        return self._local

    def convert(self, expression: str | Expression) -> Expression:
        """Return *expression* in the other form: PQL text as ``pql/json``, and the reverse.

        Raises:
            BadRequest: it is neither.
        """
        if isinstance(expression, str):
            form = "pql/json" if is_json(expression) else "pql/text"
            expression = Expression(value=expression, format=form)
        return self._service.convert(expression)

    def close(self) -> None:
        self._http.close()

    def _kept_service(self) -> Service:
        # A handle must go on working when nobody holds the client: dropping that may close
        # the connection.
        return replace(self._service, keeps=self)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        road = "" if self._local is None else "local "
        return f"<Client {road}{self._far_side}>"

    def _repr_html_(self) -> str:
        road = "client" if self._local is None else "client on the local road"
        settings = [] if self.settings is None else [self.settings.given_table()]
        return cards.thing_card(road, self._far_side, {}, *settings)

    @property
    def _far_side(self) -> str:
        return self._name or self._http.base_url.host
