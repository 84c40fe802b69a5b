"""Links of a CloudWatch custom widget: an element, and behind it the action that calls the function again.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/add_custom_widget_dashboard_interactivity.html
"""

from collections.abc import Mapping
from dataclasses import dataclass

from choreography_insights.views.html import Attribute, Content, Html, element, joined, json_text
from choreography_insights.views.links import (
    Place,
    ToDeviations,
    ToJourney,
    ToJourneys,
    ToMap,
    ToOverview,
    ToState,
)

SEARCHED = "entity"
"""The name of the field that holds the id of an entity that is looked for."""


@dataclass(frozen=True, slots=True)
class Actions:
    """Links that call the function at *endpoint*, its ARN. *sought*: what the field is filled with."""

    endpoint: str
    sought: str = ""

    def to(self, place: Place, *content: Content, **attributes: Attribute) -> Html:
        """Return a link to *place*."""
        # Without an address it would be no link to a screen reader, and no stop of the tab key.
        link = element("a", *content, role="link", tabindex="0", **attributes)
        return joined(link, self._call(parameters(place)))

    def search(self) -> Html:
        """Return the field, and the button that looks for what is in it."""
        return element(
            "form",
            element(
                "input",
                name=SEARCHED,
                value=self.sought or None,
                placeholder="an entity's id",
                aria_label="Entity id",
                autocomplete="off",
                spellcheck="false",
                class_="ci-field",
            ),
            # Enter in the only field of a form sends it, and would leave the dashboard; of two fields it does not.
            element("input", hidden=True, disabled=True),
            element("a", "Find", role="button", tabindex="0", class_="ci-button"),
            self._call({"view": "find"}),
            class_="ci-search",
        )

    def _call(self, asked: Mapping[str, str]) -> Html:
        return element("cwdb-action", json_text(asked), action="call", endpoint=self.endpoint)


def parameters(place: Place) -> Mapping[str, str]:
    """Return the parameters of a call that shows *place*; `asked.read` reads them."""
    match place:
        case ToOverview():
            return {"view": "overview"}
        case ToMap(choreography=name, painting=painting):
            return {"view": "map", "choreography": name, "painting": painting}
        case ToState(choreography=name, state=state):
            return {"view": "state", "choreography": name, "state": state}
        case ToJourney(choreography=name, key=key):
            return {"view": "journey", "choreography": name, "journey": key}
        case ToJourneys(choreography=name):
            return {"view": "journeys", "choreography": name}
        case ToDeviations(choreography=name):
            return {"view": "deviations", "choreography": name}
