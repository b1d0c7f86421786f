"""Segment definitions: names and expressions go in, definitions as the service holds them come out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from http import HTTPStatus
from typing import TypeAlias

from segtoolkit import wire
from segtoolkit.cards import Verbs
from segtoolkit.client import paging
from segtoolkit.client.chosen import expression_text, id_of
from segtoolkit.client.many import read_all
from segtoolkit.client.service import Service
from segtoolkit.errors import BadRequest, NotFound
from segtoolkit.models import Expression, MergePolicy, SegmentDefinition

Many: TypeAlias = list[SegmentDefinition]


class Definitions(Verbs):
    """The audiences' rules; `Client.definitions` is one."""

    def __init__(self, service: Service, *, local: bool = False) -> None:
        self._service = service
        self._local = local

    def create(
        self,
        name: str,
        expression: str | Expression,
        *,
        id: str | None = None,  # noqa: A002 - the service's own word
        description: str | None = None,
        merge_policy: str | MergePolicy | None = None,
    ) -> SegmentDefinition:
        """Create a definition.

        Args:
            name: unique in the sandbox.
            expression: PQL text, or an expression in another format.
            id: only on the local road; elsewhere the service gives one.
            description: free text.
            merge_policy: a policy or its id; None takes the default one.

        Raises:
            BadRequest: the expression is refused, or the name exists.
            ConfigError: there is no expression, or it is not text.
        """
        request = wire.DefinitionRequest(
            name=name,
            expression=_expression(expression),
            id=id,
            description=description,
            merge_policy_id=_policy_id(merge_policy),
        )
        return self._service.create_definition(wire.definition_request_to_json(request))

    def put(
        self,
        name: str,
        expression: str | Expression,
        *,
        merge_policy: str | MergePolicy | None = None,
    ) -> SegmentDefinition:
        """Create the definition called *name*, or change the expression of the one there is.

        So that a cell or a script can be run again. On the local road a new one has *name* as its id.
        Without *merge_policy* a new one has the default policy, and a known one keeps its own.

        Raises:
            BadRequest: the expression is refused.
            ConfigError: there is none, or it is not text.
        """
        expression = _expression(expression)
        try:
            # On the local road its id may well be its name, and asking is cheaper than listing.
            present = self.get(name)
        except NotFound:
            return self._created_or_changed(name, expression, merge_policy)
        if present.name != name:
            return self._created_or_changed(name, expression, merge_policy)
        return self.update(present, expression=expression, merge_policy=merge_policy)

    def _created_or_changed(
        self,
        name: str,
        expression: str | Expression,
        merge_policy: str | MergePolicy | None,
    ) -> SegmentDefinition:
        own_id = name if self._local else None
        try:
            return self.create(name, expression, id=own_id, merge_policy=merge_policy)
        except BadRequest as error:
            named = [d for d in self.list() if d.name == name] if _is_taken(error) else []
            if not named:
                raise
            return self.update(named[0], expression=expression, merge_policy=merge_policy)

    def get(self, segment_id: str) -> SegmentDefinition:
        """Find a definition by its id.

        Raises:
            NotFound: there is none.
        """
        return self._service.read_definition(segment_id)

    def get_many(self, segment_ids: Iterable[str]) -> Many:
        """Find definitions by their ids, a hundred per request, in the order of *segment_ids*.

        Raises:
            NotFound: some are missing; the message names all of them.
        """
        return read_all(self._service.read_definitions, segment_ids, "definitions")

    def delete(self, definition: SegmentDefinition | str) -> None:
        """Delete *definition*, or the one of that id; jobs that evaluated it keep their copies.

        Raises:
            NotFound: there is none.
            BadRequest, Conflict: something else needs it.
        """
        segment_id = id_of(definition)
        self._service.delete_definition(segment_id)

    def list(self, limit: int | None = None) -> tuple[SegmentDefinition, ...]:
        """Return *limit* definitions, or all of them, in the service's order."""
        pages = self._service.definitions_page
        return tuple(paging.items(pages, {}, counter="page", limit=limit))

    def update(
        self,
        definition: SegmentDefinition | str,
        *,
        expression: str | Expression | None = None,
        name: str | None = None,
        merge_policy: str | MergePolicy | None = None,
    ) -> SegmentDefinition:
        """Change what is given of *definition* (or its id) and keep the rest as the service has it."""
        segment_id = id_of(definition)
        current = self.get(segment_id)
        changed = replace(
            current,
            name=current.name if name is None else name,
            expression=current.expression
            if expression is None
            else _expression(expression),
            merge_policy_id=_policy_id(merge_policy) or current.merge_policy_id,
        )
        # The body replaces the whole definition, also the parts that only *raw* knows.
        body = {**current.raw, **wire.definition_to_json(changed)}
        return self._service.replace_definition(segment_id, body)


def _expression(expression: str | Expression) -> Expression:
    if isinstance(expression, Expression):
        return expression
    return Expression(value=expression_text(expression))


def _policy_id(policy: str | MergePolicy | None) -> str | None:
    return policy.id if isinstance(policy, MergePolicy) else policy


def _is_taken(error: BadRequest) -> bool:
    return error.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
