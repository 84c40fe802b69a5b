"""Makes the embedded AWS ready sooner: what moto would only import is not imported.

moto 5.2.5 imports all of AWS Batch for one enumeration, and with it EC2, which reads all instance types, and asks
boto3 for all regions: more than half of what a start takes.
"""

import importlib
import sys
from importlib.util import find_spec, module_from_spec


def import_step_functions_without_batch() -> None:
    """Import what Step Functions needs of Batch, before that does. Whoever asks for Batch later gets the whole."""
    import_without_package("moto.batch.utils")


def import_without_package(name: str) -> None:
    """Import the module *name*, and not what its package imports by itself, unless that is there already."""
    package = name.rpartition(".")[0]
    if package in sys.modules or (spec := find_spec(package)) is None:
        return
    sys.modules[package] = module_from_spec(spec)  # found, but not run
    try:
        importlib.import_module(name)
    finally:
        del sys.modules[package]
