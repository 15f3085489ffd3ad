"""What a run is made with: the versions of its tools, and a fingerprint of the project's models."""

import hashlib
import json
from collections.abc import Iterator
from functools import cache
from importlib.metadata import version
from pathlib import Path

from core.runs import ledger_id
from core.settings import ROOT, Settings

# What the tables of staging depend on besides the ledger.
_CODE = ("dbt_project.yml", "profiles.yml", "macros", "models")


@cache
def versions() -> dict[str, str]:
    """What a run is made with: the versions of the tools, and a fingerprint of the project's models."""
    tools = ("dbt-core", "dbt-duckdb", "duckdb", "dlt", "great-expectations", "tzdata")
    return {tool: version(tool) for tool in tools} | {"models": _code_fingerprint()}


def fingerprint(settings: Settings) -> str:
    """What the staging tables depend on: the tools, the models, and which ledger it is."""
    return json.dumps(versions() | {"ledger": ledger_id(settings)}, sort_keys=True)


def _code_fingerprint() -> str:
    digest = hashlib.sha256()
    for path in _files(ROOT / name for name in _CODE):
        digest.update(f"{path.relative_to(ROOT)}\n".encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def _files(places: Iterator[Path]) -> Iterator[Path]:
    for place in places:
        yield from sorted(path for path in place.rglob("*") if path.is_file()) if place.is_dir() else [place]
