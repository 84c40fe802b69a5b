"""The deployed policies against the calls that are really made: each is allowed, and nothing else is."""

import gzip
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from choreography_insights.insights.reading import Reading
from choreography_insights.insights.statistics import make_handler
from choreography_insights.views.known import Period
from choreography_insights.views.words import Clock
from console.live import CAR, played
from correlation.scenes import HOPELESS, RACES, SCENES
from devtools.places import ROOT
from fake_aws.gates import Gated
from insights.pictures import picture_row
from insights.store import Store
from permissions.deployment import Deployment, deployments
from permissions.requests import (
    BUS,
    KEY,
    TABLE,
    of_lambda,
    of_lambda_in_a_vpc,
    of_lambda_that_traces,
    of_services_that_encrypt,
    of_step_functions,
    queue,
    requests_of,
    rule,
    state_machine,
)
from support.iam import Request, deciding, is_allowed, like, listed, statements
from support.log import no_log

FUNCTIONS = ("start", "resume")
"""Those that correlate."""

#: AWS restricts these to no resource: no resource type stands beside them in
#: https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
UNRESTRICTABLE = {
    *(f"ec2:{name}" for name in ("DescribeNetworkInterfaces", "DescribeSubnets")),
    *(f"logs:{verb}LogDelivery" for verb in ("Create", "Delete", "Get", "Update")),
    *(f"logs:{name}" for name in ("DescribeLogGroups", "DescribeResourcePolicies")),
    *(f"logs:{name}" for name in ("ListLogDeliveries", "PutResourcePolicy")),
    *(f"xray:{name}" for name in ("GetSamplingRules", "GetSamplingTargets")),
    *(f"xray:{name}" for name in ("PutTelemetryRecords", "PutTraceSegments")),
}


@pytest.fixture(scope="module")
def deployed(shared: Path) -> dict[str, Deployment]:
    return deployments(shared)


@pytest.fixture(scope="module")
def one(deployed: dict[str, Deployment]) -> Deployment:
    return deployed["one_choreography"]


@pytest.fixture(scope="module")
def everything(deployed: dict[str, Deployment]) -> Deployment:
    return deployed["with_a_key_in_a_vpc_and_traced"]


@pytest.fixture(scope="module")
def made() -> dict[str, list[Request]]:
    """What each function asks of IAM in the scenes, which make every call that the functions can make.

    That they do is what tests/correlation/test_scenes_cover.py is about.
    """
    seen: dict[str, dict[str, Request]] = {function: {} for function in FUNCTIONS}
    plain = Gated.__getattr__

    def watched(client: Gated, operation: str) -> Any:
        method, function = plain(client, operation), client._gate.__self__.function  # type: ignore[attr-defined]

        def noted(**parameters: Any) -> Any:
            seen[function] |= {str(one): one for one in requests_of(client._service, operation, parameters)}
            return method(**parameters)

        client.__dict__[operation] = noted
        return noted

    with pytest.MonkeyPatch.context() as patch, no_log():
        patch.setattr(Gated, "__getattr__", watched)
        for scene in [*SCENES.values(), *HOPELESS.values(), *(scene for scene, _ in RACES.values())]:
            scene(None)
    return {function: list(requests.values()) for function, requests in seen.items()}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_call_of_a_function_is_allowed(one: Deployment, made: dict[str, list[Request]], function: str) -> None:
    policy = one.role_policy("module.insights", function)
    assert {request.action.partition(":")[0] for request in made[function]} >= {"dynamodb", "sqs", "states"}
    asked = [*made[function], *of_lambda(function)]
    assert [request for request in asked if not is_allowed(policy, request)] == []


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_is_allowed_nothing_that_is_not_called(
    everything: Deployment, made: dict[str, list[Request]], function: str
) -> None:
    policy = everything.role_policy("module.insights", function)
    services = [
        *of_lambda(function),
        *of_lambda_that_traces(),
        *of_lambda_in_a_vpc("444455556666"),
        *of_services_that_encrypt("dynamodb", "sqs", "states"),
    ]
    by_its_code = Request("ec2:DeleteNetworkInterface", "*", {"lambda:SourceFunctionArn": function_arn(function)})
    assert unused(policy, [*made[function], *services, by_its_code]) == set()


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("owner", ["111122223333", "444455556666"])
def test_lambda_may_connect_a_function_with_subnets_of_this_account_and_with_shared_ones(
    everything: Deployment, function: str, owner: str
) -> None:
    policy = everything.role_policy("module.insights", function)
    asked = list(of_lambda_in_a_vpc(owner))
    assert [request for request in asked if not is_allowed(policy, request)] == []


def function_arn(function: str) -> str:
    return f"arn:aws:lambda:eu-west-1:111122223333:function:tests-{function}"


def unused(policy: Mapping[str, Any], requests: list[Request]) -> set[str]:
    """Each action and resource of each statement that decides none of the requests."""
    idle = {f"{one['Sid']}: {part}" for one in statements(policy) for part in parts(one)}
    for request in requests:
        if statement := deciding(policy, request):
            used = (part for part in parts(statement) if like(part, request.action) or like(part, request.resource))
            idle -= {f"{statement['Sid']}: {part}" for part in used}
    return idle


def parts(statement: Mapping[str, Any]) -> Iterator[str]:
    # One call stands for what a statement takes away; what it gives is asked for action by action.
    if statement["Effect"] == "Allow":
        yield from listed(statement["Action"])
    yield from listed(statement["Resource"])


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_reaches_no_other_deployment(everything: Deployment, function: str) -> None:
    policy = everything.role_policy("module.insights", function)
    foreign = [
        Request("dynamodb:GetItem", f"{TABLE}-of-others"),
        Request("dynamodb:Scan", TABLE),
        Request("sqs:SendMessage", queue("start-of-others")),
        Request("sqs:SendMessage", queue("target-dead-letter")),
        Request("sqs:ReceiveMessage", queue("start" if function == "resume" else "event")),
        Request("states:StartExecution", state_machine("other-order")),
        Request("states:StartExecution", state_machine("tests_simulation")),
        Request("states:SendTaskSuccess", state_machine("other-order")),
        Request("states:StopExecution", f"{state_machine('tests-order')}:1".replace("stateMachine", "execution")),
        Request("events:PutEvents", BUS, {"events:source": "order"}),
        Request("events:PutEvents", f"{BUS}-of-others", {"events:source": "choreography.insights"}),
        Request("kms:Decrypt", KEY, {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}),
        Request("kms:Decrypt", KEY),
        Request("ec2:CreateNetworkInterface", "arn:aws:ec2:eu-west-1:444455556666:subnet/subnet-2"),
        Request("dynamodb:Query", f"{TABLE}-of-others"),
        *([Request(f"dynamodb:{name}", TABLE) for name in ("Query", "DeleteItem")] if function == "start" else []),
        Request("ec2:CreateNetworkInterface", "*", {"lambda:SourceFunctionArn": function_arn(function)}),
    ]
    assert [request for request in foreign if is_allowed(policy, request)] == []


@pytest.fixture(scope="module")
def read() -> list[Request]:
    """What the function that shows journeys asks of IAM for all its views."""
    aws, _ = played()
    rows = [dict(row) for items in aws.table.partitions.values() for row in items.values()]
    store, asked = Store([picture_row(CAR), *rows]), {}

    class Watched:
        def __getattr__(self, operation: str) -> Any:
            def noted(**parameters: Any) -> Any:
                asked.update({str(one): one for one in requests_of("dynamodb", operation, parameters)})
                return getattr(store, operation)(**parameters)

            return noted

    reading, period = Reading(Watched(), store.name, Clock(aws.clock.now)), Period(0, aws.clock.now)
    name = CAR.name.text
    reading.overview(period)
    reading.state(name, "InPreparation", period)
    reading.journeys(name, period)
    reading.journey(name, "car-6")
    reading.find("car-6")
    return [*asked.values()]


def test_what_shows_journeys_may_read_and_nothing_else(
    one: Deployment, everything: Deployment, read: list[Request]
) -> None:
    asked = [*read, *of_lambda("insights")]
    policy = one.role_policy("module.insights", "insights")
    assert [request for request in asked if not is_allowed(policy, request)] == []
    assert unused(policy, asked) == set()
    actions = {action for statement in statements(policy) for action in listed(statement["Action"])}
    assert {action for action in actions if not action.startswith("logs:")} == {
        "dynamodb:BatchGetItem",
        "dynamodb:GetItem",
        "dynamodb:Query",
    }
    services = [
        *of_lambda_that_traces(),
        *of_lambda_in_a_vpc("444455556666"),
        *of_services_that_encrypt("dynamodb"),
        Request("ec2:DeleteNetworkInterface", "*", {"lambda:SourceFunctionArn": function_arn("insights")}),
    ]
    assert unused(everything.role_policy("module.insights", "insights"), [*asked, *services]) == set()


def test_only_start_starts_and_only_resume_answers(one: Deployment) -> None:
    start, resume = (one.role_policy("module.insights", function) for function in FUNCTIONS)
    begin = Request("states:StartExecution", state_machine("tests-order"))
    answer = Request("states:SendTaskSuccess", state_machine("tests-order"))
    assert [is_allowed(start, begin), is_allowed(start, answer)] == [True, False]
    assert [is_allowed(resume, begin), is_allowed(resume, answer)] == [False, True]


class Asked:
    """Answers the statistics function as an empty table does, and writes down what each call asks of IAM."""

    def __init__(self, flow: str) -> None:
        self.requests: dict[str, Request] = {}
        row = {"version": {"S": "v"}, "picture": {"B": gzip.compress(flow.encode())}}
        self.rows = {"order": row, "order#u": {**row, "version": {"S": "u"}}}

    def get_item(self, *, Key: dict[str, Any], **parameters: Any) -> dict[str, Any]:
        self.note("get_item", parameters, Key)
        return {"Item": self.rows[Key["item"]["S"]]} if Key["item"]["S"] in self.rows else {}

    def query(self, *, ExpressionAttributeValues: dict[str, Any], **parameters: Any) -> dict[str, Any]:
        first, begin = ExpressionAttributeValues.values()
        self.note("query", parameters, {"journey": first})
        return {"Items": [row for item, row in self.rows.items() if item.startswith(begin["S"])]}

    def put_item(self, *, Item: dict[str, Any], **parameters: Any) -> None:
        self.note("put_item", parameters, Item)

    def note(self, operation: str, parameters: dict[str, Any], key: dict[str, Any]) -> None:
        for one in requests_of("dynamodb", operation, parameters):
            asked = Request(one.action, one.resource, {"dynamodb:LeadingKeys": (key["journey"]["S"],)})
            self.requests[str(asked)] = asked


@pytest.fixture(scope="module")
def counting() -> list[Request]:
    """What the statistics function asks of IAM, which makes each of its calls here."""
    asked = Asked((ROOT / "examples" / "order" / "order" / "picture.json").read_text(encoding="utf-8"))
    row = {"status": {"S": "FAILED"}, "execution": {"S": "1"}, "endedAt": {"N": "2"}, "startedAt": {"N": "1"}}
    changes = [
        ("#pictures", "order", {}, asked.rows["order"]),
        ("order#1", "JOURNEY", {**row, "status": {"S": "RUNNING"}}, row),
    ]
    records = [
        {
            "dynamodb": {
                "Keys": {"journey": {"S": journey}, "item": {"S": item}},
                "OldImage": old,
                "NewImage": new,
                "SequenceNumber": str(number),
            }
        }
        for number, (journey, item, old, new) in enumerate(changes)
    ]
    make_handler(asked, "journeys")({"Records": records, "shardId": "shardId-1"}, None)
    return list(asked.requests.values())


def test_every_call_of_the_statistics_function_is_allowed_and_nothing_else(
    everything: Deployment, counting: list[Request]
) -> None:
    policy = everything.role_policy("module.insights", "statistics")
    assert {request.action for request in counting} == {f"dynamodb:{name}" for name in ("GetItem", "Query", "PutItem")}
    services = [*of_lambda("statistics"), *of_lambda_that_traces(), *of_lambda_in_a_vpc("444455556666")]
    asked = [*counting, *services, *of_services_that_encrypt("dynamodb", "sqs")]
    assert [request for request in asked if not is_allowed(policy, request)] == []
    by_its_code = Request("ec2:DeleteNetworkInterface", "*", {"lambda:SourceFunctionArn": function_arn("statistics")})
    assert unused(policy, [*asked, by_its_code]) == set()


def test_the_statistics_function_changes_no_journey(one: Deployment) -> None:
    policy = one.role_policy("module.insights", "statistics")
    for partitions in [("order#1",), ("#counts#order", "order#1")]:
        assert not is_allowed(policy, Request("dynamodb:PutItem", TABLE, {"dynamodb:LeadingKeys": partitions}))
    for name in ("UpdateItem", "DeleteItem", "BatchWriteItem", "Scan"):
        assert not is_allowed(policy, Request(f"dynamodb:{name}", TABLE, {"dynamodb:LeadingKeys": ("#pictures",)}))
    assert not is_allowed(policy, Request("states:SendTaskSuccess", state_machine("tests-order")))


def test_a_journey_is_allowed_what_step_functions_does_for_it_and_nothing_more(everything: Deployment) -> None:
    policy = everything.role_policy('module.choreography["order"]')
    asked = [*of_step_functions("order#1"), *of_step_functions("order#a/b ü #*"), *of_services_that_encrypt("states")]
    assert [request for request in asked if not is_allowed(policy, request)] == []
    assert unused(policy, asked) == set()


def test_a_journey_writes_rows_of_its_own_choreography_only(one: Deployment) -> None:
    policy = one.role_policy('module.choreography["order"]')
    for journeys in [("order-2#1",), ("car#1",), ("order",), ("order#1", "car#1")]:
        assert not is_allowed(policy, Request("dynamodb:UpdateItem", TABLE, {"dynamodb:LeadingKeys": journeys}))
    own = {"dynamodb:LeadingKeys": ("order#1",)}
    assert not is_allowed(policy, Request("dynamodb:UpdateItem", f"{TABLE}-of-others", own))
    assert not is_allowed(policy, Request("dynamodb:DeleteItem", TABLE, own))


def test_the_simulation_publishes_as_its_sources_only(one: Deployment) -> None:
    policy = one.role_policy("module.simulation[0]")
    assert is_allowed(policy, Request("events:PutEvents", BUS, {"events:source": "order"}))
    assert not is_allowed(policy, Request("events:PutEvents", BUS, {"events:source": "car"}))


def test_nothing_is_allowed_on_everything_that_aws_can_restrict(everything: Deployment) -> None:
    policies = [one.document("policy") for one in everything.of("aws_iam_role_policy").values()]
    assert len(policies) == 6
    boundless = {
        action
        for policy in policies
        for statement in statements(policy)
        if statement["Effect"] == "Allow" and "*" in listed(statement["Resource"])
        for action in listed(statement["Action"])
    }
    assert boundless == UNRESTRICTABLE


def test_each_role_is_for_its_service_and_its_state_machine(one: Deployment) -> None:
    trusted = {
        role.values["name"]: [
            (statement["Principal"], statement.get("Condition"))
            for statement in statements(role.document("assume_role_policy"))
        ]
        for role in one.of("aws_iam_role").values()
    }
    step_functions = {"Service": "states.amazonaws.com"}
    assert trusted == {
        "tests-start": [({"Service": "lambda.amazonaws.com"}, None)],
        "tests-resume": [({"Service": "lambda.amazonaws.com"}, None)],
        "tests-statistics": [({"Service": "lambda.amazonaws.com"}, None)],
        "tests-insights": [({"Service": "lambda.amazonaws.com"}, None)],
        "tests-order-journeys": [(step_functions, {"ArnEquals": {"aws:SourceArn": state_machine("tests-order")}})],
        "tests_simulation": [(step_functions, {"ArnEquals": {"aws:SourceArn": state_machine("tests_simulation")}})],
    }


def queue_policies(deployment: Deployment) -> dict[str, dict[str, Any]]:
    """By the queue's name without prefix."""
    return {
        one.values["name"].removeprefix("tests-"): one.document("policy")
        for one in deployment.resources
        if one.kind == "aws_sqs_queue"
    }


def sends(queue_name: str, rule_arn: str, **context: str) -> Request:
    """EventBridge puts a message on a queue for a rule."""
    over_tls = {"aws:SecureTransport": "true", "aws:SourceArn": rule_arn, **context}
    return Request("sqs:SendMessage", queue(queue_name), over_tls, "events.amazonaws.com")


def test_a_queue_takes_messages_of_this_bus_s_rules_only(one: Deployment) -> None:
    policies = queue_policies(one)
    own = [rule("tests", name.values["name"]) for name in one.of("aws_cloudwatch_event_rule", "this").values()]
    ours = {rule("default", f"tests-{name}") for name in ("journey-ended", "sweep", "watch")}
    foreign = [rule("tests", "other-order-start"), rule("other", "tests-order-start"), rule("default", "tests-order")]
    assert len(own) == 2
    admitted = {
        name: {arn for arn in [*own, *ours, *foreign] if is_allowed(policy, sends(name, arn))}
        for name, policy in policies.items()
    }
    assert admitted == {
        "start": set(own),
        "event": {*own, *ours},
        "target-dead-letter": {*own, *ours},
        "start-dead-letter": set(),
        "event-dead-letter": set(),
        "statistics-dead-letter": set(),
        "stream-dead-letter": set(),
    }


def test_a_queue_is_reached_over_tls_only_whoever_asks(one: Deployment) -> None:
    for name, policy in queue_policies(one).items():
        plain = {"aws:SecureTransport": "false"}
        for action in ("sqs:SendMessage", "sqs:ReceiveMessage", "sqs:PurgeQueue"):
            statement = deciding(policy, Request(action, queue(name), plain, "arn:aws:iam::111122223333:root"))
            assert statement is not None, name
            assert statement["Effect"] == "Deny"
        assert not is_allowed(policy, sends(name, rule("tests", "tests-order-start"), **plain))


def test_no_policy_grows_with_the_number_of_choreographies(deployed: dict[str, Deployment]) -> None:
    one, many = deployed["one_choreography"], deployed["ten_choreographies"]
    assert len(many.of("aws_sfn_state_machine", module="module.choreography")) == 10
    for function in FUNCTIONS:
        assert many.role_policy("module.insights", function) == one.role_policy("module.insights", function)
    assert queue_policies(many) == queue_policies(one)
    assert {len(one) for one in policies_of_journeys(many)} == {len(one) for one in policies_of_journeys(one)}


def policies_of_journeys(deployment: Deployment) -> list[str]:
    """The policies of the state machines' roles."""
    roles = deployment.of("aws_iam_role_policy", module="module.choreography")
    return [role.values["policy"] for role in roles.values()]
