"""The size of what is deployed."""

from benchmarks.sheet import Sheet
from build_lambda import deployed_files, zip_bytes

_SAMPLE_BYTES = 174_000


def measure() -> Sheet:
    """Build the zip."""
    return Sheet(
        "Size of the functions' zip",
        "Both functions run from one zip, which holds their source uncompressed: it is the same on every machine.",
        ("", "KB"),
        [
            (f"zip of {len(list(deployed_files()))} modules", f"{len(zip_bytes()) / 1000:.0f}"),
            ("the original sample's", f"{_SAMPLE_BYTES / 1000:.0f}"),
        ],
    )
