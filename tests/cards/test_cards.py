"""What cards say: numbers, times, what is unknown, and the colours they say it in."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segtoolkit import cards, pql
from segtoolkit.cards import blocks, expressions, theme
from segtoolkit.jobs import JobResult
from segtoolkit.models import (
    Estimate,
    Expression,
    JobMetrics,
    JobRecord,
    JobSegment,
    JobStatus,
    Schedule,
    SegmentDefinition,
)
from tests.cards.reading import Card


def result(metrics: JobMetrics | None, *segment_ids: str) -> JobResult:
    segments = tuple(JobSegment(segment_id=i) for i in segment_ids)
    return JobResult(
        JobRecord(
            id="468eeefd-1", status=JobStatus.SUCCEEDED, segments=segments, metrics=metrics
        )
    )


def test_a_result_has_thousands_separators_and_what_is_unknown_is_no_zero():
    counts = {"gold": 13_146_432, "none": 0}
    metrics = JobMetrics(total_profiles=20_000_000, segmented_profile_counter=counts)

    card = Card(result(metrics, "gold", "none", "lost")._repr_html_())

    assert card.rows == [
        ["segment", "profiles of 20,000,000", "share"],
        ["gold", "13,146,432", "65.73%"],
        ["none", "0", "0.00%"],
        ["lost", "unknown", "unknown"],
    ]


def test_a_result_without_metrics_is_unknown():
    card = Card(result(None, "gold")._repr_html_())
    assert card.rows == [["segment", "profiles", "share"], ["gold", "unknown", "unknown"]]


def test_a_thousand_segments_are_ten_and_a_hint():
    counts = {f"s{n}": n for n in range(1_000)}

    card = Card(result(JobMetrics(segmented_profile_counter=counts))._repr_html_())

    assert len(card.rows) == 11
    assert "and 990 more in .to_frame()" in card.text


def test_a_thousand_namespaces_are_the_ten_largest_and_a_hint():
    estimate = Estimate(
        size=2_000, total=4_000, by_namespace={f"ns{n}": n for n in range(1_000)}
    )

    card = Card(estimate._repr_html_())

    assert card.rows[1] == ["ns999", "999", "49.95%"]
    assert len(card.rows) == 11
    assert "and 990 more in .by_namespace" in card.text
    assert "a profile counts once in each of its namespaces" in card.text


@pytest.mark.parametrize(
    ("estimate", "said"),
    [
        (Estimate(size=1_000, total=4_000), "1,000 of 4,000 profiles = 25.00%"),
        (Estimate(size=1_000), "1,000 profiles"),
        (Estimate(size=None, state="RUNNING"), "size unknown · RUNNING"),
        (
            Estimate(size=7, total=70, state="RUNNING"),
            "7 of 70 profiles = 10.00% · RUNNING",
        ),
        (Estimate(size=0, total=0), "0 of 0 profiles"),
        (
            Estimate(size=5, total=50, rows_read=50, rows_to_read=50),
            "5 of 50 profiles = 10.00%every profile was looked at",
        ),
        (
            Estimate(size=None, state="RUNNING", rows_read=300, rows_to_read=1_000),
            "size unknown · RUNNING300 of 1,000 profiles looked at (30.00%)",
        ),
        (
            Estimate(size=3_400, total=100_000, rows_read=1_000, rows_matched=34),
            (
                "3,400 of 100,000 profiles = 3.40%between 2,447 and 4,706 at 95% · 1,000 of "
                "100,000 profiles looked at (1.00%)"
            ),
        ),
    ],
)
def test_an_estimate_says_how_large_and_how_sure(estimate, said):
    assert Card(estimate._repr_html_()).text == said


def test_an_estimate_is_one_line():
    assert repr(Estimate(size=1, total=4)) == "<Estimate 1 of 4 profiles = 25.00%>"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "unknown"),
        (0, "0"),
        (1_234_567, "1,234,567"),
        (True, "yes"),
        (False, "no"),
        (timedelta(seconds=192), "3m12s"),
        (datetime(2026, 1, 1, tzinfo=UTC), "2026-01-01 00:00:00 UTC"),
        (
            datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=2))),
            "2025-12-31 22:00:00 UTC",
        ),
        ("\ud800", "�"),
    ],
)
def test_values_are_said_as_people_read_them(value, said):
    assert blocks.said(value) == said


def test_a_column_that_says_nothing_is_left_out():
    card = Card(blocks.table(["a", "b", "c"], [(1, "", "x"), (2, "", "")]))
    assert card.rows == [["a", "c"], ["1", "x"], ["2", ""]]


@pytest.mark.parametrize(
    ("share", "width"), [(0.5, "50.00"), (7.0, "100.00"), (-1.0, "0.00")]
)
def test_a_meter_stays_within_its_track(share, width):
    assert f"width:{width}%" in blocks.meter(share, theme.GREEN, "some")


def test_a_meter_of_what_is_unknown_is_nothing():
    assert blocks.meter(None, theme.GREEN, "some") == ""


def test_a_message_of_several_lines_keeps_its_columns():
    card = Card(str(blocks.told("no field `x` <\n  x = 1\n  ^")))

    assert card.text == "no field `x` <\n  x = 1\n  ^"
    assert card.styles == [theme.CODE]
    assert Card(str(blocks.told("out of memory"))).styles == []


def test_a_schedule_without_a_name_goes_by_its_id():
    assert repr(Schedule(id="s-1")) == "<Schedule s-1: unknown times>"


@pytest.mark.parametrize(
    ("text", "coloured"),
    [
        ("a.b > 1", [("number", "1")]),
        ('a = "x"', [("string", '"x"')]),
        ("a and NOT b", [("keyword", "and"), ("keyword", "NOT")]),
        ("a.last = b.where", []),
        ('a.equals("x", false)', "function string keyword"),
        ("xEvent.count() > 0.5", [("function", "count"), ("number", "0.5")]),
        ("a = 'x", []),
        ("1 and ~ 2", [("number", "1"), ("keyword", "and")]),
        ("", []),
    ],
)
def test_pieces_of_pql_are_told_apart(text, coloured):
    found = [(kind, piece) for kind, piece in expressions.pieces(text) if kind]
    if isinstance(coloured, str):
        assert [kind for kind, _ in found] == coloured.split()
    else:
        assert found == coloured


@given(st.text())
def test_no_character_is_lost_by_colouring(text):
    assert "".join(piece for _, piece in expressions.pieces(text)) == text


@given(st.text())
def test_any_expression_has_a_line_and_a_card(text):
    definition = SegmentDefinition(id="a", name=text, expression=Expression(value=text))

    assert "\n" not in repr(definition)
    Card(definition._repr_html_())


def test_json_is_shown_as_text_and_says_so():
    tree = pql.to_json(pql.parse("a > 1"))
    expression = Expression(value=json.dumps(tree), format="pql/json")

    card = Card(expression._repr_html_())

    assert card.text == "a > 1PQL · pql/json, written as text"


def test_a_very_long_expression_is_cut():
    long = " or ".join(f"a = {n}" for n in range(10_000))
    card = Card(Expression(value=long)._repr_html_())

    assert len(card.text) < 2_200
    assert f"and {len(long) - 2_000:,} more characters" in card.text


def luminance(colour: str) -> float:
    """Return the relative luminance of ``#rrggbb``, as WCAG defines it."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


STATES = [*JobStatus, "RUNNING", "RESULT_READY", "PAUSED"]


@pytest.mark.parametrize("ground", ["#ffffff", "#111111"], ids=["light", "dark"])
@pytest.mark.parametrize("state", STATES)
def test_states_are_seen_on_light_and_on_dark(state, ground):
    assert contrast(cards.colour_of(state), ground) >= 3


@pytest.mark.parametrize("ground", ["#ffffff", "#111111"], ids=["light", "dark"])
@pytest.mark.parametrize("piece", theme.PIECES)
def test_pieces_of_pql_are_read_on_light_and_on_dark_without_a_theme(piece, ground):
    (fallback,) = re.findall(r"#[0-9a-f]{6}", theme.PIECES[piece])
    assert contrast(fallback, ground) >= 4


@pytest.mark.parametrize("style", [theme.BOX, theme.FAINT, *theme.PIECES.values()])
def test_colours_of_text_are_those_of_the_theme_first(style):
    found = re.search(r"(?:^|;)color:(.*)", style)
    assert re.match(r"var\(--jp-[\w-]+, var\(--vscode-[\w-]+, ", found[1])
