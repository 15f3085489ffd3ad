"""Rendering the site: pages that need no network, no script and no server."""

from datetime import datetime
from pathlib import Path

import jinja2

from publish import files, health, pin
from publish.health import Described
from publish.picture import QUEUED, Check, Picture
from publish.site import runbooks
from publish.summary import GLYPHS, verdict_sentence
from publish.words import age, counted, day, instant, spans
from wholeday.settings import Settings

HERE = Path(__file__).parent

# As many as a person reads; the data docs and the warehouse have every one.
_GAPS_SHOWN = 200


def render(
    settings: Settings, picture: Picture, described: Described, checks: tuple[Check, ...], now: datetime
) -> None:
    """Write the whole site; every file is replaced in one step and health.json comes last.

    Raises ``OSError`` where the folder cannot be written.
    """
    site = settings.site
    environment = _environment()
    for asset in (HERE / "assets").iterdir():
        files.write_text(site / "assets" / asset.name, asset.read_text(encoding="utf-8"))
    pages = runbooks.write(site / "runbooks", environment)
    if settings.data_docs.is_dir():
        files.replace_folder(settings.data_docs, site / "data_docs")
    if settings.dbt_docs.is_file():
        files.write_text(site / "dbt" / "index.html", settings.dbt_docs.read_text(encoding="utf-8"))
    found = health.document(picture, described, checks, now)
    pinned = pin.read(settings)
    page = environment.get_template("index.html").render(
        root="",
        picture=picture,
        described=described,
        checks=checks,
        health=found,
        now=now,
        pinned=pinned,
        headline=verdict_sentence(picture),
        gaps=picture.troubles[:_GAPS_SHOWN],
        more_gaps=max(0, len(picture.troubles) - _GAPS_SHOWN),
        waived=[gap for gap in picture.gaps if gap.waived],
        queued_days=sum(gap.days for gap in picture.gaps if gap.reason == QUEUED and not gap.waived),
        pages=pages,
        has_data_docs=(site / "data_docs" / "index.html").is_file(),
        has_dbt_docs=(site / "dbt" / "index.html").is_file(),
    )
    files.write_text(site / "index.html", page)
    health.write(settings, found)


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"day": day, "instant": instant, "spans": spans, "age": age, "page_of": _page_of}
    environment.globals |= {
        "counted": counted,
        "glyphs": GLYPHS
        | {"whole": "✓", "waived": "○", "healthy": "✓", "warning": "▲", "critical": "✕"}
        | {"published": "✓", "held": "▲", "refused": "✕"},
        "ring": _ring,
    }
    return environment


def _page_of(runbook: str) -> str:
    """Return the name of a runbook's page: ``docs/runbooks/split_data.md`` is ``split_data``."""
    return Path(runbook).stem


def _ring(score: float) -> str:
    """Return how a circle of circumference 100 is dashed so that ``score`` of it is drawn."""
    drawn = max(0.0, min(100.0, score))
    return f"{drawn:.1f} {100 - drawn:.1f}"
