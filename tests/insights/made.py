"""A reading of made journeys, and the widget's function over it."""

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import fields, is_dataclass, replace
from functools import cache
from types import SimpleNamespace
from typing import Any, TypeVar

from choreography_insights.insights.assembling import Stored
from choreography_insights.insights.reading import Reading
from choreography_insights.insights.widget import make_handler
from choreography_insights.model.flow import flow_of
from choreography_insights.report.gathering import Gathered
from choreography_insights.views.known import ChoreographyKnown, JourneyKnown, JourneyRow, Period
from demonstration.cars import recorded
from support.definitions import EXAMPLES, read
from support.reported import HOSTILE, gathered

ARN = "arn:aws:lambda:eu-west-1:111122223333:function:shop-insights"
CONTEXT = SimpleNamespace(
    invoked_function_arn=ARN, aws_request_id="1-request", log_group_name="/aws/lambda/shop-insights"
)
CAR = next(folder for folder in EXAMPLES if folder.name == "car-dealer")
NAME = "car-dealer"

_Value = TypeVar("_Value")


class Made(Reading):
    """Reads what was gathered, which stands in the place of the client; a journey's key is its entity's id."""

    def choreographies(self) -> Sequence[Stored]:
        known = self._known
        flow = flow_of(read(CAR))
        return [Stored(known.name, known.description, flow.version, known.layout, flow)]

    def overview(self, period: Period) -> Sequence[ChoreographyKnown]:
        return [replace(self._known, period=period)]

    def choreography(self, name: str, period: Period) -> ChoreographyKnown | None:
        return replace(self._known, period=period) if name == self._known.name else None

    def state(self, name: str, state: str, period: Period) -> ChoreographyKnown | None:
        return self.choreography(name, period)

    def journeys(self, name: str, period: Period) -> Sequence[JourneyRow]:
        rows: Sequence[JourneyRow] = self.client.rows
        return rows

    def journey(self, name: str, entity: str) -> JourneyKnown | None:
        found = (one for one in self.client.journeys if (name, one.entity) == (self._known.name, entity))
        return next(found, None)

    def find(self, entity: str) -> Sequence[tuple[str, JourneyRow]]:
        return [(self._known.name, row) for row in self.client.rows if row.entity == entity]

    @property
    def _known(self) -> ChoreographyKnown:
        known: ChoreographyKnown = self.client.known
        return known


@cache
def cars(count: int = 60, entities: Sequence[str] = tuple(HOSTILE)) -> Gathered:
    """What is known of so many cars, and of *entities* that deviate; each key is the entity's id."""
    found = gathered(read(CAR), recorded(count, entities=entities))
    entity_of = {journey.key: journey.entity for journey in found.journeys}
    return changed(found, lambda name, value: entity_of.get(value, value) if name == "key" else value)


def now_of(found: Gathered) -> float:
    """When the last of it happened."""
    assert found.known.period
    return found.known.period.end


def answer(event: Mapping[str, Any], found: Gathered | None = None, reading: type[Reading] = Made) -> str:
    """What the function answers, when the last of what was *found* has just happened."""
    found = cars() if found is None else found
    return make_handler(lambda clock: reading(found, "journeys", clock), lambda: now_of(found))(event, CONTEXT)


def changed(value: _Value, change: Callable[[str, str], str]) -> _Value:
    """Return *value* with each text in it changed, by the name of the field that holds it and the text itself."""
    done: dict[int, Any] = {}

    def made(one: Any, name: str) -> Any:
        if isinstance(one, str):
            return change(name, one)
        if id(one) not in done:  # what was one stays one
            done[id(one)] = made_anew(one, name)
        return done[id(one)]

    def made_anew(one: Any, name: str) -> Any:
        if is_dataclass(one) and not isinstance(one, type):
            again = copy(one)  # `replace` would ask for an initialiser that takes each field
            for part in (part.name for part in fields(one) if part.init):
                object.__setattr__(again, part, made(getattr(one, part), part))
            return again
        if isinstance(one, tuple | list):
            return type(one)(made(part, name) for part in one)
        if isinstance(one, Mapping):
            return {made(key, name): made(part, name) for key, part in one.items()}
        return one

    result: _Value = made(value, "")
    return result
