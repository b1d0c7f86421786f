"""The command: what goes to stdout, what to stderr, and the exit status."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

import segtoolkit as sg
from segtoolkit import wire
from segtoolkit.__main__ import REFUSED, main
from segtoolkit.console import DONE

PEOPLE = [
    {
        "_id": "1",
        "identityMap": {"CRMID": [{"id": "1", "primary": True}]},
        "country": "US",
        "points": 7,
    },
    {"_id": "2", "identityMap": {"CRMID": [{"id": "2", "primary": True}]}, "country": "CA"},
    {"_id": "3", "identityMap": {"CRMID": [{"id": "3", "primary": True}]}, "country": "US"},
]
EVENTS = [
    {
        "_id": "e1",
        "timestamp": "2024-01-01T00:00:00Z",
        "eventType": "buy",
        "identityMap": {"CRMID": [{"id": "1", "primary": True}]},
    },
    {
        "_id": "e2",
        "timestamp": "2024-02-01T00:00:00Z",
        "eventType": "buy",
        "identityMap": {"ECID": [{"id": "unknown", "primary": True}]},
    },
]


def ndjson(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return str(path)


@pytest.fixture
def data(tmp_path):
    people = ndjson(tmp_path / "people.ndjson", PEOPLE)
    return ["--profiles", people, "--events", ndjson(tmp_path / "events.ndjson", EVENTS)]


def test_json_format_prints_one_published_document_and_nothing_else(data, capsys):
    status = main(["run", *data, "--segment", 'us=country = "US"', "--format", "json"])

    out, err = capsys.readouterr()
    job = wire.job_from_json(json.loads(out))
    assert status == DONE
    assert job.status == "SUCCEEDED"
    assert job.metrics.segmented_profile_counter == {"us": 2}
    assert job.metrics.total_profiles == 4
    assert json.loads(out)["_links"]["checkStatus"]["href"] == f"/segment/jobs/{job.id}"
    assert "1 profiles known from events only" in err
    assert "SUCCEEDED" in err


def test_table_format_prints_sizes_namespaces_statuses_and_timing(data, capsys):
    status = main(["run", *data, "--segment", "buyers=xEvent", "--segment", "all=true"])

    out, _ = capsys.readouterr()
    assert status == DONE
    for part in (
        "Size",
        "50.00%",
        "Reach by namespace",
        "ECID",
        "realized",
        "Timing (UTC)",
    ):
        assert part in out


def test_as_of_is_what_now_means(data, capsys):
    recent = "recent=xEvent[timestamp occurs <= 10 days before now]"

    main(["run", *data, "--segment", recent, "--as-of", "2024-01-05", "--format", "json"])

    metrics = json.loads(capsys.readouterr().out)["metrics"]
    assert metrics["segmentedProfileCounter"] == {"recent": 1}


def test_store_remembers_who_was_in(data, tmp_path, capsys):
    store = ["--store", str(tmp_path / "kept.duckdb"), "--format", "json"]
    main(["run", *data, *store, "--segment", 's=country = "US"'])
    capsys.readouterr()

    main(["run", *store, "--segment", "s=points > 1"])

    metrics = json.loads(capsys.readouterr().out)["metrics"]
    assert metrics["segmentedProfileByStatusCounter"] == {
        "s": {"realized": 0, "existing": 1, "exited": 1}
    }


def test_segments_file_may_be_names_or_exported_definitions(data, tmp_path, capsys):
    names, exported = tmp_path / "names.json", tmp_path / "exported.json"
    names.write_text(json.dumps({"us": 'country = "US"'}), encoding="utf-8")
    definition = {"id": "id-1", "name": "x", "expression": {"value": "points > 1"}}
    exported.write_text(json.dumps({"segments": [definition]}), encoding="utf-8")

    files = ["--segments", str(names), "--segments", str(exported)]
    main(["run", *data, *files, "--format", "json"])

    metrics = json.loads(capsys.readouterr().out)["metrics"]
    assert metrics["segmentedProfileCounter"] == {"us": 2, "id-1": 1}


def test_size_prints_one_estimate(data, capsys):
    status = main(["size", 'country = "US"', *data])

    out, _ = capsys.readouterr()
    assert status == DONE
    assert out.splitlines() == ["2 of 4 profiles = 50.00%", "             2 on CRMID"]


def test_size_as_json_is_the_published_estimate(data, capsys):
    main(["size", "points.isNull()", *data, "--format", "json"])

    estimate = json.loads(capsys.readouterr().out)
    assert (estimate["estimatedSize"], estimate["totalRows"]) == (3, 4)


def test_segments_may_refer_to_each_other_in_any_order(data, capsys):
    segments = [
        "--segment",
        'rich-us=inSegment("us") and points > 1',
        "--segment",
        'us=country = "US"',
    ]

    main(["run", *data, *segments, "--format", "json"])

    metrics = json.loads(capsys.readouterr().out)["metrics"]
    assert metrics["segmentedProfileCounter"] == {"rich-us": 1, "us": 2}


def test_definition_of_that_name_keeps_its_id(data, tmp_path, capsys):
    store = tmp_path / "kept.duckdb"
    with sg.connect_local(store, profiles=PEOPLE) as client:
        made = client.definitions.create("gold", "points > 100")

    main(["run", "--store", str(store), "--segment", "gold=points > 1", "--format", "json"])

    metrics = json.loads(capsys.readouterr().out)["metrics"]
    assert metrics["segmentedProfileCounter"] == {made.id: 1}


def test_wrong_expression_leaves_data_and_definitions_as_they_were(data, tmp_path, capsys):
    store = ["--store", str(tmp_path / "kept.duckdb")]
    main(["run", *data, *store, "--segment", "all=true"])
    one = ndjson(tmp_path / "people.ndjson", PEOPLE[:1])

    status = main(
        [
            "run",
            "--profiles",
            one,
            *store,
            "--segment",
            "ok=points > 1",
            "--segment",
            "bad=nope = 1",
        ]
    )

    assert status == REFUSED
    assert "segment 'bad': there is no field `nope`" in capsys.readouterr().err
    with sg.connect_local(store[1]) as client:
        assert client.size("true").size == 4
        assert [d.id for d in client.definitions.list()] == ["all"]


def test_reader_who_has_seen_enough_is_no_error(data):
    command = [sys.executable, "-m", "segtoolkit", "run", *data, "--segment", "all=true"]
    running = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    running.stdout.close()

    assert "Traceback" not in running.communicate()[1]


REFUSALS = {
    "operator in the name": (["--segment", 'country>="A" and true'], "cannot be a name"),
    "dots for a name": (["--segment", "..=true"], "cannot be a name"),
    "no segment": ([], "no segment is given"),
    "no name": (["--segment", '=country = "US"'], "is not NAME=PQL"),
    "no rule": (["--segment", 'country="US"'], "write a name first"),
    "syntax": (["--segment", "s=country ="], "line 1, column"),
    "unknown field": (["--segment", 's=contry = "US"'], "did you mean `country`?"),
    "missing file": (["--segments", "nowhere.json"], "nowhere.json"),
    "missing data": (
        ["--segment", "s=true", "--profiles", "nowhere.ndjson"],
        "nowhere.ndjson",
    ),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_wrong_input_is_one_message_and_status_2(name, data, capsys):
    options, reason = REFUSALS[name]

    status = main(["run", *data, *options])

    out, err = capsys.readouterr()
    assert (status, out) == (REFUSED, "")
    assert reason in err
    assert "Traceback" not in err


def test_broken_line_is_named_and_leaves_the_store_as_it_was(data, tmp_path, capsys):
    store = ["--store", str(tmp_path / "kept.duckdb")]
    main(["run", *data, *store, "--segment", "all=true"])
    capsys.readouterr()
    broken = tmp_path / "events.ndjson"
    broken.write_text('{"_id": "e3"}\n{"_id": \n', encoding="utf-8")
    more = ndjson(tmp_path / "people.ndjson", PEOPLE[:1])

    status = main(
        [
            "run",
            "--profiles",
            more,
            "--events",
            str(broken),
            *store,
            "--segment",
            "all=true",
        ]
    )

    assert status == REFUSED
    assert "events.ndjson:2: " in capsys.readouterr().err
    main(["size", "true", *store])
    assert capsys.readouterr().out.startswith("4 of 4")


def test_command_is_installed_and_says_what_it_can_do():
    done = subprocess.run(
        [sys.executable, "-m", "segtoolkit", "--help"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert all(command in done.stdout for command in ("demo", "run", "size"))


def test_demo_shows_everything_on_made_up_people(tmp_path, capsys):
    status = main(["demo", "--profiles", "2000", "--folder", str(tmp_path / "demo")])

    out, err = capsys.readouterr()
    assert status == DONE
    assert [s for s in ("NEW", "QUEUED", "PROCESSING", "SUCCEEDED") if s in err][
        -1
    ] == "SUCCEEDED"
    assert "Reach by namespace" in out
    assert "notebooks/01_quickstart.ipynb" in out
    for picture in ("namespace_counts.png", "status_timeline.png"):
        assert (tmp_path / "demo" / picture).read_bytes().startswith(b"\x89PNG")


def test_store_that_is_not_there_is_not_made_by_a_question(tmp_path, capsys):
    store = tmp_path / "mistyped.duckdb"

    assert main(["size", "true", "--store", str(store)]) == REFUSED
    assert "there is no store" in capsys.readouterr().err
    assert not store.exists()


def test_folder_that_cannot_be_made_is_one_message(tmp_path, capsys):
    (tmp_path / "file").write_text("", encoding="utf-8")

    assert main(["demo", "--profiles", "10", "--folder", str(tmp_path / "file")]) == REFUSED
    assert "Traceback" not in capsys.readouterr().err
