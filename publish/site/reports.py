"""A page per client with its figures by month, from the published release and from nothing else."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import jinja2

from publish import files
from publish.site import exports
from publish.site.details import folder_name
from publish.site.overview import query, rows
from publish.site.written import Written

# The order in which a report's lists are sent to its page.
_ORDER = {
    "months": "month, platform, currency",
    "campaigns": "month, total_spend desc, platform, campaign_id",
    "changes": "month, platform, currency, compared_with",
}

# A client's days are in the files beside its page, so their content counts as well.
_DAYS = """
select client_id, any_value(client_name), bit_xor(hash(report_days))::varchar
from report_days
group by client_id
"""

# The newest month that is over, in all of its currencies.
_NEWEST = """
select
    client_id,
    max(month) filter (where status <> 'in_progress')::varchar,
    arg_max(status, month) filter (where status <> 'in_progress')
from report_months
where platform = ''
group by client_id
"""


@dataclass(frozen=True)
class Report:
    """One client's report; ``content`` is what its page shows, as JSON that may stand in a page."""

    client_id: str
    name: str
    folder: str
    month: str | None
    status: str | None
    content: dict[str, str]
    days: str

    @property
    def fingerprint(self) -> str:
        """A fingerprint of everything that its page and files show."""
        return hashlib.sha256(repr((self.name, sorted(self.content.items()), self.days)).encode()).hexdigest()


def write(
    release: duckdb.DuckDBPyConnection,
    site: Path,
    written: Written,
    environment: jinja2.Environment,
    made: datetime,
) -> None:
    """Write the pages and files of the clients whose figures changed, and the page that lists all of them.

    What the release lacks, since an older wholeday built it, leaves the list empty.
    """
    try:
        release.execute(query("reports"))
    except (duckdb.CatalogException, duckdb.BinderException):
        reports = []
        identity: tuple[Any, ...] = (None, None)
    else:
        identity = release.execute("select run_id, api from staging.stg_run").fetchall()[0]
        reports = _read(release)
    sandbox = identity[1] == "sandbox"
    stale = [
        report
        for report in reports
        if not written.is_current(f"reports/{report.folder}", f"{report.fingerprint}{sandbox}")
    ]
    template = environment.get_template("report.html")
    with TemporaryDirectory(dir=site, prefix=".reports") as building:
        folders = exports.write(release, [report.client_id for report in stale], Path(building))
        for report in stale:
            page = template.render(
                root="../../",
                current="Reports",
                report=report,
                sandbox=sandbox,
                made=made,
                run_id=identity[0],
            )
            (folders[report.client_id] / "index.html").write_text(page, encoding="utf-8")
            target = site / "reports" / report.folder
            target.parent.mkdir(parents=True, exist_ok=True)
            files.move_folder(folders[report.client_id], target)
    listed = environment.get_template("reports.html").render(
        root="../", current="Reports", reports=reports, sandbox=sandbox
    )
    written.text("reports/index.html", listed)


def _read(release: duckdb.DuckDBPyConnection) -> list[Report]:
    content = {grain: _columns(release, grain) for grain in _ORDER}
    newest = {client: (month, status) for client, month, status in rows(release, _NEWEST)}
    return [
        Report(
            client_id,
            name or client_id,
            folder_name(client_id),
            *newest.get(client_id, (None, None)),
            {grain: content[grain].get(client_id, "{}") for grain in _ORDER},
            days,
        )
        for client_id, name, days in sorted(
            rows(release, _DAYS), key=lambda row: (row[1] or row[0]).casefold()
        )
    ]


def _columns(release: duckdb.DuckDBPyConnection, grain: str) -> dict[str, str]:
    """Return a table's columns as JSON lists, by client; a page has no place for ``<`` inside a script."""
    described = release.execute(f"describe report_{grain}").fetchall()
    cells = {"TIMESTAMP WITH TIME ZONE": "epoch_ms({0})"}
    lists = ", ".join(
        f"'{name}': list({cells.get(kind, '{0}').format(name)} order by {_ORDER[grain]})"
        for name, kind, *_ in described
        if name not in ("client_id", "client_name")
    )
    found = release.execute(
        f"select client_id, to_json({{{lists}}})::varchar from report_{grain} group by client_id"  # noqa: S608 - own names
    ).fetchall()
    return {client: text.replace("<", "\\u003c") for client, text in found}
