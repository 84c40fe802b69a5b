"""What `make demo KEEP=1` ends with."""

import os
import urllib.error
import urllib.request
import webbrowser
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import pytest

import demo
from demonstration.scenarios import Scenario, unfinished

_OUTPUTS = {"event_bus_name": "shop", "insights_function_name": "shop-insights"}


def test_the_console_of_the_demos_function_is_opened_and_its_address_printed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    environment = {"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_REGION": "eu-west-1"}
    for name in environment:
        monkeypatch.setenv(name, "")  # and put back what was there
    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", opened.append)
    seen: list[Mapping[str, Any]] = []

    def look() -> None:
        with pytest.raises(urllib.error.HTTPError) as answer, urllib.request.urlopen(opened[0]):  # noqa: S310 -- loopback
            pass  # it lets one in, whose cookie this is not
        answer.value.close()
        seen.append({"status": answer.value.code, "endpoint": os.environ["AWS_ENDPOINT_URL"]})

    monkeypatch.setattr(demo, "until_ended", look)
    demo._keep(SimpleNamespace(url="http://127.0.0.1:9", environment=environment), _OUTPUTS)  # type: ignore[arg-type]
    assert seen == [{"status": 403, "endpoint": "http://127.0.0.1:9"}]
    assert opened[0] in capsys.readouterr().out
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(opened[0])  # noqa: S310


def test_beginnings_of_a_scenario_are_of_entities_of_their_own_and_end_nowhere() -> None:
    events = [{"detailType": name, "detail": {"id": "car-1"}, "wait": "1"} for name in ("Announced", "Sold", "Paid")]
    begun = list(unfinished(Scenario("car", tuple(events), ())))
    assert [[event["detail"]["id"] for event in one.events] for one in begun] == [["car-1-1"], ["car-1-2", "car-1-2"]]
    assert [one.seconds for one in begun] == [1, 2]
