"""A query of DynamoDB, page by page."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from choreography_insights.insights.rows import Item


def all_items(query: Callable[..., Mapping[str, Any]], **asked: Any) -> Iterator[Item]:
    """Yield every item that a client's *query* finds of what is *asked*."""
    start: dict[str, Any] = {}
    while True:
        page = query(**asked, **start)
        yield from page["Items"]
        if "LastEvaluatedKey" not in page:
            return
        start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
