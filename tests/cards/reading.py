"""HTML as a browser reads it: a card goes in; its text, tags and styles come out."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

_ALLOWED = {"div", "b", "code", "pre", "span", "table", "caption", "thead", "tbody"}
_ALLOWED |= {"tr", "th", "td"}
_ATTRIBUTES = {"style", "title", "scope", "role", "class"}


@dataclass
class Card(HTMLParser):
    """What a card is made of; refuses what is not closed, and what cards have no use for."""

    html: str
    texts: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    styles: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self.feed(self.html)
        self.close()
        assert self.open == [], "not closed"

    @property
    def text(self) -> str:
        return "".join(self.texts)

    def handle_starttag(self, tag, attrs):
        assert tag in _ALLOWED, tag
        names = {name for name, _ in attrs if not name.startswith("aria-")}
        assert names <= _ATTRIBUTES, names
        self.open.append(tag)
        self.styles += [value for name, value in attrs if name == "style"]
        if tag == "tr":
            self.rows.append([])
        if tag in {"td", "th"}:
            self.rows[-1].append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)
        if {"td", "th"} & set(self.open):
            self.rows[-1][-1] += data
