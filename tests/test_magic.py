"""``%%pql`` in a real kernel, and the pieces that read its first line and complete names."""

from __future__ import annotations

import pytest
from IPython.core.error import UsageError

import segtoolkit as sg
from segtoolkit.magic.clients import chosen
from segtoolkit.magic.completion import names_after
from segtoolkit.magic.options import Options, read_options
from tests import kernels
from tests.local.sample_service import PEOPLE

SET_UP = """
import segtoolkit as sg
from tests.local.sample_service import PEOPLE
client = sg.connect_local(profiles=PEOPLE)
%load_ext segtoolkit
"""


@pytest.fixture(scope="module")
def kernel():
    with kernels.started() as kernel:
        assert kernel.run(SET_UP).error is None
        yield kernel


def pql(kernel, line, *body):
    return kernel.run("\n".join([f"%%pql {line}", *body]))


def value(kernel, code):
    (text,) = kernel.run(code).texts
    return text


# Cells


def test_cell_sizes_itself(kernel):
    shown = pql(kernel, "", 'homeAddress.country = "US"')

    assert shown.texts == ["<Estimate 2 of 3 profiles = 66.67%>"]
    assert shown.streams == ""


def test_variable_gets_the_estimate(kernel):
    pql(kernel, "us --client client", 'homeAddress.country = "US"')

    assert value(kernel, "us.size") == "2"


def test_reach_is_shown_as_a_table_and_the_variable_has_the_estimate(kernel):
    shown = pql(kernel, "us --by namespace", 'homeAddress.country = "US"')

    lines = [line.split()[1:] for line in shown.texts[0].splitlines()]
    assert (
        lines
        == [
            ["profiles", "share"],
            ["CRMID", "2", "1.0"],
            ["ECID", "2", "1.0"],
            ["Email", "1", "0.5"],
        ]
        or lines[0] == ["namespace", "profiles", "share"][1:]
    )
    assert value(kernel, "us.by_namespace['Email']") == "1"


def test_saved_cell_is_a_definition(kernel):
    pql(kernel, "germans --save", 'homeAddress.country = "DE"')
    pql(kernel, "us --save us-people", 'homeAddress.country = "US"')

    assert value(kernel, "sorted(d.name for d in client.definitions.list())") == (
        "['germans', 'us-people']"
    )


def test_cell_of_several_lines_is_one_expression(kernel):
    shown = pql(kernel, "", 'homeAddress.country = "US"', 'and _id = "ann"')

    assert shown.texts == ["<Estimate 1 of 3 profiles = 33.33%>"]


def test_mistake_is_told_with_a_caret_and_without_a_traceback(kernel):
    kernel.run("us = 'before'")
    shown = pql(kernel, "us --save", "true and", 'homeAddress.contry = "US"')

    assert shown.error == "BadRequest"
    first, text, caret = shown.traceback.splitlines()[:3]
    assert first.startswith(
        "BadRequest: there is no field `contry`; did you mean `country`?"
    )
    assert "(line 2, column 13)" in first
    assert (text, caret.rstrip(" ]").split(" [")[0]) == (
        '  homeAddress.contry = "US"',
        "              ^",
    )
    assert "File" not in shown.traceback
    assert value(kernel, "us") == "'before'"


def test_doubtful_cell_is_answered_with_a_warning(kernel):
    shown = pql(kernel, "", "homeAddress.country = null")

    assert shown.texts == ["<Estimate 0 of 3 profiles = 0.00%>"]
    assert "PQLWarning" in shown.streams


@pytest.mark.parametrize(
    ("line", "body", "said"),
    [
        ("--by country", "true", "invalid choice: 'country'"),
        ("--client nobody", "true", "there is no client in a variable 'nobody'"),
        ("", " ", "the cell has no PQL"),
    ],
)
def test_first_line_that_is_wrong_is_told_in_one_line(kernel, line, body, said):
    shown = pql(kernel, line, body)

    assert said in shown.streams
    assert "Traceback" not in shown.streams + shown.traceback


def test_extension_is_loaded_again_and_taken_away(kernel):
    kernel.run("%reload_ext segtoolkit")
    assert kernel.complete("%%pql\nhomeAddress.co") == ["homeAddress.country"]

    kernel.run("%unload_ext segtoolkit")
    shown = pql(kernel, "", "true")
    kernel.run("%load_ext segtoolkit")

    assert "pql" in shown.streams
    assert shown.texts == []


# Completion


@pytest.mark.parametrize(
    ("cell", "offered"),
    [
        ("%%pql\nhomeA", ["homeAddress.country"]),
        ("%%pql x --by namespace\ntrue and\nhomeAddress.", ["homeAddress.country"]),
        ("%%pql\nhomeAddress.country.startsW", ["homeAddress.country.startsWith("]),
        ("%%pql\nnot (inSeg", ["inSegment("]),
        ("%%pql\nnobodyHasThis", []),
    ],
)
def test_names_are_completed_in_cells_of_pql(kernel, cell, offered):
    found = kernel.complete(cell)

    assert found[: len(offered)] == offered
    assert bool(found) == bool(offered)


def test_cells_of_python_are_completed_as_ever(kernel):
    assert "client" in kernel.complete("clie")
    assert "homeAddress.country" not in kernel.complete("homeA")


def test_fields_come_before_functions():
    offered = [kind for _, kind in names_after("m", ["metrics.total", "mobile"])]

    assert offered[:2] == ["field", "field"]
    assert "field" not in offered[2:]


# The first line


@pytest.mark.parametrize(
    ("line", "options"),
    [
        ("", Options()),
        ("gold", Options(name="gold")),
        (
            "gold --client c --by namespace --save",
            Options(name="gold", client="c", by="namespace", save="gold"),
        ),
        ("--save 'us gold'", Options(save="us gold")),
        (
            "--as-of 2026-01-01T00:00:00Z --budget 100",
            Options(as_of="2026-01-01T00:00:00Z", budget=100),
        ),
    ],
)
def test_first_line_is_read(line, options):
    assert read_options(line) == options


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("--save", "save under which name"),
        ("us-gold", "'us-gold' is no name of a variable"),
        ("a b", "unrecognized arguments: b"),
        ("--budget many", "invalid int value: 'many'"),
        ("'open", "cannot read"),
    ],
)
def test_first_line_is_refused(line, said):
    with pytest.raises(UsageError, match=said):
        read_options(line)


@pytest.fixture
def clients():
    with (
        sg.connect_local(profiles=PEOPLE) as one,
        sg.connect_local(profiles=PEOPLE) as other,
    ):
        yield one, other


def test_client_is_the_usual_one_or_the_only_one(clients):
    one, other = clients

    assert chosen({"client": one, "b": other}, None) is one
    assert chosen({"b": other, "same": other, "_": one, "n": 1}, None) is other
    assert chosen({"client": one, "b": other}, "b") is other


@pytest.mark.parametrize(
    ("names", "said"), [("", "there is no client; make one"), ("ab", "which client: a, b?")]
)
def test_client_that_cannot_be_told_is_asked_for(clients, names, said):
    with pytest.raises(UsageError, match=said):
        chosen(dict(zip(names, clients, strict=False)), None)
