"""What the demo shows: journeys while they move, then how they ended and how long each state held them."""

from collections import defaultdict
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext

from rich.console import Console
from rich.live import Live
from rich.table import Table

from demonstration.journeys import Journey
from demonstration.play import Outcome

_WAITING = {"": "has not begun yet", "RUNNING": "between two states"}


class Screen:
    """A live table on a terminal; elsewhere a line for each move."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live: Live | None = None
        self._seen: dict[str, str] = {}

    def watching(self) -> AbstractContextManager[object]:
        """Show journeys for the length of a block."""
        if not self._console.is_terminal:
            return nullcontext()
        self._live = Live(console=self._console, auto_refresh=False)
        return self._live

    def show(self, seconds: float, journeys: Sequence[Journey]) -> None:
        """Show where the journeys are, *seconds* after the first event."""
        if self._live:
            self._live.update(_moving(seconds, journeys), refresh=True)
            return
        for journey in journeys:
            place = _place(journey)
            if self._seen.get(journey.entity_id) != place:
                self._seen[journey.entity_id] = place
                self._console.print(
                    f"  {seconds:5.1f} s  {journey.entity_id:<36} {place}", highlight=False, soft_wrap=True
                )


def _moving(seconds: float, journeys: Sequence[Journey]) -> Table:
    table = Table(title=f"Journeys, {seconds:.0f} s after the first event", title_justify="left")
    for heading in ("choreography", "entity", "status", "state"):
        table.add_column(heading, no_wrap=heading != "state")
    for journey in journeys:
        table.add_row(journey.choreography, journey.entity_id, _status(journey.status), _place(journey))
    return table


def _place(journey: Journey) -> str:
    if journey.has_ended:
        return f"{journey.last_state} ({journey.status})"
    return ", ".join(journey.waits_in) or _WAITING.get(journey.status, journey.last_state)


def _status(status: str) -> str:
    colour = {"SUCCEEDED": "green", "RUNNING": "cyan", "": "dim"}.get(status, "red")
    return f"[{colour}]{status or 'waiting'}[/{colour}]"


def outcomes_table(outcomes: Sequence[Outcome]) -> Table:
    """How each journey ended, beside how it should have."""
    table = Table(title="Outcomes", title_justify="left")
    for heading in ("simulation", "entity", "ended in", "should end in", "took", ""):
        table.add_column(heading, overflow="fold")
    for outcome in outcomes:
        journey, expected = outcome.journey, outcome.expectation
        ended = _end(journey.last_state, journey.status) if journey.has_ended else f"waits: {_place(journey)}"
        verdict = "[green]right[/green]" if outcome.is_right else "[red]WRONG[/red]"
        wanted = _end(expected.state, expected.status)
        table.add_row(outcome.scenario, journey.entity_id, ended, wanted, _took(journey), verdict)
    return table


def _end(state: str, status: str) -> str:
    return state if status == "SUCCEEDED" else f"{state} ({status})"


def _took(journey: Journey) -> str:
    moments = [stay.entered for stay in journey.stays] + [stay.left for stay in journey.stays if stay.left]
    return f"{(max(moments) - min(moments)).total_seconds():.1f} s" if moments else ""


def states_table(outcomes: Sequence[Outcome]) -> Table:
    """How long the wait states held the journeys."""
    seconds: dict[tuple[str, str], list[float]] = defaultdict(list)
    for outcome in outcomes:
        for stay in outcome.journey.stays:
            if stay.kind == "Task" and stay.left:
                seconds[outcome.journey.choreography, stay.state].append(stay.seconds)
    table = Table(title="Time in each state", title_justify="left")
    for heading in ("choreography", "state"):
        table.add_column(heading)
    for heading in ("journeys held", "mean", "longest"):
        table.add_column(heading, justify="right")
    for (choreography, state), times in seconds.items():
        mean, longest = sum(times) / len(times), max(times)
        table.add_row(choreography, state, str(len(times)), f"{mean:.1f} s", f"{longest:.1f} s")
    return table
