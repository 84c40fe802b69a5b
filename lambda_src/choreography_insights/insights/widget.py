"""The function `insights`: a custom widget of CloudWatch that shows what is known of the journeys. It only reads.

What CloudWatch promises a widget is in docs/guide/console.md; what else the function takes and answers, in
docs/reference/interfaces.md.
"""

import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import boto3
from botocore.config import Config

from choreography_insights.insights import asked, trouble
from choreography_insights.insights.actions import Actions
from choreography_insights.insights.asked import Asked
from choreography_insights.insights.log import logger, places_of, reason_of
from choreography_insights.insights.reading import Reading
from choreography_insights.views.choreography_map import choreography_map
from choreography_insights.views.deviations import deviations_view
from choreography_insights.views.found import found_view, nothing_to_see
from choreography_insights.views.future import Future
from choreography_insights.views.html import Html, element, joined
from choreography_insights.views.journey import journey_view
from choreography_insights.views.journeys import journeys_view
from choreography_insights.views.known import ChoreographyKnown
from choreography_insights.views.links import Place, ToDeviations, ToJourneys, ToMap
from choreography_insights.views.overview import overview
from choreography_insights.views.parts import Viewer
from choreography_insights.views.state import state_view
from choreography_insights.views.style import NARROW, NARROW_WIDTH, WIDGET, sheet, themed
from choreography_insights.views.words import Clock, listed, visible

MOST_BYTES = 5_500_000
"""An answer may be so large, as JSON: Lambda takes 6 MB, and no page of CloudWatch names a limit of its own."""

DOCUMENTATION = """\
## Where journeys are

Shows the choreographies, their journeys, and what departed from them. It only reads.

Parameter | Description
---|---
**view** | `overview` (which is usual), `map`, `state`, `journey`, `journeys`, `deviations`
**choreography** | whose; for all views but the overview
**painting** | on the map: `waiting` (where journeys are), `time` (where time goes), `taken`, `departs`
**state** | the state's name, for the view `state`
**journey** | the entity's id, for the view `journey`

### Example parameters
``` yaml
view: map
choreography: order
painting: time
```
"""


Handler = Callable[[Mapping[str, Any], Any], str]


def make_handler(reads: Callable[[Clock], Reading], now: Callable[[], float] = time.time) -> Handler:
    """Return what Lambda calls. *reads*: what is known of the table, for somebody on whose clock it is now."""

    def handler(event: Mapping[str, Any], context: Any) -> str:
        if event.get("describe"):
            return DOCUMENTATION
        here = asked.read(event, now())
        viewer = Viewer(Clock(now(), here.zone), Actions(context.invoked_function_arn, here.entity))
        try:
            views = _Views(reads(viewer.clock), viewer, here)
            page = _page(views.shown(), here)
            return page if len(json.dumps(page)) <= MOST_BYTES else _page(views.too_large(), here)
        except Exception as error:  # noqa: BLE001 - whoever looks at a dashboard is helped by words, not by a failure
            logger.error(
                "a view could not be made",
                view=here.view if here.view in asked.VIEWS else "",
                reason=reason_of(error),
                places=places_of(error),
            )
            return _page(_failed(trouble.told(error), viewer, context), here)

    return handler


def _failed(what: str, viewer: Viewer, context: Any) -> Html:
    log = element(
        "p",
        "The line of its log: request ",
        element("span", context.aws_request_id, class_="ci-id"),
        " in the log group ",
        element("span", context.log_group_name, class_="ci-id"),
        ".",
        class_="ci-note",
    )
    return nothing_to_see("No view", what, viewer, log)


def _page(view: Html, here: Asked) -> str:
    # CloudWatch's own looks of links and tables are switched off by this class, wherever it is.
    classes = [WIDGET, "cwdb-no-default-styles", *([NARROW] if here.width <= NARROW_WIDTH else [])]
    return joined(sheet(), themed(here.theme, view, more=" ".join(classes))).text


@dataclass(frozen=True, slots=True)
class _Views:
    """All views of what *reads* knows."""

    reads: Reading
    viewer: Viewer
    here: Asked

    def shown(self) -> Html:
        """Return the view that is asked for."""
        here, viewer = self.here, self.viewer
        match here.view:
            case "overview":
                return overview(self.reads.overview(here.period), viewer)
            case "find":
                return self._found(here.entity)
            case "map":
                return self._of(
                    self.reads.choreography(here.choreography, here.period),
                    lambda known: choreography_map(known, here.painting, viewer, name=f"map-{here.widget}"),
                )
            case "state":
                return self._of(
                    self.reads.state(here.choreography, here.state, here.period),
                    lambda known: state_view(known, here.state, viewer),
                )
            case "journeys":
                return self._of(self.reads.choreography(here.choreography, here.period), self._journeys)
            case "deviations":
                return self._of(
                    self.reads.choreography(here.choreography, here.period),
                    lambda known: deviations_view(known, viewer),
                )
            case "journey":
                return self._journey(here.choreography, here.journey)
            case _:
                views = listed(asked.VIEWS[:-1])
                return nothing_to_see(
                    "No such view",
                    f"The widget's parameter view is {visible(here.view)}; it can be {views}.",
                    viewer,
                )

    def _of(self, known: ChoreographyKnown | None, view: Callable[[ChoreographyKnown], Html]) -> Html:
        return self._no_choreography() if known is None else joined(self._ways(known), view(known))

    def _ways(self, known: ChoreographyKnown) -> Html:
        """Return what leads to the other views of a choreography."""
        places: Sequence[tuple[Place, str, str]] = (
            (ToMap(known.name), "map", "Map"),
            (ToJourneys(known.name), "journeys", "Journeys"),
            (ToDeviations(known.name), "deviations", "What moved nothing"),
        )
        links = [
            self.viewer.links.to(
                place, words, class_="ci-link", aria_current="page" if view == self.here.view else None
            )
            for place, view, words in places
        ]
        return element("nav", links, aria_label="Views", class_="ci-views")

    def _no_choreography(self) -> Html:
        name = visible(self.here.choreography)
        what = (
            f"No choreography {name} is deployed here." if name else "The widget's parameter choreography is missing."
        )
        there = self._choices()
        remedy = " Choose one of these:" if there else " Deploy one with modules/choreography, and look here again."
        return nothing_to_see("No such choreography", what + remedy, self.viewer, there)

    def too_large(self) -> Html:
        """Return what leads to smaller views."""
        what = (
            "There is more to show than fits into an answer. Choose a shorter range of time, type an entity's id, or "
            "choose one of these choreographies:"
        )
        return nothing_to_see("Too much to show", what, self.viewer, self.viewer.links.search(), self._choices())

    def _choices(self) -> Html | None:
        """Return a list that leads to each choreography's map."""
        links = [
            self.viewer.links.to(ToMap(one.name), visible(one.name), class_="ci-link")
            for one in self.reads.choreographies()
        ]
        return element("ul", [element("li", link) for link in links], class_="ci-list") if links else None

    def _journeys(self, known: ChoreographyKnown) -> Html:
        rows = self.reads.journeys(known.name, self.here.period)
        note = "Those that wait longest, and those with the newest deviations. Any other is found by its entity's id."
        none = "No journey waits, and none departed in this time. One that has ended is found by its entity's id."
        return journeys_view(known, rows, self.viewer, note=note if rows else None, none=none)

    def _journey(self, name: str, entity: str) -> Html:
        known = self.reads.choreography(name, self.here.period)
        if known is None:
            return self._no_choreography()
        journey = self.reads.journey(name, entity)
        if journey is None:
            return found_view(entity, (), self.viewer)
        shown = journey_view(known, journey, self.viewer, Future(known), name=f"journey-{self.here.widget}")
        return joined(self._ways(known), shown)

    def _found(self, sought: str) -> Html:
        """Return the journey of the entity that is looked for; a list, where several choreographies have one."""
        entity, rows = sought, self.reads.find(sought) if sought else ()
        if not rows and (trimmed := sought.strip()) not in ("", sought):
            entity, rows = trimmed, self.reads.find(trimmed)
        if len(rows) == 1:
            ((name, row),) = rows
            there = replace(self.here, view="journey", choreography=name, journey=row.entity)
            return replace(self, here=there).shown()
        return found_view(entity, rows, self.viewer)


def _deployed() -> Callable[[Clock], Reading]:
    """Return what reads the table that the function's environment names."""
    table, machines = os.environ["JOURNEYS_TABLE"], os.environ.get("STATE_MACHINE_ARN_PREFIX")
    # Whoever looks waits: an answer that does not come soon is asked for again.
    config = Config(
        retries={"mode": "standard", "total_max_attempts": 3},
        max_pool_connections=25,
        connect_timeout=1,
        read_timeout=3,
    )
    client = boto3.client("dynamodb", config=config)
    return lambda clock: Reading(client, table, clock, machines)


_made = cache(lambda: make_handler(_deployed()))
if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:  # while a function starts, Lambda lends it more of a processor
    _made()


def handler(event: Mapping[str, Any], context: Any) -> str:
    """Answer CloudWatch, or the console."""
    return _made()(event, context)
