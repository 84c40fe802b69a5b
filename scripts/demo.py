#!/usr/bin/env python3
"""Deploy examples/complete to the embedded AWS, play its simulations, and watch the journeys move.

The exit code is 0 only if every journey ended as its simulation says. `--keep` (or `make demo KEEP=1`) leaves the
embedded AWS running and opens the console on the journeys, so that you can look around and put events of your own on
the bus.
"""

import argparse
import os
import sys
import webbrowser
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console

from choreography_insights.console.function import deployed
from choreography_insights.console.server import Server, until_ended
from choreography_insights.local.embedded import EmbeddedAws, embedded_aws
from demonstration.deployment import Stage, Workspace
from demonstration.play import Outcome, play
from demonstration.scenarios import Scenario, scenarios, unfinished
from demonstration.screen import Screen, outcomes_table, states_table
from devtools.console import SetupError, run, step
from devtools.places import BUILD, ROOT

_EXAMPLE = ROOT / "examples" / "complete"


def main() -> int:
    """Run the demo; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--keep", action="store_true", help="leave the embedded AWS running until Ctrl-C, and open the console"
    )
    parser.add_argument("--port", type=int, help="port of the embedded AWS (default: a free one)")
    options = parser.parse_args()
    console = Console() if sys.stdout.isatty() else Console(width=120)
    try:
        return _demo(console, keep=options.keep, port=options.port)
    except SetupError as error:
        print(f"\nThe demo stopped. {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nThe demo was ended.", file=sys.stderr)
        return 130


def _demo(console: Console, *, keep: bool, port: int | None) -> int:
    with step("Generating the state machine of every workflow.yaml below examples/"):
        run([sys.executable, ROOT / "scripts" / "generate_asl.py", ROOT / "examples"], cwd=ROOT)
    with embedded_aws(port) as aws:
        print(f"The embedded AWS listens at {aws.url} (nothing leaves this machine).", flush=True)
        workspace = Workspace(_EXAMPLE, BUILD / "demo", aws)
        workspace.forget()
        with step("Applying examples/complete to it with Terraform's AWS provider (about a minute)"):
            outputs = workspace.apply()
        stage = Stage.of(aws, outputs)
        played = list(scenarios(_EXAMPLE / "simulations"))
        outcomes = _play(console, stage, played)
        if keep:
            for scenario in played:
                for begun in unfinished(scenario):
                    stage.play(begun)
            _keep(aws, outputs)
    return _verdict(outcomes)


def _play(console: Console, stage: Stage, played: Sequence[Scenario]) -> list[Outcome]:
    screen = Screen(console)
    print(f"Playing {len(played)} simulations: {', '.join(scenario.name for scenario in played)}", flush=True)
    with screen.watching():
        outcomes = play(stage, played, screen.show)
    console.print()
    console.print(states_table(outcomes))
    console.print()
    console.print(outcomes_table(outcomes))
    return outcomes


def _verdict(outcomes: Sequence[Outcome]) -> int:
    wrong = [outcome for outcome in outcomes if not outcome.is_right]
    for outcome in wrong:
        journey, expected = outcome.journey, outcome.expectation
        ended = f"ended in {journey.last_state} ({journey.status})" if journey.has_ended else "has not ended"
        where = "" if journey.has_ended else f"; it waits in {', '.join(journey.waits_in) or 'no state'}"
        why = f": {journey.error}: {journey.cause}" if journey.error else ""
        print(
            f"WRONG: simulation {outcome.scenario}: journey {journey.choreography}/{journey.entity_id} {ended}{where}, "
            f"but should have ended in {expected.state} ({expected.status}){why}",
            file=sys.stderr,
        )
    if wrong:
        return 1
    print(_WHAT_NEXT.format(count=len(outcomes)))
    return 0


_WHAT_NEXT = """
All {count} journeys ended as they should. What next:
  - Keep it running, look at the journeys in your browser,
    and put an event of your own on the bus:                     make demo KEEP=1
  - Change a choreography, and see what it does:                 examples/order/order/workflow.yaml, then make demo
  - Write your own:                                              docs/guide/language.md
  - Deploy it to your AWS account:                               examples/complete/README.md"""

_KEPT = """
See the journeys:  {entrance}
That is what choreography console shows, and the dashboard in CloudWatch. Some more journeys have begun, and will wait
on their way; what has happened is counted within a minute.

The embedded AWS goes on at {url}. In another terminal, with the AWS command line:

{exports}
  aws events put-events --entries '[{{"EventBusName": "{bus}", "Source": "order",
    "DetailType": "Order Placed", "Detail": "{{\\"id\\": \\"my-order\\"}}"}}]'
  aws stepfunctions list-state-machines
  aws stepfunctions list-executions --state-machine-arn ARN

Ctrl-C ends it."""


def _keep(aws: EmbeddedAws, outputs: Mapping[str, Any]) -> None:
    os.environ.update(aws.environment)
    server = Server(deployed(outputs["insights_function_name"], profile=None, region=None))
    server.start()
    try:
        exports = "".join(f"  export {name}={value}\n" for name, value in aws.environment.items())
        print(
            _KEPT.format(entrance=server.entrance, url=aws.url, exports=exports, bus=outputs["event_bus_name"]),
            flush=True,
        )
        webbrowser.open(server.entrance)  # where there is none, the address stands above
        until_ended()
    finally:
        server.end()


if __name__ == "__main__":
    sys.exit(main())
