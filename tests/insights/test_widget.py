"""The widget's function: what it answers to what CloudWatch asks, whatever the journeys are called."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from hypothesis import given, settings
from hypothesis import strategies as st

from choreography_insights.console.markup import marked_up
from choreography_insights.console.sanitising import sanitised
from choreography_insights.insights import widget
from choreography_insights.insights.actions import parameters
from choreography_insights.insights.asked import VIEWS, read
from choreography_insights.insights.log import logger
from choreography_insights.insights.widget import DOCUMENTATION, MOST_BYTES
from choreography_insights.report.gathering import Gathered
from choreography_insights.views.known import JourneyRow, Period
from choreography_insights.views.layout_file import UnknownFormError
from choreography_insights.views.links import (
    ToDeviations,
    ToJourney,
    ToJourneys,
    ToMap,
    ToOverview,
    ToState,
)
from choreography_insights.views.parts import PAINTINGS
from insights.made import ARN, CONTEXT, NAME, Made, answer, cars, changed
from support.exploring import times
from support.reported import HOSTILE
from support.seen import seen

_ACTION = re.compile(
    r"<a [^>]*>(?:(?!</a>).)*</a><cwdb-action action=\"call\" endpoint=\"([^\"]*)\">([^<>&]*)</cwdb-action>"
)


def context(**told: Any) -> dict[str, Any]:
    return {"widgetContext": {"forms": {"all": {}}, **told}}


def searching(entity: str) -> dict[str, Any]:
    return {"view": "find", **context(forms={"all": {"entity": entity}})}


def every_view(found: Gathered) -> Iterator[dict[str, Any]]:
    """Yield a call for each view of all that was found."""
    yield {"view": "overview"}
    for painting, _, _ in PAINTINGS:
        yield {"view": "map", "choreography": NAME, "painting": painting}
    for box, _ in found.known.layout.boxes:
        yield {"view": "state", "choreography": NAME, "state": box.name}
    for journey in found.journeys[:3]:
        yield {"view": "journey", "choreography": NAME, "journey": journey.key}
    yield {"view": "journeys", "choreography": NAME}
    yield {"view": "deviations", "choreography": NAME}
    yield searching("<nobody>")
    yield searching(found.rows[0].entity)
    yield {"view": "map", "choreography": "<unknown>"}
    yield {"view": "<unknown>"}


def called(html: str) -> list[dict[str, Any]]:
    """What the actions in *html* call the function with."""
    return [json.loads(text) for _, text in _ACTION.findall(html)]


def assert_nothing_is_stripped(html: str) -> None:
    """The sanitiser changes nothing, and the console finds nothing that CloudWatch would not do."""
    assert seen(sanitised(html)).met == seen(html).met
    assert marked_up(html, lambda _: "/", is_ours=lambda arn: arn == ARN).problems == []


def test_every_view_passes_the_sanitiser_unchanged() -> None:
    for event in every_view(cars()):
        assert_nothing_is_stripped(answer({**event, **context(theme="dark"), **event}))


_NAMES = st.text(min_size=1, max_size=40) | st.sampled_from(HOSTILE)


@settings(max_examples=times(6))
@given(entity=_NAMES, state=_NAMES, event=_NAMES)
def test_whatever_an_entity_a_state_and_an_event_are_called_nothing_is_stripped(
    entity: str, state: str, event: str
) -> None:
    names = {HOSTILE[0]: entity, "OnSale": state, "Car Reserved": event, "Car Sold": event}
    found = changed(cars(8, tuple(HOSTILE[:1])), lambda _, text: names.get(text, text))
    for one in every_view(found):
        assert_nothing_is_stripped(answer(one, found))


def test_every_link_is_an_action_of_this_function_that_leads_to_a_view() -> None:
    places = set()
    for event in every_view(cars()):
        html = answer(event)
        found = _ACTION.findall(html)
        assert len(found) == html.count("<cwdb-action") == html.count('<a role="link"') + html.count("<form")
        assert {arn for arn, _ in found} <= {ARN}
        places |= {text for _, text in found}
    assert {json.loads(place)["view"] for place in places} == {*VIEWS}
    for place in places:
        assert "No such" not in answer(json.loads(place))


@pytest.mark.parametrize(
    "place",
    [
        ToOverview(),
        ToMap(NAME, "taken"),
        ToState(NAME, "On<Sale>"),
        ToJourney(NAME, HOSTILE[0]),
        ToJourneys(NAME),
        ToDeviations(NAME),
    ],
)
def test_a_place_is_read_from_what_its_link_calls_with(place: Any) -> None:
    told = read(parameters(place), 0.0)
    for name, field in (("choreography", "choreography"), ("state", "state"), ("key", "journey")):
        assert getattr(told, field) == getattr(place, name, "")
    assert told.painting == getattr(place, "painting", "waiting")
    assert told.view in type(place).__name__.lower()


def test_a_hostile_id_leads_to_its_journey() -> None:
    for entity in HOSTILE:
        html = answer({"view": "journey", "choreography": NAME, "journey": entity})
        assert "Journey of" in html
        assert "<img" not in html
        assert "<script" not in html


def test_the_map_is_painted_as_asked() -> None:
    for painting, title, _ in PAINTINGS:
        html = answer({"view": "map", "choreography": NAME, "painting": painting})
        assert f'aria-current="page">{title}</a>' in html.replace(' class="ci-tab"', "")
    assert "ci-paint-waiting" in answer({"view": "map", "choreography": NAME, "painting": "<blue>"})


def test_ids_of_two_widgets_on_a_dashboard_differ() -> None:
    ids = [
        {*re.findall(r' id="([^"]*)"', answer({"view": "map", "choreography": NAME, **context(widgetId=name)}))}
        for name in ("widget-1", "widget-2")
    ]
    assert len(ids[0]) == len(ids[1]) > 0
    assert ids[0].isdisjoint(ids[1])


def test_theme_and_width_are_the_widgets() -> None:
    wide_and_light, narrow_and_dark = (
        re.findall(r'<div class="(ci-root [^"]*)"', answer(context(theme=theme, width=width)))
        for theme, width in (("light", 1_400), ("dark", 588))
    )
    assert wide_and_light == ["ci-root ci-light ci-widget cwdb-no-default-styles"]
    assert narrow_and_dark == ["ci-root ci-dark ci-widget cwdb-no-default-styles ci-narrow"]


def test_it_says_what_it_is_for() -> None:
    assert answer({"describe": True}) == DOCUMENTATION
    for view in VIEWS[:-1]:
        assert f"`{view}`" in DOCUMENTATION
    for painting, _, _ in PAINTINGS:
        assert f"`{painting}`" in DOCUMENTATION


def test_the_one_journey_that_is_found_is_shown_at_once() -> None:
    assert "Journey of" in answer(searching("car-0000"))
    assert "Journey of" in answer(searching(" car-0000\n"))


class Twice(Made):
    """Finds each entity in two choreographies."""

    def find(self, entity: str) -> Sequence[tuple[str, JourneyRow]]:
        return [*super().find(entity), *[("invoices", row) for _, row in super().find(entity)]]


def test_of_several_journeys_that_are_found_each_leads_on() -> None:
    html = answer(searching(HOSTILE[0]), reading=Twice)
    journeys = [asked for asked in called(html) if asked["view"] == "journey"]
    assert [(asked["choreography"], asked["journey"]) for asked in journeys] == [
        (NAME, HOSTILE[0]),
        ("invoices", HOSTILE[0]),
    ]
    assert "In 2 choreographies" in html


def test_where_none_is_found_it_says_what_to_do_and_keeps_what_was_typed() -> None:
    html = answer(searching('my "order"'))
    assert "No choreography has a journey of this entity." in html
    assert 'value="my &quot;order&quot;"' in html
    assert "Type the id of an entity" in answer(searching(""))
    assert "No choreography has a journey" in answer({"view": "journey", "choreography": NAME, "journey": "gone"})


class Ended(Made):
    """Knows of no journey that waits or departed."""

    def journeys(self, name: str, period: Period) -> Sequence[JourneyRow]:
        return []


def test_where_all_have_ended_the_list_says_how_one_is_found() -> None:
    html = answer({"view": "journeys", "choreography": NAME}, reading=Ended)
    assert "No journey waits, and none departed in this time." in html
    assert "There is no journey to show." not in html


def test_an_unknown_choreography_leads_to_those_that_there_are() -> None:
    for view in ("map", "state", "journey", "journeys", "deviations"):
        html = answer({"view": view, "choreography": "ordr"})
        assert "No choreography ordr is deployed here. Choose one of these:" in html
        assert {"view": "map", "choreography": NAME, "painting": "waiting"} in called(html)
    assert "parameter choreography is missing" in answer({"view": "map"})


class Failing(Made):
    """Cannot read, as *error* says."""

    error: Exception = RuntimeError("of car-0003")

    def overview(self, period: Period) -> Any:
        raise self.error


def refusal(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "about car-0003"}}, "Query")


@pytest.mark.parametrize(
    ("error", "told", "logged"),
    [
        (refusal("ThrottlingException"), "Wait a little", "AWS answered ThrottlingException to Query"),
        (refusal("AccessDeniedException"), "role may not read", "AWS answered AccessDeniedException to Query"),
        (refusal("ResourceNotFoundException"), "no table", "AWS answered ResourceNotFoundException to Query"),
        (refusal("ValidationException"), "the log says", "AWS answered ValidationException to Query"),
        (EndpointConnectionError(endpoint_url="https://x"), "the log says", "EndpointConnectionError"),
        (UnknownFormError("form 2"), "the same version", "UnknownFormError"),
        (KeyError("car-0003"), "please report it", "KeyError"),
    ],
)
def test_what_goes_wrong_is_told_with_what_to_do_and_where_the_log_is(
    error: Exception, told: str, logged: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines: list[Mapping[str, Any]] = []
    monkeypatch.setattr(logger, "error", lambda _, **fields: lines.append(fields))
    monkeypatch.setattr(Failing, "error", error)
    html = answer({}, reading=Failing)
    assert told in html
    assert "1-request" in html
    assert CONTEXT.log_group_name in html
    assert "Traceback" not in html
    assert_nothing_is_stripped(html)
    ((line),) = lines
    assert line["reason"] == logged
    assert "made.py" not in str(line["places"][-1])
    assert "car-0003" not in str(line) + html


def test_what_is_too_large_for_lambda_is_not_answered_but_what_leads_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(widget, "MOST_BYTES", 20_000)
    html = answer({})
    assert "There is more to show than fits into an answer." in html
    assert [one["view"] for one in called(html)] == ["overview", "find", "map"]
    assert MOST_BYTES < 6_291_556
