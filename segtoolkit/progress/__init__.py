"""Show a waiting caller where work stands: a choice goes in, something that shows it comes out.

In a notebook that is one card, updated in place; on a terminal a bar; elsewhere log lines. None of them
needs ipywidgets, and all are drawn by the thread that waits.
"""

from segtoolkit.progress.choosing import (
    ENVIRONMENT,
    NamedProgress,
    ProgressChoice,
    choose,
    for_calls,
    in_kernel,
)
from segtoolkit.progress.showing import (
    CallbackProgress,
    LogProgress,
    NoProgress,
    Progress,
    Shown,
)
from segtoolkit.progress.steps import Step, Steps, steps_of

__all__ = [
    "ENVIRONMENT",
    "CallbackProgress",
    "LogProgress",
    "NamedProgress",
    "NoProgress",
    "Progress",
    "ProgressChoice",
    "Shown",
    "Step",
    "Steps",
    "choose",
    "for_calls",
    "in_kernel",
    "steps_of",
]
