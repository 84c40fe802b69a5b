"""Where things lie in a clone."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"
ENVIRONMENT = ROOT / ".venv"
NODE_MODULES = ROOT / "node_modules"
