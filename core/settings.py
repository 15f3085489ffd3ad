"""Where things are: the settings every step reads from the environment."""

import os
from dataclasses import dataclass
from pathlib import Path

from core.errors import UserError

ROOT = Path(__file__).resolve().parent.parent

# What lies in a warehouse; most of these folders are emptied now and then.
_WAREHOUSES_OWN = frozenset(
    {
        *("landing.duckdb", "ads.duckdb", "alerts.duckdb", "releases", "candidate", "refused", "target"),
        *("agency", "agency.new", "dlt", "logs", "health", "data_docs", "data_docs.new", "dbt_docs"),
        *("validations", "stray", "shown"),
    }
)
# Of these, what a link may lead to another disk: nothing empties or renames them.
_MAY_BE_LINKS = frozenset({"landing.duckdb", "alerts.duckdb", "releases", "logs", "dlt", "dbt_docs"})


@dataclass(frozen=True)
class Settings:
    """Folders of one installation; all paths are absolute."""

    warehouse: Path
    site: Path
    agency: Path

    @classmethod
    def from_env(cls) -> "Settings":
        """Read ``WHOLEDAY_WAREHOUSE``, ``_SITE`` and ``_AGENCY``; relative paths start at the root.

        Raises ``UserError`` where one of the folders would harm another.
        """

        def folder(variable: str, default: str) -> Path:
            return (ROOT / Path(os.environ.get(variable) or default).expanduser()).resolve()

        found = cls(
            warehouse=folder("WHOLEDAY_WAREHOUSE", "warehouse"),
            site=folder("WHOLEDAY_SITE", "site"),
            agency=folder("WHOLEDAY_AGENCY", "agency"),
        )
        _refuse_names(found)
        _refuse_overlaps(found)
        return found

    def refuse_links(self) -> None:
        """Raise ``UserError`` for a link at a place that is emptied, or renamed in one step."""
        for name in sorted(_WAREHOUSES_OWN - _MAY_BE_LINKS):
            if (self.warehouse / name).is_symlink():
                raise UserError(
                    f"{self.warehouse / name} is a link, and a run empties or replaces what is there: remove"
                    f" the link; the warehouse may be one, and {', '.join(sorted(_MAY_BE_LINKS))} in it"
                )

    @property
    def landing(self) -> Path:
        """The ledger: the only file that is written in place."""
        return self.warehouse / "landing.duckdb"

    @property
    def agency_read(self) -> Path:
        """What counts of the agency's files, made for the models by each build."""
        return self.warehouse / "agency"

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


def _refuse_names(found: Settings) -> None:
    """DuckDB takes ``*`` and ``?`` in a path for patterns, dlt takes ``%`` for a template."""
    for name, folder in (("WAREHOUSE", found.warehouse), ("AGENCY", found.agency)):
        wrong = sorted({letter for letter in str(folder) if letter in "*?%" or not letter.isprintable()})
        if wrong:
            raise UserError(
                f"WHOLEDAY_{name}={str(folder)!r} has {' and '.join(map(repr, wrong))} in its path, which the"
                f" libraries below cannot work in: name another folder in WHOLEDAY_{name}"
            )


def _refuse_overlaps(found: Settings) -> None:
    """A site is seen by others and a warehouse is emptied, so neither may take in the rest."""
    for name, folder in (("WAREHOUSE", found.warehouse), ("AGENCY", found.agency)):
        if folder.is_relative_to(found.site):
            raise UserError(
                f"WHOLEDAY_SITE={found.site} would take in WHOLEDAY_{name}={folder}, and show it to visitors"
                " of the site: name a folder of its own in WHOLEDAY_SITE"
            )
    inside = [found.warehouse / name for name in _WAREHOUSES_OWN]
    if any(found.site.is_relative_to(own) for own in inside):
        raise UserError(
            f"WHOLEDAY_SITE={found.site} is a folder that WHOLEDAY_WAREHOUSE={found.warehouse} fills and"
            " empties itself: name a folder of its own in WHOLEDAY_SITE"
        )
    # The first run with credentials sets aside all that the sandbox left in a warehouse.
    if found.agency.is_relative_to(found.warehouse):
        raise UserError(
            f"WHOLEDAY_AGENCY={found.agency} lies in WHOLEDAY_WAREHOUSE={found.warehouse}, which is written"
            " and emptied: name a folder of its own in WHOLEDAY_AGENCY"
        )
