"""dbt's ``var`` for sqlfluff, which knows none: the variables of dbt_project.yml as they stand there."""

from pathlib import Path
from typing import Any

import yaml

_FILE = Path(__file__).resolve().parents[2] / "dbt_project.yml"
_VARIABLES = yaml.safe_load(_FILE.read_text(encoding="utf-8"))["vars"]


def var(name: str, default: Any = None) -> Any:
    """Return the variable ``name``."""
    return _VARIABLES.get(name, default)
