"""Which examples Hypothesis tries: the same in every run, or, where a seed is given, others.

`make explore` gives one. What it finds is patched and becomes a test of its own; so no run fails by chance.
"""

import os

from hypothesis import settings
from hypothesis.internal.conjecture import providers

_TIMES = int(os.environ.get("CHOREOGRAPHY_TESTS_TIMES", "1"))


def choose_examples(seed: str | None) -> None:
    """Make the examples of all tests depend on *seed*; without one, on each test alone."""
    settings.register_profile(
        "choreography-insights",
        derandomize=not seed,
        database=None,  # or else a run would depend on those before it
        deadline=None,  # a busy machine is no failure
        print_blob=True,
        max_examples=times(settings.get_profile("default").max_examples),
    )
    settings.load_profile("choreography-insights")
    if not seed:
        # Hypothesis draws constants of the modules that are imported: others in each worker, and in each file alone.
        if not hasattr(providers, "is_local_module_file"):
            raise RuntimeError("Hypothesis finds constants in another way: see to it that each run draws the same")
        providers.is_local_module_file = lambda _: False


def times(examples: int) -> int:
    """So many examples, or CHOREOGRAPHY_TESTS_TIMES as many."""
    return examples * _TIMES
