"""Rendering the site: pages that need no network and no server."""

from datetime import datetime
from pathlib import Path
from typing import Any

from core import frame
from core.settings import Settings
from publish import files, health, pin
from publish.health import Described
from publish.picture import QUEUED, Check, Client, Picture
from publish.site import (
    agency_months,
    details,
    documents,
    environment,
    history,
    incidents,
    invoices,
    levels,
    maturity,
    overview,
    reports,
)
from publish.site.statuses import STATUSES
from publish.site.written import MEMORY, Written, fingerprint
from publish.summary import verdict_sentence
from publish.verify import UnverifiedError, opened

HERE = Path(__file__).parent

# As many as a person reads; the data docs and the warehouse have every one.
_INCIDENTS_SHOWN = 50

# In the order in which they build on one another.
_SCRIPTS = ("vendor/uPlot.iife.min", "base", "clock", "calendar", "draw", "day", "trend", "sort", "overview")


def render(
    settings: Settings,
    picture: Picture,
    described: Described,
    checks: tuple[Check, ...],
    now: datetime,
    file: Path,
) -> None:
    """Write what changed of the site; every file is replaced in one step.

    The overview and health.json come last and together: they are of one run, whatever cannot be written.
    Both describe ``file``, which may be a refused candidate; the reports show the release. Raises ``OSError``
    where the folder cannot be written.
    """
    site = settings.site
    site.mkdir(parents=True, exist_ok=True)
    templates = environment.make()
    written = Written(site, fingerprint(HERE, frame.LOOK))
    _copy_assets(site, written)
    pages = documents.write(site, templates)
    _embed_docs(settings, templates)
    found = health.document(picture, described, checks, now)
    beside = _beside(file, written, picture, described, checks, now)
    try:
        with opened(settings.release) as release:
            reports.write(release, site, written, templates, now)
            invoices.write(release, written, templates)
    except UnverifiedError:
        invoices.write(None, written, templates)
        written.text(
            "reports/index.html",
            templates.get_template("reports.html").render(root="../", current="Reports", reports=[]),
        )
    causes = incidents.group(picture.troubles, beside["known"])
    page = templates.get_template("index.html").render(
        root="",
        current="Overview",
        sandbox=picture.run is not None and picture.run.api == "sandbox",
        picture=picture,
        described=described,
        checks=checks,
        causes=health.causes(checks),
        following=[check for check in checks if check.status != "pass" and check.follows_from],
        health=found,
        now=now,
        next_run=described.started_at + health.RUN_EVERY if described.started_at else None,
        pinned=pin.read(settings),
        headline=verdict_sentence(picture),
        worst=_worst(picture),
        incidents=causes[:_INCIDENTS_SHOWN],
        odd=incidents.odd(beside["known"], causes),
        more_incidents=max(0, len(causes) - _INCIDENTS_SHOWN),
        waived=[gap for gap in picture.gaps if gap.waived],
        queued_days=sum(gap.days for gap in picture.gaps if gap.reason == QUEUED and not gap.waived),
        pages=pages,
        history=history.of_checks(settings),
        statuses=STATUSES,
        **beside,
    )
    files.write_together(
        {
            site / "index.html": page,
            site / MEMORY: written.memory(),
            site / "health.json": health.text(found),
        }
    )
    written.finish()


def _beside(
    file: Path,
    written: Written,
    picture: Picture,
    described: Described,
    checks: tuple[Check, ...],
    now: datetime,
) -> dict[str, Any]:
    """Write the data of the scripts, and return what the page needs beside the picture."""
    try:
        with opened(file) as build:
            shown = overview.read(build)
            details.write(build, written)
            told: dict[str, Any] = {
                "maturity": maturity.line(build),
                "levels": levels.read(build),
                "months": agency_months.read(build),
                "known": incidents.read(build),
            }
    except UnverifiedError:
        shown, told = overview.NOTHING, {"maturity": "", "levels": (), "months": (), "known": ()}
    data = overview.script("overview", overview.document(shown, picture, described, checks, now))
    # The name changes with the content: a page that is being read never gets the data of another run.
    name = f"data/overview-{written.name_of(data)}.js"
    written.text(name, data)
    scripts = [f"assets/{script}.js" for script in _SCRIPTS]
    return told | {
        "has_trend": bool(shown.trend),
        "has_restated": bool(shown.restated),
        "scripts": [*scripts[:2], name, *scripts[2:]],
    }


def _worst(picture: Picture) -> Client | None:
    scored = [client for client in picture.active if client.score is not None]
    return min(scored, key=lambda client: client.score or 0.0, default=None)


def _copy_assets(site: Path, written: Written) -> None:
    for asset in sorted((HERE / "assets").rglob("*")):
        if asset.is_file():
            name = asset.relative_to(HERE).as_posix()
            written.text(name, asset.read_text(encoding="utf-8"))
    for asset in frame.ASSETS:
        written.text(f"assets/{asset.name}", asset.read_text(encoding="utf-8"))


def _embed_docs(settings: Settings, templates: Any) -> None:
    """Put the data docs and dbt's page of lineage and columns into the frame."""
    site, embedded = settings.site, templates.get_template("embedded.html")
    if settings.data_docs.is_dir():
        files.replace_folder(settings.data_docs, site / "data_docs")
    else:
        page = embedded.render(root="../", current="Data docs", page=None, command="make validate")
        files.write_text(site / "data_docs" / "index.html", page)
    lineage = None
    if settings.dbt_docs.is_file():
        lineage = "lineage.html"
        files.write_text(site / "dbt" / lineage, settings.dbt_docs.read_text(encoding="utf-8"))
    page = embedded.render(root="../", current="Lineage and columns", page=lineage, command="make run")
    files.write_text(site / "dbt" / "index.html", page)
