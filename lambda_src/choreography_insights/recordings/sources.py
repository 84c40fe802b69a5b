"""Where recorded events lie: a file, or all files below a folder or a prefix of S3, in the order of their names."""

from collections.abc import Iterator, Sequence
from functools import partial
from io import BufferedReader
from pathlib import Path

from choreography_insights.recordings.source import S3, Connect, NotReadError, Source


def sources(where: str, connect: Connect) -> Sequence[Source]:
    """Return what lies at *where*; `s3://` is read by the client that *connect* gives. Raises `NotReadError`."""
    if where.startswith(S3):
        try:
            from choreography_insights.recordings.s3 import objects  # noqa: PLC0415 # only who reads it needs boto3
        except ModuleNotFoundError as error:
            raise NotReadError("reading S3 needs boto3; run: pip install boto3") from error
        return objects(where, connect)
    path = Path(where)
    if not path.is_dir():
        return [_file(path, path.name)]
    found = [_file(file, file.relative_to(path).as_posix()) for file in _below(path)]
    if not found:
        raise NotReadError("there is no file in this folder; name one with recorded events")
    return sorted(found, key=lambda source: source.name.encode())


def source_named(where: str, name: str, connect: Connect) -> Source:
    """Return the one of the sources at *where* that has this *name*, without looking at the others."""
    if where.startswith(S3):
        from choreography_insights.recordings.s3 import object_named  # noqa: PLC0415 # likewise

        return object_named(where, name, connect)
    return _file(Path(where, name), name)


def _file(path: Path, name: str) -> Source:
    return Source(name, partial(_opened, path))


def _opened(path: Path) -> BufferedReader:
    return path.open("rb")


def _below(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())
