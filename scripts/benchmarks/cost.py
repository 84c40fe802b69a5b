"""What a million journeys cost, service by service; what orders cost elsewhere; and what a month costs."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks import prices
from benchmarks.alternatives import bare_order, sample_order
from benchmarks.example_journeys import Series
from benchmarks.logs import SETTINGS, captured
from benchmarks.metering import Meter
from benchmarks.transitions import EXAMPLES, JOURNEYS, CountingAws, play
from benchmarks.workloads import SWEEP
from devtools.places import ROOT
from documents.markdown import figures
from fake_aws.attribute_values import item_size

#: As the modules deploy the functions.
_GIGABYTES = 0.5
#: Sent, received, deleted: one message at a time, the dearest case. A full batch of ten needs a tenth of the last two.
_REQUESTS_PER_MESSAGE = 3
#: DynamoDB keeps so much beside each row.
_ROW_OVERHEAD_BYTES = 100
_DAYS_A_ROW_LIVES, _DAYS_A_MONTH = 45, 30
#: Lambda waits for messages with five long polls at a time, of 20 s, on each of two queues.
_IDLE_POLLS_A_MONTH = 2 * 5 * prices.MONTH_SECONDS / 20

ORDER = "order completed"


@dataclass(frozen=True, slots=True)
class Bill:
    """What a million journeys of a kind cost, in dollars by service; and the bytes that one leaves in the table."""

    dollars: Mapping[str, float]
    table_bytes: int
    log_bytes: int
    invocations: int

    @property
    def total(self) -> float:
        """All of it."""
        return sum(self.dollars.values())


def measure() -> str:
    """Play each journey, in order and undisturbed, and count."""
    bills = {name: bill(journey) for name, (journey, _) in JOURNEYS.items()}
    return figures(
        ("journey", *bills[ORDER].dollars, "all", "of a million events"),
        [
            (name, *map(dollars, (*one.dollars.values(), one.total, one.total / len(JOURNEYS[name][0].events))))
            for name, one in bills.items()
        ],
    )


def bill(journey: Series) -> Bill:
    """Of a million such journeys, with metrics as fine as they are by default."""
    aws = CountingAws(*EXAMPLES, quiet=False, watching=True, settings=SETTINGS)
    meter = Meter.put_into(aws)
    with captured() as written:
        play(journey, aws)
    log_bytes = written.bytes_of(aws.invocations)
    each = {
        "Step Functions": len(aws.executions[0].path()) * prices.TRANSITION,
        "DynamoDB": meter.units["reads"] * prices.READ_UNIT + meter.write_units * prices.WRITE_UNIT,
        **_functions(aws),
        "CloudWatch Logs": log_bytes / prices.GIGABYTE * prices.LOG_GIGABYTE,
    }
    rows = [row for partition in aws.table.partitions.values() for row in partition.values()]
    table_bytes = sum(item_size(row) + _ROW_OVERHEAD_BYTES for row in rows)
    return Bill(
        {service: price * prices.MILLION for service, price in each.items()}, table_bytes, log_bytes, aws.invocations
    )


def _functions(aws: CountingAws) -> dict[str, float]:
    """What the functions' messages, reports and invocations cost."""
    return {
        "SQS": sum(queue.sent for queue in aws.queues.values()) * _REQUESTS_PER_MESSAGE * prices.QUEUE_REQUEST,
        "EventBridge": len(aws.reports) * prices.CUSTOM_EVENT,
        "Lambda": prices.of_functions(aws.invocations, len(aws.keeper.calls), _GIGABYTES, prices.GIGABYTE_SECOND_ARM),
    }


def beside_others() -> str:
    """An order here and elsewhere."""
    order, sample_transitions = JOURNEYS[ORDER]
    names = [name for name, _ in order.events]
    columns = {
        "here": bill(order).dollars,
        "the original sample": sample_order(sample_transitions, names),
        "bare Lambda and DynamoDB": bare_order(names),
    }
    services = [*columns["here"], "X-Ray"]
    return figures(
        ("service", *columns),
        [
            *((service, *(dollars(column.get(service, 0.0)) for column in columns.values())) for service in services),
            ("all", *(dollars(sum(column.values())) for column in columns.values())),
        ],
    )


def month() -> str:
    """What has to be paid each month, whatever happens."""
    order = bill(JOURNEYS[ORDER][0])
    stored = order.table_bytes * prices.MILLION * _DAYS_A_ROW_LIVES / _DAYS_A_MONTH / prices.GIGABYTE
    alarms = number_of_alarms()
    rows = [
        (f"{alarms} alarms of `modules/insights`", f"${prices.ALARM_MONTH:.2f} each", alarms * prices.ALARM_MONTH),
        ("three alarms of a choreography with `alarm_topic_arn`", "", 3 * prices.ALARM_MONTH),
        ("the dashboard", "an account's first three are free", prices.DASHBOARD_MONTH),
        (
            "waiting for messages on two queues",
            "five long polls of 20 s at a time on each, if nothing comes",
            _IDLE_POLLS_A_MONTH * prices.QUEUE_REQUEST,
        ),
        _regular_look("the watch for overdue journeys, every 5 minutes", '{"watch":"overdue"}', 300),
        _regular_look("the sweep of what is due, every minute", SWEEP, 60),
        (
            "the table after a million orders a month",
            f"{stored:.1f} GB in {_DAYS_A_ROW_LIVES} days, $0.25 each",
            stored * prices.TABLE_GIGABYTE_MONTH,
        ),
        ("its point-in-time recovery", "$0.20 each GB", stored * prices.BACKUP_GIGABYTE_MONTH),
    ]
    return figures(("", "how much", "a month"), [(name, how, dollars(price)) for name, how, price in rows])


def number_of_alarms() -> int:
    """Each alarm has a runbook in docs/operations-and-design/operations.md, a section of its name."""
    text = (ROOT / "docs" / "operations-and-design" / "operations.md").read_text(encoding="utf-8")
    runbooks = text.split("\n## Runbooks\n", 1)[1].split("\n## ", 1)[0]
    return len(re.findall(r"^### ", runbooks, re.MULTILINE))


def _regular_look(name: str, body: str, seconds: float) -> tuple[str, str, float]:
    """What a schedule's message costs a month that finds nothing to do, and is sent so often."""
    aws = CountingAws(watching=True)
    meter = Meter.put_into(aws)
    aws.queues["event"].send(body)
    aws.settle()
    units = meter.units["reads"]
    price = units * prices.READ_UNIT + sum(_functions(aws).values())
    return name, f"{units:g} read units each time, if nothing is due", price * prices.MONTH_SECONDS / seconds


def dollars(amount: float) -> str:
    """As the tables show it; nothing is a dash."""
    return f"${amount:,.2f}" if amount else "-"
