"""How values look in a notebook: they go in, one line of text or a piece of HTML comes out.

All HTML here follows the theme, is escaped, has no script, and says UTC. Nothing is read for it: what is
not known yet is called unknown.
"""

from segtoolkit.cards.blocks import (
    Html,
    bold,
    card,
    faint,
    line,
    meter,
    short_code,
    table,
)
from segtoolkit.cards.definitions import (
    definition_card,
    definition_line,
    policy_card,
    policy_line,
)
from segtoolkit.cards.estimates import estimate_card
from segtoolkit.cards.expressions import (
    expression_card,
    expression_line,
    tree_card,
    tree_text,
)
from segtoolkit.cards.jobs import (
    fault_text,
    job_card,
    job_line,
    metrics_card,
    metrics_line,
    named_segments,
    progress_texts,
    result_card,
    result_line,
)
from segtoolkit.cards.language import (
    eligibility_card,
    finding_card,
    function_block,
    function_card,
    question_block,
    stacked_card,
)
from segtoolkit.cards.operations import (
    audience_card,
    audience_line,
    export_card,
    export_line,
    schedule_card,
    schedule_line,
)
from segtoolkit.cards.theme import colour_of
from segtoolkit.cards.things import Thing, thing_card
from segtoolkit.cards.verbs import Verbs
from segtoolkit.cards.words import (
    counted,
    duration_text,
    number_text,
    one_line,
    share_text,
    short_id,
    span_text,
    time_text,
)

__all__ = [
    "Html",
    "Thing",
    "Verbs",
    "audience_card",
    "audience_line",
    "bold",
    "card",
    "colour_of",
    "counted",
    "definition_card",
    "definition_line",
    "duration_text",
    "eligibility_card",
    "estimate_card",
    "export_card",
    "export_line",
    "expression_card",
    "expression_line",
    "faint",
    "fault_text",
    "finding_card",
    "function_block",
    "function_card",
    "job_card",
    "job_line",
    "line",
    "meter",
    "metrics_card",
    "metrics_line",
    "named_segments",
    "number_text",
    "one_line",
    "policy_card",
    "policy_line",
    "progress_texts",
    "question_block",
    "result_card",
    "result_line",
    "schedule_card",
    "schedule_line",
    "share_text",
    "short_code",
    "short_id",
    "span_text",
    "stacked_card",
    "table",
    "thing_card",
    "time_text",
    "tree_card",
    "tree_text",
]
