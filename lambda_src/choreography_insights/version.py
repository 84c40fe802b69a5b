"""Which version of the package this is."""


def version() -> str:
    """Return the version that is installed; of a checkout that is not, the one that says so."""
    from importlib.metadata import PackageNotFoundError  # noqa: PLC0415 - takes a moment to import
    from importlib.metadata import version as installed  # noqa: PLC0415 - likewise

    try:
        return installed("choreography-insights")
    except PackageNotFoundError:
        return "0+unknown"
