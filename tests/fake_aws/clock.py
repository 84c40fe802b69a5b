"""Time that passes only when this AWS lets it."""

from datetime import UTC, datetime

#: 2026-01-01T00:00:00Z
EPOCH = 1_767_225_600.0


class Clock:
    """Epoch seconds, moved on by hand."""

    def __init__(self, now: float = EPOCH) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def advance_to(self, moment: float) -> None:
        """Let time pass until *moment*; it never goes back."""
        self.now = max(self.now, moment)


def iso_seconds(epoch: float) -> str:
    """As EventBridge writes an event's time: whole seconds."""
    return datetime.fromtimestamp(int(epoch), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def iso_milliseconds(epoch: float) -> str:
    """As Step Functions writes the times of its context object: without a fraction where a second is whole."""
    text = datetime.fromtimestamp(epoch, UTC).isoformat(timespec="milliseconds")
    return text.replace(".000+00:00", "Z").replace("+00:00", "Z")
