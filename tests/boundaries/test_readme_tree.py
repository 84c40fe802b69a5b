"""The README's tree of the package has each room once."""

import re

from devtools.places import ROOT

TREE = re.compile(r"^lambda_src/choreography_insights/\n(.*?)^modules/", re.DOTALL | re.MULTILINE)


def test_every_room_of_the_package_stands_in_the_tree_once() -> None:
    package = ROOT / "lambda_src" / "choreography_insights"
    rooms = sorted(path.parent.name for path in package.glob("*/__init__.py"))
    found = TREE.search((ROOT / "README.md").read_text("utf-8"))
    assert found
    assert sorted(re.findall(r"\b([a-z]+)/", found[1])) == rooms
