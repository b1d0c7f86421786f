"""A notebook shows a plot's words with its picture."""

from __future__ import annotations

import re

import pytest

from tests import kernels

DRAW = """
import pandas as pd
from segtoolkit import plots
counts = {"segment_id": ["gold"] * 2, "namespace": ["ECID", '<"Email">']}
reach = pd.DataFrame({**counts, "profiles": [45, 20], "share": [0.9, 0.4]})
ax = plots.namespace_counts(reach)
"""
WORDS = 'Profiles by namespace · gold: ECID 45; <"Email"> 20.'


@pytest.fixture(scope="module")
def kernel():
    with kernels.started() as kernel:
        yield kernel


def shown(kernel, cell):
    (bundle,) = kernel.run(cell).displays.values()
    return bundle


def test_the_picture_has_the_words_of_its_axes(kernel):
    bundle = shown(kernel, DRAW)

    assert bundle["text/plain"] == WORDS
    assert (
        'alt="Profiles by namespace · gold: ECID 45; &lt;&#34;Email&#34;&gt; 20."'
        in (bundle["text/html"])
    )
    assert bundle["image/png"].strip() in bundle["text/html"]


def test_a_picture_of_finer_dots_is_no_larger(kernel):
    bundle = shown(kernel, f"%config InlineBackend.figure_format = 'retina'\n{DRAW}")

    (width,) = re.findall(r"width:(\d+)px;max-width", bundle["text/html"])
    assert 700 < int(width) < 900
    assert bundle["image/png"].strip() in bundle["text/html"]


def test_where_pictures_are_not_png_the_words_are_text(kernel):
    bundle = shown(kernel, f"%config InlineBackend.figure_format = 'svg'\n{DRAW}")

    assert bundle["text/plain"] == WORDS
    assert set(bundle) == {"text/plain", "image/svg+xml"}
