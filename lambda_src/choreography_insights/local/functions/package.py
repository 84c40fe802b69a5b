"""A deployed function as it has to be run: its code on disk, its handler, its limits, its environment."""

import hashlib
import io
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

REGION_KEYS = ("AWS_REGION", "AWS_DEFAULT_REGION")


@dataclass(frozen=True, slots=True)
class Deployed:
    """What decides how a function runs. Two that are equal can share processes."""

    arn: str
    name: str
    version: str
    handler: str
    code_sha256: str
    code: bytes
    timeout_seconds: float
    memory_size: int
    environment: tuple[tuple[str, str], ...]
    log_group: str
    region: str
    account: str

    @classmethod
    def of(cls, function: Any) -> "Deployed":
        """Return what moto's *function* says now; an update of code or configuration makes another."""
        if not str(function.run_time or "").startswith("python") or not getattr(function, "code_bytes", b""):
            raise UnrunnableError(
                f"{function.function_arn}: runtime {function.run_time!r}, package type {function.package_type}: "
                "the embedded AWS runs Python functions deployed as a zip file."
            )
        logging = getattr(function, "logging_config", {})
        return cls(
            arn=function.function_arn,
            name=function.function_name,
            version=str(function.version),
            handler=function.handler,
            code_sha256=hashlib.sha256(function.code_bytes).hexdigest(),
            code=function.code_bytes,
            timeout_seconds=float(function.timeout),
            memory_size=int(function.memory_size),
            environment=tuple(sorted((str(key), str(value)) for key, value in function.environment_vars.items())),
            log_group=logging.get("LogGroup") or f"/aws/lambda/{function.function_name}",
            region=function.region,
            account=function.account_id,
        )

    def unpack(self, folder: Path) -> Path:
        """Unpack the code once into a folder of its own below *folder* and return it."""
        root = folder / self.code_sha256[:16]
        if not root.exists():
            unfinished = root.with_suffix(".part")
            with zipfile.ZipFile(io.BytesIO(self.code)) as package:
                package.extractall(unfinished)
            unfinished.rename(root)
        return root


class UnrunnableError(Exception):
    """A function is of a kind that only AWS can run."""
