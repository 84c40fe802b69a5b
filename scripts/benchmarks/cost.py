"""What a million journeys cost, service by service; what orders cost elsewhere; and what a month costs."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks import metrics, prices
from benchmarks.alternatives import bare_order, sample_order
from benchmarks.example_journeys import Series
from benchmarks.logs import SETTINGS, captured
from benchmarks.metering import Meter
from benchmarks.sheet import Sheet
from benchmarks.transitions import JOURNEYS, CountingAws, played
from benchmarks.workloads import SWEEP, is_known
from devtools.places import ROOT
from fake_aws import FakeAws
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
ASSUMPTIONS = (
    f"Each message is taken to come alone, each AWS call to last {prices.SECONDS_PER_CALL * 1000:g} ms; in batches "
    "SQS, Lambda and the logs cost less."
)


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


def measure() -> list[Sheet]:
    """Play each journey, in order and undisturbed, and count."""
    bills = {name: bill(journey) for name, (journey, _) in JOURNEYS.items()}
    return [_journeys(bills), _beside(bills[ORDER]), _month(bills[ORDER]), metrics.sheet()]


# ---- a million journeys --------


def _journeys(bills: Mapping[str, Bill]) -> Sheet:
    services = next(iter(bills.values())).dollars
    return Sheet(
        "Cost of a million journeys",
        "Dollars for journeys whose events come in order: Step Functions standard $0.025 per 1,000 transitions; "
        "DynamoDB on demand $0.625 per million write units, $0.125 per million read units; SQS $0.40 per million "
        "requests; EventBridge $1 per million custom events (only our own: `Journey Ended`); Lambda on arm64 $0.20 per "
        f"million invocations and $0.0000133334 per GB-second, {_GIGABYTES * 1024:g} MB; CloudWatch Logs $0.50 per GB "
        f"(10⁹ bytes), Lambda's own three lines an invocation among them. {ASSUMPTIONS}",
        ("journey", *services, "all", "of a million events"),
        [
            (
                name,
                *map(dollars, one.dollars.values()),
                dollars(one.total),
                dollars(one.total / len(JOURNEYS[name][0].events)),
            )
            for name, one in bills.items()
        ],
        f"{prices.SOURCES} Left out: the services' own events, storage (see below), KMS, data transfer, cold starts, "
        "retries.",
    )


def bill(journey: Series) -> Bill:
    """Of a million such journeys, with metrics as fine as they are by default."""
    meters: list[Meter] = []

    def prepare(aws: FakeAws) -> None:
        meters.append(Meter.put_into(aws))

    with captured() as written:
        aws = played(journey, prepare, quiet=False, watching=True, settings=SETTINGS)
    log_bytes = written.bytes_of(aws.invocations)
    each = {
        "Step Functions": len(aws.executions[0].path()) * prices.TRANSITION,
        "DynamoDB": meters[0].units["reads"] * prices.READ_UNIT + meters[0].write_units * prices.WRITE_UNIT,
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


# ---- an order, here and elsewhere --------


def _beside(ours: Bill) -> Sheet:
    order, sample_transitions = JOURNEYS[ORDER]
    names = [name for name, _ in order.events]
    others = {
        "the original sample": sample_order(sample_transitions, names),
        "bare Lambda and DynamoDB": bare_order(names),
    }
    services = [*ours.dollars, "X-Ray"]
    columns = [ours.dollars, *others.values()]
    always = prices.MONTH_SECONDS * prices.TRACE
    traces = ours.invocations * prices.TRACED * prices.TRACE * prices.MILLION
    return Sheet(
        "Cost of a million orders, beside others",
        "An order that is placed, confirmed, accepted and delivered. *The original sample* is "
        "[AWS's CDK sample](https://github.com/aws-samples/aws-stepfunctions-choreography-monitoring), reckoned from "
        "its source: a standard state machine whose waits write the task token themselves, and a function of 128 MB "
        "that each rule calls directly; for each event it queries the table, taken on demand, and sends the answer; "
        "X-Ray is on. *Bare Lambda and DynamoDB* is the least that could record an order: a function for each event, "
        f"which adds a line to the order's row and logs one. {ASSUMPTIONS}",
        ("service", "here", *others),
        [
            *((service, *(dollars(column.get(service, 0.0)) for column in columns)) for service in services),
            ("all", *(dollars(sum(column.values())) for column in columns)),
        ],
        f"X-Ray is off here; on, it would be {dollars(traces)} (Lambda traces {prices.TRACED:.0%} of the requests) "
        f"and, for the one request a second that it always traces, at most {dollars(always)} a month. "
        "The sample takes what does not come once and in order for something else "
        "([verdicts](#verdicts-in-memory)): its price has neither queues nor anything that makes a journey right. The "
        "bare function tells what came, and nothing of what did not: it knows no order, no timeouts and no picture, "
        "and what comes twice is there twice.",
    )


# ---- a month --------


def _month(order: Bill) -> Sheet:
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
        *(
            (words, f"{units:g} read units each time, if nothing is due", price)
            for words, units, price in _regular_looks()
        ),
        (
            "the table after a million orders a month",
            f"{stored:.1f} GB in {_DAYS_A_ROW_LIVES} days, $0.25 each",
            stored * prices.TABLE_GIGABYTE_MONTH,
        ),
        ("its point-in-time recovery", "$0.20 each GB", stored * prices.BACKUP_GIGABYTE_MONTH),
    ]
    return Sheet(
        "Cost of a month, whatever happens",
        "Beside the custom metrics, which the next section has.",
        ("", "how much", "a month"),
        [(name, how, dollars(price)) for name, how, price in rows],
        "The log groups keep what is reckoned above for as long as `log_retention_days` says, at $0.03 a GB and month "
        f"of compressed text: of a million orders {order.log_bytes * prices.MILLION / prices.GIGABYTE:.1f} GB before "
        "that. A key of one's own: $1 a month, and $0.03 per 10,000 requests.",
    )


def number_of_alarms() -> int:
    """Each alarm has a runbook in docs/operations.md, a section of its name."""
    text = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    runbooks = text.split("\n## Runbooks\n", 1)[1].split("\n## ", 1)[0]
    return len(re.findall(r"^### ", runbooks, re.MULTILINE))


def _regular_looks() -> list[tuple[str, float, float]]:
    """What the schedules' words cost when there is nothing to do: words, read units each time, dollars a month."""
    looks = [
        ("the watch for overdue journeys, every 5 minutes", '{"watch":"overdue"}', 300),
        ("the sweep of what is due, every minute", SWEEP, 60),
    ]
    return [_look(words, body, seconds) for words, body, seconds in looks if is_known(body)]


def _look(words: str, body: str, seconds: float) -> tuple[str, float, float]:
    aws = CountingAws(watching=True)
    meter = Meter.put_into(aws)
    aws.queues["event"].send(body)
    aws.settle()
    units = meter.units["reads"]
    price = units * prices.READ_UNIT + sum(_functions(aws).values())
    return words, units, price * prices.MONTH_SECONDS / seconds


def dollars(amount: float) -> str:
    """As the tables show it; nothing is a dash."""
    return f"${amount:,.2f}" if amount else "-"
