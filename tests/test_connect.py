"""The local road from Python: any input, a real store file, jobs that are there after a restart."""

from __future__ import annotations

import gc
import json
import pickle
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pandas as pd
import pyarrow as pa
import pytest

import segtoolkit as sg

PEOPLE = [
    {
        "_id": "1",
        "identityMap": {"CRMID": [{"id": "1", "primary": True}]},
        "points": 7.5,
        "tags": ["a"],
    },
    {
        "_id": "2",
        "identityMap": {"CRMID": [{"id": "2", "primary": True}]},
        "points": None,
        "tags": [],
    },
]
SOURCES = {
    "list of dicts": lambda: PEOPLE,
    "DataFrame with objects": lambda: pd.DataFrame(PEOPLE),
    "flat DataFrame": lambda: pd.DataFrame({"_id": ["1", "2"], "points": [7.5, None]}),
    "Arrow table": lambda: pa.table({"_id": ["1", "2"], "points": [7.5, None]}),
}


@pytest.mark.parametrize("name", SOURCES)
def test_profiles_may_be_in_memory(name):
    with sg.connect_local(profiles=SOURCES[name]()) as client:
        assert client.size("points > 5").size == 1
        assert client.size("points.isNull()").size == 1


def test_mapping_names_the_datasets():
    with sg.connect_local(profiles={"crm": PEOPLE[:1], "web": PEOPLE[1:]}) as client:
        assert [report.dataset for report in client.local.reports] == ["crm", "web"]
        assert client.size("true").size == 2


def test_job_runs_and_is_there_after_a_restart(tmp_path):
    path = tmp_path / "kept.duckdb"
    with sg.connect_local(path, profiles=PEOPLE, progress="off") as client:
        client.definitions.create("rich", "points > 5", id="rich")
        done = client.run("rich")

    with sg.connect_local(path) as client:
        found = client.get(done.record.id)

        assert found.record == done.record
        assert found.result().to_frame()["profiles"].tolist() == [1]
        assert [job.id for job in client.list(status="SUCCEEDED")] == [found.id]


def test_put_creates_then_changes():
    with sg.connect_local(profiles=PEOPLE) as client:
        first = client.definitions.put("rich", "points > 5")
        second = client.definitions.put("rich", "points > 500")

        assert (first.id, second.id) == ("rich", "rich")
        assert [d.expression.value for d in client.definitions.list()] == ["points > 500"]


def test_cell_that_is_run_again_shares_the_store_and_lets_go_of_it(tmp_path):
    path = tmp_path / "shared.duckdb"
    client = sg.connect_local(path, profiles=PEOPLE)
    client = sg.connect_local(path, profiles=PEOPLE)
    assert client.size("true").size == 2
    client.close()
    gc.collect()

    assert _open_elsewhere(path) == "opened"


def test_second_process_is_told_who_holds_the_store(tmp_path):
    path = tmp_path / "held.duckdb"
    with sg.connect_local(path, profiles=PEOPLE):
        assert _open_elsewhere(path).startswith("StoreError")


def _open_elsewhere(path) -> str:
    code = (
        "import sys, segtoolkit as sg\n"
        "try:\n    sg.connect_local(sys.argv[1]).close(); print('opened')\n"
        "except Exception as e:\n    print(type(e).__name__, e)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_failed_load_of_events_leaves_the_profiles_as_they_were(tmp_path):
    path = tmp_path / "kept.duckdb"
    sg.connect_local(path, profiles={"crm": PEOPLE}).close()

    with pytest.raises(sg.DataError, match="identityMap"):
        sg.connect_local(path, profiles={"crm": PEOPLE[:1]}, events=[{"_id": "e"}])

    with sg.connect_local(path) as client:
        assert client.size("true").size == 2


def test_column_that_duckdb_cannot_read_is_named():
    frame = pd.DataFrame({"_id": ["a"], "month": pd.period_range("2024", periods=1)})

    with pytest.raises(sg.DataError, match="period"):
        sg.connect_local(profiles=frame)


@pytest.mark.parametrize("job_id", ["", ".", ".."])
def test_id_that_names_nothing_is_refused(job_id):
    with (
        sg.connect_local(profiles=PEOPLE) as client,
        pytest.raises(sg.ConfigError, match="is not an id"),
    ):
        client.get(job_id)


def test_unknown_segment_in_an_expression_is_refused():
    with (
        sg.connect_local(profiles=PEOPLE) as client,
        pytest.raises(sg.BadRequest, match="there is no segment 'nowhere'"),
    ):
        client.size('inSegment("nowhere")')


def test_error_keeps_its_position_across_the_wire():
    with (
        sg.connect_local(profiles=PEOPLE) as client,
        pytest.raises(sg.BadRequest) as refused,
    ):
        client.size("points > 1 and pionts > 2")

    assert refused.value.status_code == 400
    assert "did you mean `points`?" in refused.value.message
    assert refused.value.message.splitlines()[-1].endswith(" " * 15 + "^")


def test_error_can_be_pickled():
    error = sg.NotFound("gone", status_code=404, code="X", request_id="r")

    again = pickle.loads(pickle.dumps(error))

    assert str(again) == str(error) == "gone [HTTP 404, code X, request r]"


def test_expression_is_converted_to_the_other_form_and_back():
    with sg.connect_local(profiles=PEOPLE) as client:
        document = client.convert("points > 5")
        text = client.convert(document.value)

    assert (document.format, text.format) == ("pql/json", "pql/text")
    assert sg.pql.parse(document.value) == sg.pql.parse("points > 5")
    assert text.value == "points > 5"


def test_definition_may_be_json_as_the_segment_builder_exports_it():
    document = json.dumps(sg.pql.to_json(sg.pql.parse("points > 5")))
    with sg.connect_local(profiles=PEOPLE, progress="off") as client:
        client.definitions.put("rich", document)

        assert client.run("rich").metrics.segmented_profile_counter == {"rich": 1}


def test_profiles_without_events_know_what_an_event_has():
    with sg.connect_local(profiles=PEOPLE) as client:
        lapsed = client.size("not (xEvent[timestamp occurs <= 180 days before now])")

        assert lapsed.size == 2
        with pytest.raises(sg.BadRequest, match="no events are loaded"):
            client.size("xEvent[commerce.order.priceTotal > 1]")


def test_as_of_before_the_calendar_is_refused():
    with (
        sg.connect_local(profiles=PEOPLE) as client,
        pytest.raises(sg.ConfigError, match="out of the years"),
    ):
        client.size("true", as_of="0001-01-01T00:00:00+10:00")


def test_job_keeps_the_rules_it_depends_on_as_they_were_at_submission(tmp_path):
    with sg.connect_local(profiles=PEOPLE, progress="off") as client:
        client.definitions.put("base", "points > 5")
        client.definitions.put("dependent", 'inSegment("base")')
        jobs = [client.submit("dependent") for _ in range(5)]
        client.definitions.put("base", "true")

        counts = [job.result().metrics.segmented_profile_counter for job in jobs]

    assert counts == [{"dependent": 1}] * 5


def test_clients_may_be_closed_while_others_ask(tmp_path):
    def ask(client):
        while True:
            try:
                client.size("points > 5")
            except sg.SegtoolkitError as error:
                return error

    for number in range(5):
        client = sg.connect_local(tmp_path / f"{number}.duckdb", profiles=PEOPLE)
        with ThreadPoolExecutor(4) as pool:
            asking = [pool.submit(ask, client) for _ in range(4)]
            time.sleep(0.05)
            client.close()
            errors = [future.result() for future in asking]
        assert all("closed" in str(error) for error in errors)
