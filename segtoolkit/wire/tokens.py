"""Answers of the token endpoint: JSON goes in, a token and how long it lives come out."""

from __future__ import annotations

from dataclasses import dataclass, field

from segtoolkit.wire.bodies import as_object, number, text

# No token lives for eleven days: a longer life is told in milliseconds.
_MOST_SECONDS = 1_000_000


@dataclass(frozen=True, slots=True)
class Token:
    """A bearer token; *lifetime_s* in seconds, None if unknown."""

    value: str = field(repr=False)
    lifetime_s: float | None = None


def token_from_json(body: object) -> Token:
    """Read ``access_token`` and ``expires_in``, which is in seconds or in milliseconds.

    >>> token_from_json({"access_token": "a", "expires_in": 86399992}).lifetime_s
    86399.992
    """
    answer = as_object(body, "a token")
    value = text(answer.get("access_token"))
    if value is None:
        raise ValueError("it has no 'access_token'")
    expires_in = number(answer.get("expires_in"))
    if expires_in is not None and expires_in > _MOST_SECONDS:
        expires_in /= 1000
    return Token(value, expires_in)
