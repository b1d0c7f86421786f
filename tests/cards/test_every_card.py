"""What is true of everything that people meet in a notebook: one line of text, and a card."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from enum import Enum
from pathlib import Path

import pytest

import segtoolkit
from segtoolkit import connect_local, pql, testing
from segtoolkit.cards import colour_of
from segtoolkit.jobs import Poller
from segtoolkit.local.audiences.reader import Reader
from segtoolkit.local.data import LocalData
from segtoolkit.local.profiles import LoadReport
from segtoolkit.models import (
    AudienceRecord,
    Estimate,
    ExportedSegment,
    ExportJob,
    ExportMetrics,
    Expression,
    JobFault,
    JobMetrics,
    JobProgress,
    JobRecord,
    JobSegment,
    JobStatus,
    MergePolicy,
    Sandbox,
    Schedule,
    SegmentDefinition,
    TimeSpan,
)
from segtoolkit.pql.functions import Function
from segtoolkit.pql.nodes import Node
from segtoolkit.pql.types import STRING, ListOf, Schema, Struct
from segtoolkit.samples import SampleFiles
from segtoolkit.settings.values import Explanation, Sourced
from segtoolkit.testing import FakeClock, Fault, SampleServer
from segtoolkit.widgets import AudienceSizer, JobBrowser
from tests.cards.public import public, reachable
from tests.cards.reading import Card
from tests.fakes import FakeService, connected, record

EVIL = "<script>alert(\"1\")</script><img src=x onerror=alert(1)>\n & 'quoted' \ud800"
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
COUNTS = {EVIL: 1_234, "ECID": 5}
RULE = Expression(value=f'a = "{EVIL}"')

VALUES = {
    "expression": RULE,
    "expression in JSON": Expression(
        value=json.dumps(pql.to_json(pql.parse('a = "<script>"'))), format="pql/json"
    ),
    "expression that is none": Expression(value=EVIL, format=EVIL),
    "definition": SegmentDefinition(
        id=EVIL,
        name=EVIL,
        expression=RULE,
        description=EVIL,
        merge_policy_id=EVIL,
        updated_at=NOON,
    ),
    "merge policy": MergePolicy(id=EVIL, name=EVIL, order=(EVIL, "b"), is_default=True),
    "estimate": Estimate(size=1_234, total=9_999, by_namespace=COUNTS, error=EVIL),
    "estimate in the making": Estimate(size=None, state=EVIL),
    "job record": JobRecord(
        id=EVIL,
        status=JobStatus(EVIL),
        segments=(JobSegment(segment_id=EVIL),),
        errors=(JobFault(message=EVIL, code=EVIL),),
        created_at=NOON,
    ),
    "job record without anything": JobRecord(id="468eeefd", status=JobStatus.FAILED),
    "metrics": JobMetrics(
        total_profiles=9_999,
        segmented_profile_counter=COUNTS,
        total_time=TimeSpan(duration=timedelta(seconds=5)),
    ),
    "metrics without anything": JobMetrics(),
    "schedule": Schedule(id=EVIL, name=EVIL, state=EVIL, cron=EVIL, segment_ids=(EVIL,)),
    "export": ExportJob(
        id=EVIL,
        status=JobStatus.FAILED,
        segments=(ExportedSegment(segment_id=EVIL),),
        fields=(EVIL,),
        errors=(JobFault(message=EVIL),),
        created_at=NOON,
    ),
    "audience record": AudienceRecord(
        id=EVIL,
        name=EVIL,
        expression=RULE,
        counted_at=NOON,
        total_profiles_by_namespace=COUNTS,
    ),
    "load report": LoadReport(
        kind="events",
        dataset=EVIL,
        rows=1_234,
        profiles=5,
        event_only_profiles=2,
        duplicate_events=1,
        ambiguous_events=0,
    ),
    "fault": JobFault(message=EVIL, code=EVIL, call_stack="at secret.py"),
    "progress": JobProgress(done=3, total=7),
    "time span": TimeSpan(started_at=NOON, duration=timedelta(seconds=5)),
    "time span without anything": TimeSpan(),
    "job segment": JobSegment(segment_id=EVIL, expression=RULE),
    "sandbox": Sandbox(name=EVIL, type=EVIL),
    "exported segment": ExportedSegment(segment_id=EVIL, statuses=(EVIL,)),
    "export metrics": ExportMetrics(exported_profile_by_namespace_counter=COUNTS),
    "finding": pql.lint('a = "<script>alert(1)</script>" and b != null')[0],
    "eligibility": pql.eligibility('xEvent[eventType = "buy"].count() > 2'),
    "eligibility without doubts": pql.eligibility('a = "b"'),
    "reason": pql.eligibility('xEvent[eventType = "buy"]').not_streaming[0],
    "function": pql.FUNCTIONS["contains"],
    "schema": Schema(Struct({EVIL: STRING, "b": ListOf(STRING)})),
    "setting": Sourced(EVIL, EVIL),
    "sample files": SampleFiles(Path("a") / EVIL, Path("a") / "events.parquet"),
    "fault on purpose": Fault(503, retry_after=7, on=EVIL),
    "clock": FakeClock(elapsed_s=90),
    "tree": pql.parse('a = "<script>alert(1)</script>" and not b'),
    "explanation": pql.explain("<"),
    "explanation of a choice": pql.explain("exact-distance"),
    "explanation of settings": Explanation("a  b  c", [(EVIL, EVIL, EVIL)]),
}
# Their text is what they are for.
TEXTS = {"explanation", "explanation of a choice", "explanation of settings", "tree"}


# What only works inside of what people hold.
INNER = {Reader, Poller, Function, Schema, type(VALUES["explanation"])}
# A word has no card; a tree has one as a whole, whichever node is at its top.
WORDS = (Enum, Node)


@pytest.fixture(scope="module")
def of_a_client():
    """Return everything that a client of the local road has, after it was closed."""
    ann = {"_id": "ann", "country": "US", "identityMap": {"CRMID": [{"id": "1"}]}}
    client = connect_local(
        profiles={"<b>": [ann, {"_id": "bob"}]},
        segments={"<i>us": 'country = "US"', "all": "true"},
    )
    job = client.submit(["<i>us", "all"])
    found = {
        "client": client,
        "settings": client.settings,
        "local data": client.local,
        "job": job.wait(),
        "result": job.result(),
        "group": client.group([job]),
        "listing": client.list(limit=5),
        "audience": client.local.audience("<i>us") & client.local.audience("all"),
        "members": client.local.members("all", fields=["country"]),
        "overlap": client.local.overlap(["<i>us", "all"]),
        "definitions": client.definitions,
        "merge policies": client.merge_policies,
        "local merge policies": client.local.merge_policies,
        "schedules": client.schedules,
        "exports": client.exports,
        "audiences": client.audiences,
    }
    found |= {
        "origin": found["audience"].origins[0],
        "filters": found["listing"].filters,
        "polling": found["group"].polling,
        "poller": found["job"].poller,
        "browser": JobBrowser(client),
        "monitor": found["job"].watch(),
        "sizer": AudienceSizer(client),
    }
    client.close()
    return found


OF_A_CLIENT = (
    "client",
    "settings",
    "local data",
    "job",
    "result",
    "group",
    "listing",
    "audience",
    "members",
    "overlap",
    "definitions",
    "merge policies",
    "local merge policies",
    "schedules",
    "exports",
    "audiences",
    "origin",
    "filters",
    "polling",
    "poller",
)
# Whose card comes with a style of its own, and is looked at with the widgets.
VIEWS = ("browser", "monitor", "sizer")


def check_card(html):
    assert type(html) is str
    html.encode()
    card = Card(html)
    for style in card.styles:
        assert not re.search(r"url|expression\(|@import|position", style), style
    return card


@pytest.mark.parametrize("name", VALUES)
def test_card_of_a_value_is_whole_html_without_scripts(name):
    card = check_card(VALUES[name]._repr_html_())

    assert card.text
    assert "None" not in card.text


def check_line(text):
    assert re.fullmatch(r"<[A-Z]\w+\b.*>", text), text
    assert "\n" not in text
    assert " at 0x" not in text
    assert len(text) < 300


@pytest.mark.parametrize("name", sorted(set(VALUES) - TEXTS))
def test_a_value_is_one_line_of_text(name):
    check_line(repr(VALUES[name]))


def test_a_call_stack_is_in_no_card():
    fault = VALUES["fault"]

    assert "secret.py" not in repr(fault) + fault._repr_html_()


def test_all_that_people_can_hold_is_in_these_tables(of_a_client):
    roots = [*public(segtoolkit), *public(testing), LocalData]
    shown = {type(thing) for thing in (*VALUES.values(), *of_a_client.values())}

    held = {
        kind
        for kind in reachable(roots, closed=INNER)
        if not issubclass(kind, (BaseException, *WORDS))
    }

    assert held - shown == {Reader, SampleServer}


def test_what_can_be_asked_is_told_in_plain_words(of_a_client):
    card = Card(of_a_client["definitions"]._repr_html_())

    assert [".get()", "Find a definition by its id"] in card.rows
    assert not re.search(r"[`*]", card.text)


@pytest.mark.parametrize(
    ("statuses", "state"),
    [
        (["SUCCEEDED", "SUCCEEDED"], "SUCCEEDED"),
        (["SUCCEEDED", "PROCESSING"], "PROCESSING"),
        (["PROCESSING", "FAILED"], "FAILED"),
    ],
)
def test_the_card_of_a_group_has_the_colour_of_its_state(statuses, state):
    jobs = {f"job-{n}": [record(f"job-{n}", status)] for n, status in enumerate(statuses)}
    client = connected(FakeService(jobs=jobs))

    html = client.group([client.get(name) for name in jobs])._repr_html_()

    assert f"border-left:4px solid {colour_of(state)}" in html


def test_a_server_of_samples_is_shown():
    with testing.serving() as server:
        check_line(repr(server))
        assert server.url in check_card(server._repr_html_()).text
        assert server.token not in repr(server) + server._repr_html_()


def test_a_tree_is_one_line_of_pql_where_IPython_asks():  # noqa: N802
    from IPython.lib.pretty import pretty

    assert pretty(VALUES["tree"]) == ('<Expr a = "<script>alert(1)</script>" and not b>')


def test_a_part_of_a_tree_has_its_own_text_and_no_card():
    from IPython.lib.pretty import pretty

    duration = pql.parse("a occurs <= 3 days before now").distance.duration

    assert pretty(duration) == repr(duration)
    assert duration._repr_html_() is None


@pytest.mark.parametrize("name", OF_A_CLIENT)
def test_what_a_client_has_is_shown_without_asking_it(name, of_a_client):
    check_line(repr(of_a_client[name]))
    assert check_card(of_a_client[name]._repr_html_()).text


@pytest.mark.parametrize("name", VIEWS)
def test_views_are_one_line_of_text(name, of_a_client):
    check_line(repr(of_a_client[name]))


def test_everything_of_a_client_is_shown(of_a_client):
    assert {*OF_A_CLIENT, *VIEWS} == set(of_a_client)


def test_a_listing_of_thousands_is_shown_without_reading_it():
    service = FakeService()

    listing = connected(service).list(since="7d")

    assert "read when it is iterated" in Card(listing._repr_html_()).text
    assert service.calls == []


def test_cards_of_the_platform_ask_nothing_and_have_no_token():
    service = FakeService(jobs={"468eeefd": [record("468eeefd", "FAILED")]})
    client = connected(service)
    job = client.get("468eeefd")
    before = len(service.calls)

    shown = "".join(thing._repr_html_() for thing in (client, job, client.group([job])))

    assert len(service.calls) == before
    assert "canary" not in shown
