"""The size of what is deployed."""

from build_lambda import deployed_files, zip_bytes
from documents.markdown import figures

_SAMPLE_BYTES = 174_000


def measure() -> str:
    """Build the zip."""
    return figures(
        ("", "KB"),
        [
            (f"zip of {len(list(deployed_files()))} modules", f"{len(zip_bytes()) / 1000:.0f}"),
            ("the original sample's", f"{_SAMPLE_BYTES / 1000:.0f}"),
        ],
    )
