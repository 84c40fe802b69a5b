"""A third team's choreographies for the vending example: eight routes, all about the same vehicles."""

from pathlib import Path

from choreography_insights.cli.main import main as choreography

NAMES = [f"fleet-route{number}" for number in range(1, 9)]

_ROUTE = """
choreography: {name}
source: {name}
entity: $.detail.vehicle
start: Vehicle Left
states:
  OnTheWay: {{await: {{Vehicle Arrived: Done}}}}
  Done: succeed
"""


def add_to(folder: Path) -> None:
    """Add the team to the *folder* of all teams."""
    for name in NAMES:
        route = folder.joinpath(*name.split("-"))
        route.mkdir(parents=True)
        (route / "workflow.yaml").write_text(_ROUTE.format(name=name))
    (folder / "fleet" / "team.yaml").write_text("tags: {cost-center: '8'}")
    generate(folder)


def generate(folder: Path) -> None:
    """Generate all choreographies in *folder*."""
    assert choreography(["generate", str(folder)]) == 0
