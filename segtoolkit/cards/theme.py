"""Colours and styles of cards: CSS text that follows the theme of JupyterLab, VS Code, or neither.

A theme's variable comes first. What stands behind it is read on white and on black alike, since
nobody tells a page without themes which of the two it is.
"""

from __future__ import annotations

from collections.abc import Mapping

# Okabe and Ito's colours keep apart for colour-blind eyes.
GREY, BLUE, SKY, GREEN = "#8a8a8a", "#2a7fc0", "#3d96d0", "#00936b"
ORANGE, VERMILLION, PURPLE = "#c07f00", "#d55e00", "#b8629a"

NEUTRAL = GREY

_STATES: Mapping[str, str] = {
    "NEW": GREY,
    "QUEUED": GREY,
    "PROCESSING": SKY,
    "CANCELLING": ORANGE,
    "CANCELLED": ORANGE,
    "FAILED": VERMILLION,
    "SUCCEEDED": GREEN,
    # Of estimates.
    "RUNNING": SKY,
    "RESULT_READY": GREEN,
}

_BORDER = "var(--jp-border-color2, var(--vscode-panel-border, #8886))"
_TEXT = "var(--jp-ui-font-color1, var(--vscode-editor-foreground, inherit))"
_FAINT_TEXT = "var(--jp-ui-font-color2, var(--vscode-descriptionForeground, inherit))"
_MONOSPACE = "var(--jp-code-font-family, var(--vscode-editor-font-family, monospace))"

BOX = (
    f"border:1px solid {_BORDER};border-left:4px solid {{}};padding:.4em .8em;margin:.2em 0;"
    f"max-width:46em;overflow-x:auto;color:{_TEXT};font-size:var(--jp-ui-font-size1, 13px)"
)
TEXT = f"color:{_TEXT};font-size:var(--jp-ui-font-size1, 13px);line-height:1.45"
FAINT = f"color:{_FAINT_TEXT};font-size:.92em"
TABLE = "border-collapse:collapse;margin:.3em 0;font-size:inherit;color:inherit"
TEXT_CELL = "text-align:left;padding:.1em .8em .1em 0;overflow-wrap:anywhere"
SHORT_CELL = "text-align:left;padding:.1em .8em .1em 0;white-space:nowrap"
NUMBER_CELL = "text-align:right;padding:.1em .8em .1em 0;font-variant-numeric:tabular-nums"
TRACK = f"background:{_BORDER};margin:.3em 0;height:.4em;max-width:24em"
FILL = "width:{:.2f}%;height:100%;background:{}"
_CODE = (
    f"font-family:{_MONOSPACE};margin:.2em 0;"
    # What pages make of code otherwise: boxes of their own, broken anywhere.
    "padding:0;border:0;background:none;color:inherit;font-size:inherit;line-height:1.35;"
    "word-break:normal"
)
CODE = f"{_CODE};white-space:pre-wrap;overflow-wrap:anywhere"
# What stands below a character has to stay below it: a long line is not broken, but scrolled.
CARET = f"{_CODE};white-space:pre;overflow-x:auto"

# How the pieces of an expression look: words of the language are bold, so that they also
# stand out without colours.
PIECES: Mapping[str, str] = {
    "keyword": "font-weight:600;color:var(--jp-mirror-editor-keyword-color, "
    "var(--vscode-symbolIcon-keywordForeground, #00894a))",
    "function": "color:var(--jp-mirror-editor-def-color, "
    "var(--vscode-symbolIcon-functionForeground, #3a73c9))",
    "string": "color:var(--jp-mirror-editor-string-color, "
    "var(--vscode-debugTokenExpression-string, #c0504d))",
    "number": "color:var(--jp-mirror-editor-number-color, "
    "var(--vscode-debugTokenExpression-number, #00868a))",
}


def colour_of(state: str) -> str:
    """Return the colour of a job's or an estimate's state; one of its own for all strangers.

    >>> colour_of("FAILED"), colour_of("PAUSED")
    ('#d55e00', '#b8629a')
    """
    return _STATES.get(state, PURPLE)
