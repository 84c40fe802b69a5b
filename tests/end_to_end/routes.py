"""A third team's choreographies for the vending example: eight routes, all about the same vehicles.

On the first the vehicle may stop: events end groups there only while a gate is open, of each stop and of the vehicle.
"""

from pathlib import Path

from choreography_insights.cli.main import main as choreography

NAMES = [f"fleet-route{number}" for number in range(1, 9)]

_ROUTE = """
choreography: {name}
source: {name}
entity: $.detail.vehicle
start: Vehicle Left
states:
"""
_DIRECT = """
  OnTheWay: {await: {Vehicle Arrived: Done}}
  Done: succeed
"""
_WITH_STOPS = """
  OnTheWay: {await: {Vehicle Arrived: Done, Stops Listed: Stopping}}
  Stopping:
    each:
      items: $.detail.stops
      item: $.detail.stop
      states:
        Stop:
          parallel:
            Goods:
              states:
                Unload: {await: {Goods Unloaded: Unloaded}}
                Unloaded: {await: {Goods Returned: Unload}, done: true}
            Papers:
              states:
                Sign: {await: {Receipt Signed: Signed}}
                Signed: succeed
          until: {Stop Left: Served}
        Served: succeed
    next: Servicing
  Servicing:
    all: {Oil: Oil Changed, Brakes: Brakes Checked}
    instead: {Vehicle Scrapped: Scrapped}
    next: Cleaning
  Cleaning:
    parallel:
      Inside:
        states:
          Sweep: {await: {Vehicle Swept: Swept}}
          Swept: {await: {Dirt Found: Sweep}, done: true}
      Outside:
        states:
          Wash: {await: {Vehicle Washed: Washed}}
          Washed: succeed
    until: {Vehicle Fetched: Done}
  Scrapped: succeed
  Done: succeed
"""


def add_to(folder: Path) -> None:
    """Add the team to the *folder* of all teams."""
    for name in NAMES:
        route = folder.joinpath(*name.split("-"))
        route.mkdir(parents=True)
        states = _WITH_STOPS if name == NAMES[0] else _DIRECT
        (route / "workflow.yaml").write_text(_ROUTE.format(name=name) + states)
    (folder / "fleet" / "team.yaml").write_text("tags: {cost-center: '8'}")
    generate(folder)


def generate(folder: Path) -> None:
    """Generate all choreographies in *folder*."""
    assert choreography(["generate", str(folder)]) == 0
