"""The dashboard shows metrics that exist, all that the functions write, and each number with its unit."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from benchmarks import prices
from devtools.planned import Resources
from observability.emitted import Written
from observability.metrics import NAMES, NAMESPACE, exists

Widget = dict[str, Any]
_SEARCH = re.compile(
    r"""SEARCH\('\{"?(?P<namespace>[^",]+)"?,(?P<dimensions>[^}]+)\} (?P<by>\w+)=(?P<value>\S+) """
    r"""MetricName="(?P<metric>[^"]+)"', '(?P<stat>[^']+)', (?P<period>\d+)\)"""
)
#: Ours that Step Functions counts as well, by state machine and for nothing: what it counts is shown.
_COUNTED_BY_AWS = {"JourneyDuration"}
_PERCENTILES = {"p50", "p95", "p99"}


@pytest.fixture(scope="session")
def widgets(detailed: Resources) -> list[Widget]:
    """Those of each level of detail."""
    found: list[Widget] = json.loads(detailed["aws_cloudwatch_dashboard.this"]["dashboard_body"])["widgets"]
    return found


@pytest.fixture(scope="session")
def detail(detailed: Resources) -> str:
    """How fine the metrics are."""
    (variables,) = detailed['aws_lambda_function.this["resume"]']["environment"]
    found: str = variables["variables"]["METRICS_DETAIL"]
    return found


@pytest.fixture(scope="session")
def graphs(widgets: list[Widget]) -> dict[str, Widget]:
    """The properties of each graph, by title."""
    return {widget["properties"]["title"]: widget["properties"] for widget in widgets if widget["type"] == "metric"}


def plain(graph: Widget) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Namespace, name and dimensions of each metric that a graph names."""
    for row in graph["metrics"]:
        texts = [cell for cell in row if isinstance(cell, str)]
        if texts:
            yield texts[0], texts[1], dict(zip(texts[2::2], texts[3::2], strict=True))


def options(graph: Widget) -> list[dict[str, Any]]:
    """What is said of each line of a graph."""
    return [row[-1] if isinstance(row[-1], dict) else {} for row in graph["metrics"]]


def searches(graph: Widget) -> list[re.Match[str]]:
    found = [re.search(_SEARCH, one["expression"]) for one in options(graph) if "SEARCH" in one.get("expression", "")]
    assert None not in found, "a search that this test cannot read"
    return [one for one in found if one]


def test_every_metric_on_the_dashboard_is_one_that_somebody_writes(
    graphs: dict[str, Widget], functions: Written
) -> None:
    named = {(title, *one) for title, graph in graphs.items() for one in _flat(plain(graph))}
    unknown = [one for one in named if not exists(one[1], one[2], tuple(name for name, _ in one[3]), functions)]
    assert unknown == []
    assert len(named) > 50


def _flat(metrics: Iterator[tuple[str, str, dict[str, str]]]) -> Iterator[tuple[str, str, tuple[tuple[str, str], ...]]]:
    for namespace, metric, dimensions in metrics:
        yield namespace, metric, tuple(sorted(dimensions.items()))


def test_every_search_finds_metrics_that_somebody_writes(graphs: dict[str, Widget], functions: Written) -> None:
    found = [one for graph in graphs.values() for one in searches(graph)]
    assert [
        one[0]
        for one in found
        if not exists(one["namespace"], one["metric"], tuple(one["dimensions"].split(",")), functions)
    ] == []
    wanted = {(one["by"], one["value"]) for one in found}
    assert wanted <= {("service", '"shop"'), ("EventBusName", '"shop"'), ("StateMachineArn", "shop")}


def test_metrics_are_searched_for_as_fine_as_the_functions_write_them(graphs: dict[str, Widget], detail: str) -> None:
    found = {one["dimensions"] for graph in graphs.values() for one in searches(graph) if one["namespace"] == NAMESPACE}
    assert (
        found
        == {
            "summary": set(),
            "per_choreography": {"service,choreography"},
            "per_state": {"service,choreography", "service,choreography,state"},
        }[detail]
    )


def test_a_label_names_dimensions_that_its_search_has(graphs: dict[str, Widget]) -> None:
    for graph in graphs.values():
        for line in options(graph):
            wanted = set(re.findall(r"PROP\('Dim\.(\w+)'\)", line.get("label", "")))
            found = re.search(_SEARCH, line.get("expression", ""))
            assert wanted <= set(found["dimensions"].split(",") if found else ()), line


def test_every_metric_names_something_that_the_module_makes(graphs: dict[str, Widget]) -> None:
    values = {pair for graph in graphs.values() for _, _, dimensions in plain(graph) for pair in dimensions.items()}
    assert [pair for pair in values if pair[1] not in NAMES[pair[0]]] == []


def test_every_metric_of_the_functions_is_on_the_dashboard_at_its_level_of_detail(
    graphs: dict[str, Widget], functions: Written, detail: str
) -> None:
    named = {name for graph in graphs.values() for namespace, name, _ in plain(graph) if namespace == NAMESPACE}
    named |= {one["metric"] for graph in graphs.values() for one in searches(graph)}
    levels = {"summary": 1, "per_choreography": 2, "per_state": 3}
    written = {name for name, _, dimensions in functions.metrics if len(dimensions) <= levels[detail]}
    assert named & {name for name, _, _ in functions.metrics} == written - _COUNTED_BY_AWS


def test_times_are_shown_as_half_most_and_nearly_all(graphs: dict[str, Widget], detail: str) -> None:
    shown = [(one["metric"], one["stat"]) for graph in graphs.values() for one in searches(graph)]
    for metric in ("ExecutionTime", *(["TimeInState"] if detail == "per_state" else [])):
        assert {stat for name, stat in shown if name == metric} == _PERCENTILES
    assert {line.get("stat") for line in options(graphs["Duration of function invocations"])} == _PERCENTILES


def test_every_expression_reckons_with_lines_of_its_own_graph(graphs: dict[str, Widget]) -> None:
    for title, graph in graphs.items():
        ids = {line["id"] for line in options(graph) if "id" in line}
        for line in options(graph):
            expression = re.sub(r"SEARCH\(.*?\)|'[^']*'", "", line.get("expression", ""))
            assert set(re.findall(r"[a-z][a-z0-9_]*", expression)) <= ids, title


def test_every_graph_has_a_title_a_unit_and_at_least_one_line_to_see(graphs: dict[str, Widget]) -> None:
    for title, graph in graphs.items():
        assert re.fullmatch(r"[A-Z][\w,:%'() ]+", title), title
        assert re.fullmatch(r"[a-z ]+", graph["yAxis"]["left"]["label"]), title
        assert any(line.get("visible", True) for line in options(graph)), title
        labels = [line.get("label", "") for line in options(graph) if line.get("visible", True)]
        assert all(labels), title
        assert len(set(labels)) == len(labels), title


def test_no_two_widgets_are_in_one_place_and_none_is_outside_the_24_columns(widgets: list[Widget]) -> None:
    taken = [
        (x, y)
        for one in widgets
        for x in range(one["x"], one["x"] + one["width"])
        for y in range(one["y"], one["y"] + one["height"])
    ]
    assert len(taken) == len(set(taken))
    assert {x for x, _ in taken} == set(range(24))


def test_all_alarms_are_on_the_dashboard(widgets: list[Widget], detailed: Resources) -> None:
    (shown,) = (one["properties"]["alarms"] for one in widgets if one["type"] == "alarm")
    names = {
        one["alarm_name"] for address, one in detailed.items() if address.startswith("aws_cloudwatch_metric_alarm")
    }
    assert set(shown) == {f"arn:aws:cloudwatch:eu-west-1:111122223333:alarm:{name}" for name in names}


# ---- the estimate of costs --------


def evaluated(graph: Widget, counted: dict[str, float]) -> dict[str, float]:
    """The estimate for each service, reckoned as CloudWatch does."""
    found = {}
    for line in options(graph):
        expression = line.get("expression", "")
        if line["id"] != "all" and expression:
            text = re.sub(r"FILL\((\w+), 0\)", lambda m: repr(counted.get(m[1], 0)), expression)
            assert re.fullmatch(r"[-+*/(). e\d]+", text), text
            found[line["id"]] = eval(text)  # noqa: S307 - numbers and signs only, as just asserted
    return found


def test_the_estimate_of_costs_is_what_the_figures_say(graphs: dict[str, Widget]) -> None:
    counted = {
        "started": 1e6, "delivered": 3e6, "succeeded": 1e6,
        "start_queue_sent": 1e6, "event_queue_sent": 4e6,
        "start_calls": 1e6, "resume_calls": 4e6, "start_time": 60e6, "resume_time": 240e6,
        "writes": 23.2e6, "reads": 8e6,
    }  # fmt: skip
    estimate = evaluated(graphs["Cost, by service: an estimate"], counted)
    assert {service: round(dollars, 2) for service, dollars in estimate.items()} == {
        "step_functions": 145.0,
        "dynamodb": 15.5,
        "sqs": 6.0,
        "lambda": 3.0,
        "eventbridge": 1.0,
    }


def test_the_prices_are_those_of_the_figures(graphs: dict[str, Widget]) -> None:
    graph = graphs["Cost, by service: an estimate"]
    for counted, dollars in {
        "started": prices.TRANSITION,
        "writes": prices.WRITE_UNIT,
        "reads": prices.READ_UNIT,
        "event_queue_idle": prices.QUEUE_REQUEST,
        "deviations": prices.CUSTOM_EVENT,
        "resume_calls": prices.INVOCATION,
        "resume_time": prices.GIGABYTE_SECOND_ARM * 0.5 / 1000,
        "insights_time": prices.GIGABYTE_SECOND_ARM * 1769 / 1024 / 1000,
    }.items():
        assert sum(evaluated(graph, {counted: 1}).values()) == pytest.approx(dollars), counted


def test_the_cost_of_the_time_shown_is_the_sum_of_all_services(graphs: dict[str, Widget]) -> None:
    graph = graphs["Cost of the time shown: an estimate"]
    (whole,) = (line["expression"] for line in options(graph) if line.get("id") == "all")
    assert sorted(whole.split(" + ")) == sorted(evaluated(graph, {}))
    assert graph["setPeriodToTimeRange"] is True
