"""Rules and merge policies as they are shown: values go in, one line of text or a card comes out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from segtoolkit.cards import blocks, expressions, theme
from segtoolkit.cards.words import one_line

if TYPE_CHECKING:
    from segtoolkit.models import MergePolicy, SegmentDefinition


def definition_line(definition: SegmentDefinition) -> str:
    """Return such as ``SegmentDefinition gold: loyalty.points > 500``."""
    rule = one_line(expressions.text_of(definition.expression))
    return f"SegmentDefinition {one_line(definition.name, most=40)}: {rule}"


def definition_card(definition: SegmentDefinition) -> str:
    about = [blocks.code(definition.id)]
    if definition.merge_policy_id:
        about.append(blocks.said(f" · merge policy {definition.merge_policy_id}"))
    if definition.updated_at or definition.created_at:
        word = "updated" if definition.updated_at else "created"
        moment = definition.updated_at or definition.created_at
        about += [blocks.said(f" · {word} "), blocks.said(moment)]
    return blocks.card(
        blocks.line(blocks.bold(definition.name), " · segment definition"),
        expressions.pql_block(expressions.text_of(definition.expression)),
        blocks.line(definition.description) if definition.description else blocks.said(""),
        blocks.faint(*about),
        colour=theme.BLUE,
    )


def policy_line(policy: MergePolicy) -> str:
    """Return such as ``MergePolicy newest: timestampOrdered, pdg, default``."""
    parts = [policy.attribute_merge, policy.identity_graph]
    return f"MergePolicy {one_line(policy.name, most=40)}: " + ", ".join(
        [*map(str, parts), *["default"] * policy.is_default]
    )


def policy_card(policy: MergePolicy) -> str:
    order = {"order": " > ".join(policy.order)} if policy.order else {}
    return blocks.card(
        blocks.line(
            blocks.bold(policy.name),
            " · merge policy",
            ", the default" if policy.is_default else "",
        ),
        blocks.facts(
            {
                "id": blocks.code(policy.id),
                "attributes": str(policy.attribute_merge),
                **order,
                "identity graph": str(policy.identity_graph),
            }
        ),
        colour=theme.BLUE,
    )
