"""Where things are: the settings every step reads from the environment."""

import os
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Settings:
    """Folders of one installation; all paths are absolute."""

    warehouse: Path
    site: Path
    agency: Path

    @classmethod
    def from_env(cls) -> "Settings":
        """Read ``WHOLEDAY_WAREHOUSE``, ``_SITE`` and ``_AGENCY``; relative paths start at the root."""

        def folder(variable: str, default: str) -> Path:
            return (ROOT / (os.environ.get(variable) or default)).resolve()

        return cls(
            warehouse=folder("WHOLEDAY_WAREHOUSE", "warehouse"),
            site=folder("WHOLEDAY_SITE", "site"),
            agency=folder("WHOLEDAY_AGENCY", "agency"),
        )

    @property
    def landing(self) -> Path:
        """The ledger: the only file that is written in place."""
        return self.warehouse / "landing.duckdb"

    @property
    def release(self) -> Path:
        """The published file; only ever replaced by a rename."""
        return self.warehouse / "ads.duckdb"

    @property
    def releases(self) -> Path:
        """The releases that are kept, one file per run."""
        return self.warehouse / "releases"

    @property
    def candidate_folder(self) -> Path:
        """The folder a run builds in; emptied before each build."""
        return self.warehouse / "candidate"

    @property
    def candidate(self) -> Path:
        """The candidate; its base name is the published one, since views and catalogs carry it."""
        return self.candidate_folder / "ads.duckdb"

    @property
    def health_check(self) -> Path:
        """A copy of the release in which ``make health`` judges it against the clock."""
        return self.warehouse / "health" / "ads.duckdb"

    @property
    def dbt_target(self) -> Path:
        """The target folder of the builds of this warehouse."""
        return self.warehouse / "target"

    @property
    def dlt_folder(self) -> Path:
        """Working folder of the dlt pipeline."""
        return self.warehouse / "dlt"

    @property
    def validation(self) -> Path:
        """What Great Expectations found, as one JSON file."""
        return self.warehouse / "validation.json"

    @property
    def data_docs(self) -> Path:
        """The data docs of the last validation, before the report step puts them into the site."""
        return self.warehouse / "data_docs"

    @property
    def dbt_docs(self) -> Path:
        """Lineage and columns as one page, before the report step puts it into the site."""
        return self.warehouse / "dbt_docs" / "index.html"

    @property
    def log(self) -> Path:
        """The log of all steps, JSON lines."""
        return self.warehouse / "logs" / "wholeday.jsonl"
