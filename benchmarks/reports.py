"""The tables of ``reports`` for a warehouse that no build made, by the project's own models."""

import os
import tempfile
from functools import cache
from pathlib import Path

import duckdb
from dbt.cli.main import dbtRunner

from core.settings import ROOT


def build(file: duckdb.DuckDBPyConnection) -> None:
    """Build them in ``file``; a table that its world has no sources for is left out."""
    file.execute("create schema if not exists reports")
    for name, statement in statements():
        try:
            file.execute(f"create or replace table reports.{name} as {statement}")
        except (duckdb.CatalogException, duckdb.BinderException):
            continue


@cache
def statements() -> tuple[tuple[str, str], ...]:
    """Return each model of ``models/reports`` with its statement, in the order of a build."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "health").mkdir()
        before = os.environ.get("WHOLEDAY_WAREHOUSE")
        os.environ["WHOLEDAY_WAREHOUSE"] = folder
        command = ("compile", "--select", "path:models/reports,resource_type:model", "--target", "clock")
        flags = ("--project-dir", str(ROOT), "--profiles-dir", str(ROOT), "--quiet", "--log-level", "none")
        folders = ("--target-path", f"{folder}/target", "--log-path", f"{folder}/logs")
        try:
            compiled = dbtRunner().invoke([*command, *flags, *folders])
        finally:
            del os.environ["WHOLEDAY_WAREHOUSE"]
            if before is not None:
                os.environ["WHOLEDAY_WAREHOUSE"] = before
    if not compiled.success:
        raise RuntimeError(f"dbt cannot compile the models: {compiled.exception}")
    # The catalog is named as the file is, and these are built in files of any name.
    return tuple(
        (result.node.name, result.node.compiled_code.replace('"ads".', ""))
        for result in compiled.result.results
    )
