"""``%%pql`` in a real kernel, and the pieces that read its first line and complete names."""

from __future__ import annotations

import json
from dataclasses import astuple

import pytest
from IPython.core.error import UsageError

import segtoolkit as sg
from segtoolkit import samples
from segtoolkit.magic.clients import chosen
from segtoolkit.magic.names import Vocabulary, names_at
from segtoolkit.magic.options import FLAGS, Options, read_options
from segtoolkit.magic.place import place_of
from segtoolkit.magic.vocabulary import vocabulary_of
from segtoolkit.models import Expression, SegmentDefinition
from segtoolkit.pql import parse, to_json
from segtoolkit.pql.types import STRING, Schema, Struct
from tests import kernels
from tests.fakes import FakeService, connected
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
    assert shown.streams.splitlines()[0].startswith("%%pql:1: PQLWarning: warning null-")
    assert "homeAddress.country.isNull()" in shown.streams.splitlines()[-1]


def test_doubtful_cell_that_is_saved_is_warned_of_once_each_time(kernel):
    for _ in range(2):
        shown = pql(kernel, "x --save", "homeAddress.country = null")

        assert shown.streams.count("PQLWarning") == 1


def test_doubtful_cell_that_cannot_be_saved_is_warned_of(kernel):
    shown = pql(kernel, "x --save .", "homeAddress.country = null")

    assert shown.streams.count("PQLWarning") == 1
    assert shown.error == "ConfigError"


def test_cell_may_be_json(kernel):
    shown = pql(kernel, "", json.dumps(to_json(parse('homeAddress.country = "US"'))))

    assert shown.texts == ["<Estimate 2 of 3 profiles = 66.67%>"]


def test_as_of_says_what_now_means(kernel):
    shown = pql(kernel, "--as-of 2020-01-01T00:00:00Z", "now.getYear() = 2020")

    assert shown.texts == ["<Estimate 3 of 3 profiles = 100.00%>"]


def test_all_options_are_explained(kernel):
    kernel.run("import inspect; magic = get_ipython().magics_manager.magics['cell']['pql']")
    text = value(kernel, "inspect.getdoc(magic)")

    assert [flag for flag in FLAGS if flag not in text] == []


SLOWLY = """
from segtoolkit.local import SegmentService, Store
from segtoolkit.roads.local import _client_of
from tests.local.sample_service import PEOPLE, SLOW, SlowEngine
slowly = _client_of(SegmentService(Store.open(None), SlowEngine()), None, None, None)
slowly.local.load_profiles(PEOPLE, name="people")
"""


def test_long_cell_shows_where_it_stands_and_an_interrupt_ends_it_in_few_words(kernel):
    kernel.run(SLOWLY)
    slow = value(kernel, "SLOW").strip("'")
    kernel.begin(f"%%pql never --client slowly --save\n{slow}")
    kernel.until("<Estimate")

    kernel.interrupt()

    shown = kernel.end()
    assert shown.texts[0].endswith("stopped")
    assert shown.traceback.splitlines()[0] == "KeyboardInterrupt"
    assert "Stopped sizing" in shown.traceback
    assert "File" not in shown.traceback
    assert value(kernel, "('never' in dir(), slowly.definitions.list())") == "(False, ())"


@pytest.mark.parametrize(
    ("line", "body", "said"),
    [
        ("--by country", "true", "invalid choice: 'country'"),
        ("--client nobody", "true", "there is no client in a variable 'nobody'"),
        ("--nope", "true", "unrecognized arguments: --nope"),
        ("--help", "true", "%%pql? explains the options"),
        ("class", "true", "'class' is no name of a variable"),
        ("client", "true", "'client' is the client"),
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
        # Only what is typed, which keeps names of Python away.
        ("%%pql\nnobodyHasThis", ["nobodyHasThis"]),
        ('%%pql\ncountry = "', [""]),
    ],
)
def test_names_are_completed_in_cells_of_pql(kernel, cell, offered):
    assert kernel.complete(cell) == offered


def test_cells_of_python_are_completed_as_ever(kernel):
    assert "client" in kernel.complete("clie")
    assert "homeAddress.country" not in kernel.complete("homeA")


@pytest.mark.parametrize("is_jedi_on", [True, False])
def test_completion_goes_with_and_without_jedi(kernel, is_jedi_on):
    kernel.run(f"%config IPCompleter.use_jedi = {is_jedi_on}")

    assert kernel.complete("%%pql\nhomeAddress.co") == ["homeAddress.country"]
    assert any(offered.endswith("size") for offered in kernel.complete("client.si"))


@pytest.mark.parametrize(
    ("cell", "offered"),
    [
        ("client.size('homeA", ["homeAddress.country"]),
        ('client.size("""true and\nhomeA', ["homeAddress.country"]),
        ("client.definitions.put('x', 'not (homeA", ["homeAddress.country"]),
        ("client.submit('known-", ["known-one"]),
        ("client.submit(['a', 'known-", ["known-one"]),
        ('job = client.local.members("known-', ["known-one"]),
        ('%%pql\ninSegment("known-', ["known-one"]),
        ("%%pql x --bu", ["--budget"]),
    ],
)
def test_names_are_completed_in_strings_and_options(kernel, cell, offered):
    kernel.run("client.definitions.put('known-one', 'true')")

    assert kernel.complete(cell) == offered


def test_strings_that_are_no_pql_are_left_alone(kernel):
    assert kernel.complete("print('homeA") == []


@pytest.fixture(scope="module")
def known(tmp_path_factory):
    files = samples.write(tmp_path_factory.mktemp("samples"), profiles=200)
    with sg.connect_local(
        profiles=files.profiles, events=files.events, segments={"us-gold": "true"}
    ) as client:
        yield vocabulary_of(client, {})


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        # Fields of the profile, and of what brackets are about.
        ("loyalty.ti", "loyalty.tier"),
        ("xEvent[eventT", "eventType"),
        ('xEvent[eventType = "a]" and commerce.order.pr', "commerce.order.priceTotal"),
        ('not (xEvent[eventType = "(" and commerce.order.pr', "commerce.order.priceTotal"),
        ("xEvent[productListItems[SK", "SKU"),
        ("xEvent[productListItems.exists(SK", "SKU"),
        ('xEvent[eventType = "a"].sum(commerce.order.pr', "commerce.order.priceTotal"),
        ("xEvent[true].head().eventT", "eventType"),
        ("chain(xEvent, timestamp, [C0: WHAT(eventT", "eventType"),
        ('xEvent[eventType = "a"].count() > 1 and loyalty.ti', "loyalty.tier"),
        ("`loyalty`.ti", "`loyalty`.tier"),
        # Functions, of what is before the dot.
        ("homeAddress.country.startsW", "homeAddress.country.startsWith("),
        ('xEvent[eventType = "a"].cou', "count("),
        ('xEvent[\n  eventType = "a"\n].cou', "count("),
        ("person.birthDate.getM", "person.birthDate.getMonth("),
        ('identityMap.get("ECID").cou', "count("),
        ("person.birthDate.getMonth() = currentM", "currentMonth("),
        # Words.
        ("true an", "and"),
        ("timestamp oc", "occurs"),
        ("chain(xEvent, timestamp, [C0: WH", "WHAT("),
        # Strings.
        ('inSegment("', "us-gold"),
        ('true and not inSegment( "us', "us-gold"),
        ('segmentMembership.get("ups").get("us', "us-gold"),
        ('segmentMembership.get("', "ups"),
        ('identityMap.get("EC', "ECID"),
        ('xEvent[identityMap.get("EC', "ECID"),
    ],
)
def test_what_goes_on_comes_first(known, text, offered):
    names = [name for name, _ in names_at(place_of(text), known)]

    assert names[0] == offered


@pytest.mark.parametrize(
    ("text", "never"),
    [
        ("", "eventType"),
        ("xEvent[", "loyalty.tier"),
        ("homeAddress.", "homeAddress.country.count("),
        ("homeAddress.country.", "homeAddress.country.count("),
        ("xEvent[true].", "startsWith("),
        ("xEvent[true].", "and"),
        ("true and ", "WHAT("),
        ('country = "', "loyalty.tier"),
        ('inSegment("', "ECID"),
    ],
)
def test_what_cannot_go_on_is_not_offered(known, text, never):
    assert never not in [name for name, _ in names_at(place_of(text), known)]


def test_odd_names_are_written_so_that_pql_takes_them():
    fields = Struct(
        {"odd name": STRING, "all": STRING, "no`pe": STRING, "a": Struct({"all": STRING})}
    )
    known = Vocabulary(schema=lambda: Schema(fields))

    offered = [name for name, kind in names_at(place_of(""), known) if kind == "field"]

    assert offered == ["`all`", "`odd name`", "a.all"]
    assert [parse(name) for name in offered]
    assert names_at(place_of("a.al"), known) == [("a.all", "field")]
    assert names_at(place_of("`od"), known) == [("`odd name`", "field")]


def test_what_is_offered_goes_on_from_what_is_typed(known):
    for text in ("xEvent[true].co", "homeAddress.co", 'inSegment("us', "not lo"):
        place = place_of(text)

        names = [name for name, _ in names_at(place, known)]

        assert names
        assert all(name.startswith(place.typed) for name in names)


def test_fields_come_before_functions_and_words(known):
    kinds = [kind for _, kind in names_at(place_of(""), known)]

    assert kinds == sorted(kinds, key=["field", "function", "keyword"].index)


def test_on_the_remote_road_nobody_is_asked():
    service = FakeService()
    variables = {
        "gold": SegmentDefinition(
            id="gold-1", name="gold", expression=Expression(value="a")
        ),
        "found": (
            SegmentDefinition(id="us-1", name="us", expression=Expression(value="a")),
        ),
    }

    known = vocabulary_of(connected(service), variables)

    assert known.segments() == ("gold-1", "us-1")
    assert ("startsWith(", "function") in names_at(place_of("(a).starts"), known)
    assert "ECID" in known.namespaces()
    assert service.calls == []


def test_nothing_is_known_of_a_client_that_is_closed(kernel):
    kernel.run("gone = sg.connect_local(profiles=PEOPLE); gone.close()")

    assert kernel.complete("%%pql --client gone\ninSeg") == ["inSegment("]
    assert kernel.complete('%%pql --client gone\ninSegment("') == [""]


def test_options_that_are_completed_are_those_that_are_read():
    line = "x --client c --by namespace --save --as-of 2026-01-01 --budget 5"

    assert set(FLAGS) == {word for word in line.split() if word.startswith("--")}
    assert None not in astuple(read_options(line))


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
