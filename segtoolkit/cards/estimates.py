"""Sizes as they are shown: estimates and reach go in, one line of text or a card comes out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from markupsafe import Markup

from segtoolkit.cards import blocks, theme
from segtoolkit.cards.words import share_text

if TYPE_CHECKING:
    from segtoolkit.models import Estimate


def estimate_card(estimate: Estimate) -> str:
    size, total = estimate.size, estimate.total
    colour = theme.colour_of(estimate.state)
    share = share_text(size, total)
    return blocks.card(
        _title(estimate),
        blocks.meter(estimate.share, colour, f"{share} of all profiles"),
        blocks.faint(how) if (how := _how(estimate)) else Markup(),
        blocks.line(estimate.error) if estimate.error else Markup(),
        reach(estimate.by_namespace, size),
        colour=colour,
    )


def reach(counts: Mapping[str, int], size: int | None) -> Markup:
    """Return a table of the namespaces, the largest first, as parts of an audience of *size*."""
    largest = sorted(counts.items(), key=lambda item: -item[1])
    rows = [(name, n, share_text(n, size)) for name, n in largest]
    table = blocks.table(
        ["namespace", "profiles", "of the audience"], rows, ".by_namespace"
    )
    note = "a profile counts once in each of its namespaces" if len(rows) > 1 else ""
    return table + (blocks.faint(note) if note else Markup())


def _title(estimate: Estimate) -> Markup:
    if estimate.size is None:
        return blocks.line(blocks.bold("size unknown"), f" · {estimate.state}")
    pieces = [blocks.bold(estimate.size)]
    pieces += [] if estimate.total is None else [blocks.said(f" of {estimate.total:,}")]
    pieces += [blocks.said(" profiles")]
    if estimate.share is not None:
        pieces += [blocks.said(f" = {share_text(estimate.size, estimate.total)}")]
    if estimate.state != "RESULT_READY":
        pieces += [blocks.said(f" · {estimate.state}")]
    return blocks.line(*pieces)


def _how(estimate: Estimate) -> str:
    """Say how sure the size is, and how much was looked at for it."""
    low, high = estimate.interval or (0, 0)
    doubt = [f"between {low:,} and {high:,} at 95%"] if low < high else []
    read, is_ready = estimate.rows_read, estimate.state == "RESULT_READY"
    whole = estimate.total if is_ready else estimate.rows_to_read
    if is_ready and read is not None and read == whole:
        return "every profile was looked at"
    looked = []
    if read is not None and whole is not None:
        part = share_text(read, whole)
        looked = [f"{read:,} of {whole:,} profiles looked at ({part})"]
    return " · ".join([*doubt, *looked])
