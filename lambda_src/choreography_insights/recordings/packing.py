"""What recorded events are packed by, told by their first bytes, and taken off: gzip, zstd, ZIP, Snappy, UTF-16."""

import codecs
import gzip
import io
import re
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import IO, Any, cast

from choreography_insights.recordings.source import NotReadError


def _installed(module: str) -> Any:
    """Return a module of an extra; None where that is not installed."""
    try:
        return import_module(module)
    except ModuleNotFoundError:
        return None


_zstd = _installed("compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd")
_cramjam = _installed("cramjam")

ENDINGS = (".gz", ".zst", ".zip", ".snappy", ".hsnappy")
"""What the names of packed files end in, as Firehose and others write them."""

_OF_OFFICES = frozenset(("[Content_Types].xml", "mimetype"))
"""Files in the ZIP that XLSX and ODS are."""

_XML_SAYS = re.compile(r"\A\s*<\?xml[^>]*\?>")

_DEEPEST = 3
"""A subscription of CloudWatch Logs packs by gzip what Firehose may pack once more."""

_ENOUGH = 10
"""So many of the first bytes tell every packing."""

_BROKEN: tuple[type[Exception], ...] = (
    gzip.BadGzipFile,
    zlib.error,
    zipfile.BadZipFile,
    EOFError,
    *([_zstd.ZstdError] if _zstd else []),
    *([_cramjam.DecompressionError] if _cramjam else []),
)


@contextmanager
def unpacked(file: io.BufferedReader, name: str) -> Iterator[io.BufferedReader]:
    """The bytes of *file* without what packs them. What is broken raises `NotReadError`, wherever it is read."""
    try:
        for _ in range(_DEEPEST):
            unpack = _unpacking(file.peek(_ENOUGH), name)
            if unpack is None:
                break
            file = io.BufferedReader(cast("io.RawIOBase", unpack(file)))
        yield file
    except _BROKEN as error:
        raise NotReadError(f"it is not whole, or packed otherwise than its first bytes say ({error})") from error


Unpack = Callable[[IO[bytes]], IO[bytes]]


def _unpacking(start: bytes, name: str) -> Unpack | None:
    """What unpacks a file that starts so; None if nothing needs to. Snappy's Hadoop form shows in the name alone."""
    if start.startswith(b"\x1f\x8b"):
        return _from_gzip
    if start.startswith(b"\x28\xb5\x2f\xfd"):
        return _from_zstd
    if start.startswith(b"PK\x03\x04"):
        return _from_zip
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _from_utf16
    if start.startswith(b"\xff\x06\x00\x00sNaPpY"):
        return _from_snappy
    return _from_hadoop_snappy if name.lower().endswith(".hsnappy") and start[:1] == b"\0" else None


def _from_gzip(file: IO[bytes]) -> IO[bytes]:
    return cast("IO[bytes]", gzip.GzipFile(fileobj=file, mode="rb"))


def _from_zstd(file: IO[bytes]) -> IO[bytes]:
    return cast("IO[bytes]", _needed(_zstd, "zstd").ZstdFile(file))


def _from_zip(file: IO[bytes]) -> IO[bytes]:
    archive = zipfile.ZipFile(io.BytesIO(file.read()))
    if not _OF_OFFICES.isdisjoint(archive.namelist()):
        raise NotReadError("it is a document of an office program; save its sheet as CSV (UTF-8)")
    return io.BytesIO(b"".join(archive.read(name) for name in archive.namelist()))


def _from_utf16(file: IO[bytes]) -> IO[bytes]:
    """As PowerShell and spreadsheets write text. What XML says of its encoding would be wrong then."""
    return io.BytesIO(_XML_SAYS.sub("", file.read().decode("utf-16")).encode())


def _from_snappy(file: IO[bytes]) -> IO[bytes]:
    return io.BytesIO(bytes(_needed(_cramjam, "snappy").snappy.decompress(file.read())))


def _from_hadoop_snappy(file: IO[bytes]) -> IO[bytes]:
    """Unpack Hadoop's blocks: the length of each when unpacked, then its chunks, each with its length when packed."""
    unpack = _needed(_cramjam, "snappy").snappy.decompress_raw
    content = bytearray()
    while length := file.read(4):
        end = len(content) + int.from_bytes(length)
        while len(content) < end:
            packed = int.from_bytes(_exactly(4, file))
            content += unpack(_exactly(packed, file))
    return io.BytesIO(content)


def _exactly(size: int, file: IO[bytes]) -> bytes:
    found = file.read(size)
    if len(found) < size:
        raise EOFError("it ends within a block")
    return found


def _needed(module: Any, extra: str) -> Any:
    if module is None:
        raise NotReadError(f"it is packed by {extra}; to read it, run: pip install 'choreography-insights[{extra}]'")
    return module
