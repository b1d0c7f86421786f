"""Random numbers in, one flat row a profile or event out: choices and amounts, no nesting yet."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from segtoolkit.samples import choices

_YEAR_S = 365 * 86_400
_EVENTS_EACH = 4
_STRANGERS = 0.002


def people(draw: np.random.Generator, first: int, count: int) -> pd.DataFrame:
    """Draw one row a profile: numbers and choices, no nesting yet."""
    place = _pick(draw, count, [weight for *_, weight in choices.PLACES])
    drawn = pd.DataFrame(
        {
            "n": np.arange(first, first + count),
            "known": draw.random(count) < 0.93,
            "ecids": draw.integers(0, 4, count),
            "has_email": draw.random(count) < 0.72,
            "has_phone": draw.random(count) < 0.38,
            "first_name": draw.integers(0, len(choices.FIRST_NAMES), count),
            "last_name": draw.integers(0, len(choices.LAST_NAMES), count),
            "age_days": draw.integers(16 * 365, 85 * 365, count),
            "has_birth": draw.random(count) < 0.7,
            "gender": draw.integers(0, 4, count),
            "place": place,
            "has_home": draw.random(count) < 0.9,
            "works": draw.random(count) < 0.15,
            "postal": draw.integers(10_000, 99_999, count),
            "tier": _pick(draw, count, list(choices.TIERS.values())),
            "is_member": draw.random(count) < 0.6,
            "points": np.floor(draw.exponential(400, count)).astype(np.int64),
            "joined_s": draw.integers(30 * 86_400, 5 * _YEAR_S, count),
            "email_consent": draw.integers(0, 3, count),
            "sms_consent": draw.integers(0, 4, count),
            "push_consent": draw.integers(0, 3, count),
            "tags": draw.integers(0, 2 ** len(choices.TAGS), count),
            "has_tags": draw.random(count) < 0.55,
        }
    )
    # Nobody joins before we know of them.
    drawn["created_s"] = drawn["joined_s"] + draw.integers(0, _YEAR_S, count)
    return drawn


def events(draw: np.random.Generator, of: pd.DataFrame) -> pd.DataFrame:
    """Draw the events of the people in *of*: few have many, a third have none."""
    each = draw.geometric(1 / _EVENTS_EACH, len(of)) - 1
    each[draw.random(len(of)) < 0.02] *= 10
    owner = np.repeat(of["n"].to_numpy(), each)
    count = len(owner)
    known, devices = (
        np.repeat(of[column].to_numpy(), each) for column in ("known", "ecids")
    )
    ago_s = (draw.beta(1.0, 2.0, count) * _YEAR_S).astype(np.int64) + 1
    return pd.DataFrame(
        {
            "n": np.arange(count) + int(of["n"].iloc[0]) * 1_000,
            "owner": owner,
            # Visitors are only known by device; others are recognised by theirs now and then.
            "by_device": ~known | ((draw.random(count) < 0.3) & (devices > 0)),
            "stranger": draw.random(count) < _STRANGERS,
            "ago_s": ago_s,
            "type": _pick(draw, count, list(choices.TYPES.values())),
            "page": draw.integers(0, len(choices.PAGES), count),
            "product": draw.integers(0, len(choices.PRODUCTS), count),
            "quantity": draw.integers(1, 5, count),
            "price_cents": draw.integers(500, 25_000, count),
            "device": draw.integers(0, 3, count),
            "has_device": draw.random(count) < 0.95,
        }
    )


def _pick(
    draw: np.random.Generator, count: int, weights: list[int]
) -> npt.NDArray[np.int64]:
    """Draw *count* positions of *weights*, each as often as it weighs."""
    bounds = np.cumsum(weights)
    return np.searchsorted(bounds, draw.integers(0, bounds[-1], count), side="right")
