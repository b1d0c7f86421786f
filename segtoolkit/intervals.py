"""Sizes from samples: what was matched among what was read goes in, bounds and errors come out."""

from __future__ import annotations

from math import ceil, floor, sqrt

# 95 % of a normal distribution lie within so many standard deviations.
_Z = 1.959964


def wilson(matched: int, read: int, total: int) -> tuple[int, int]:
    """Return between which sizes the audience lies, in 95 of 100 samples.

    Wilson's interval, for a sample drawn without replacement from *total* profiles.

    Args:
        matched: profiles of the sample that are in the audience.
        read: profiles of the sample, one at least.
        total: profiles in all.

    >>> wilson(300, 1000, 1_000_000)
    (272420, 329109)
    >>> wilson(3, 10, 10)
    (3, 3)
    """
    if read >= total:
        return matched, matched
    share = matched / read
    # A part of a finite population says as much as more draws from an infinite one.
    draws = read * (total - 1) / (total - read)
    weight = 1 + _Z**2 / draws
    centre = (share + _Z**2 / (2 * draws)) / weight
    half = _Z / weight * sqrt(share * (1 - share) / draws + _Z**2 / (4 * draws**2))
    low = max(floor(total * (centre - half)), matched)
    high = min(ceil(total * (centre + half)), total - (read - matched))
    return low, high


def standard_error(matched: int, read: int, total: int) -> float:
    """Return the standard error of the size that `wilson` bounds, in profiles.

    >>> round(standard_error(300, 1000, 1_000_000))
    14491
    """
    if read >= total or read < 2:
        return 0.0
    share = matched / read
    return total * sqrt(share * (1 - share) / (read - 1) * (1 - read / total))
