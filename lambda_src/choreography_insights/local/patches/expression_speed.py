"""Makes moto's updates of rows fast enough for hundreds of journeys: it reads an expression once.

moto 5.2.5 parses an update expression twice for each update, although it changes nothing but copies of the tree. It
walks the tree ten times, and asks of every node, in each walk, whether it is of a kind that the walk changes. These
kinds are abstract classes, of which that is long to ask.
"""

import functools
from typing import Any

from moto.dynamodb.parsing.ast_nodes import DepthFirstTraverser, Node  # type: ignore[attr-defined]
from moto.dynamodb.parsing.expressions import UpdateExpressionParser  # type: ignore[attr-defined]
from moto.dynamodb.parsing.validators import Validator

from choreography_insights.local.patches.source_digests import patch, require


def install() -> None:
    """Parse each expression once, and ask once of each kind of node."""
    require(Validator.__init__, source_digest="9489b532dd0f")  # which copies the tree before it is changed

    @patch(UpdateExpressionParser, "make", source_digest="2c00ed96d6e1")
    @functools.lru_cache(maxsize=4096)
    def make(original: Any, parser: type[UpdateExpressionParser], text: str) -> Any:
        return original(parser, text)

    @patch(DepthFirstTraverser, "traverse_node_recursively", source_digest="d7f01d9b45cf")
    def traverse_node_recursively(_: Any, self: DepthFirstTraverser, node: Any, child_id: int = -1) -> Any:
        return _walked(self, tuple(self.nodes_to_be_processed()), node, child_id)


def _walked(walk: Any, kinds: tuple[type, ...], node: Any, child_id: int) -> Any:
    """Return *node*, once its children and itself are processed as *walk* says, which changes nodes of *kinds*."""
    if not _is_one_of(node.__class__, (Node,)):
        return node
    parent = node.parent
    for number, child in enumerate(node.children or ()):
        walk.pre_processing_of_child(node, number)
        _walked(walk, kinds, child, number)
    if _is_one_of(node.__class__, kinds):
        node = walk.process(node)
        node.parent = parent
        if parent:
            parent.children[child_id] = node
    return node


@functools.cache
def _is_one_of(kind: type, kinds: tuple[type, ...]) -> bool:
    return issubclass(kind, kinds)
