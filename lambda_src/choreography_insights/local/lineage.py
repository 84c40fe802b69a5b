"""How often a function has been invoked in one chain of requests, as Lambda counts it to stop endless loops.

The count travels in the trace header, ``Root=…;Lineage=<function>:<passes>|<function>:<passes>``: Lambda gives it to
the function, botocore hands it on with every call that the function makes, SQS keeps it with the message, and Lambda
adds one when that invokes the function again. https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html
"""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass

#: How many invocations of a function in one chain of requests there are; AWS says "approximately".
LIMIT = 16


@dataclass(frozen=True, slots=True)
class Invocation:
    """What an invocation goes on with: the header of its trace, and how often the function was invoked before it."""

    header: str
    passes: int

    @property
    def is_one_too_many(self) -> bool:
        """Whether Lambda takes the chain of requests for an endless loop."""
        return self.passes >= LIMIT


def invocation(function_arn: str, headers: Iterable[str], now: float) -> Invocation:
    """Return the invocation of a function by what came with *headers*: all of a batch goes by its highest counts."""
    traces = [_read(header) for header in headers]
    counts: dict[str, int] = {}
    for trace in traces:
        for name, count in _counts(trace.get("Lineage", "")):
            counts[name] = max(count, counts.get(name, 0))
    own = hashlib.sha256(function_arn.encode()).hexdigest()[:8]
    counts[own] = counts[own] + 1 if own in counts else 0
    root = next((trace["Root"] for trace in traces if "Root" in trace), f"1-{int(now):08x}-{secrets.token_hex(12)}")
    lineage = "|".join(f"{name}:{count}" for name, count in counts.items())
    return Invocation(f"Root={root};Parent={secrets.token_hex(8)};Sampled=0;Lineage={lineage}", counts[own])


def _read(header: str) -> dict[str, str]:
    return dict(part.strip().split("=", 1) for part in header.split(";") if "=" in part)


def _counts(lineage: str) -> Iterable[tuple[str, int]]:
    for part in lineage.split("|"):
        name, _, count = part.partition(":")
        if name and count.isdecimal():
            yield name, int(count)
