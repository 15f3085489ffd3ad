"""How the data docs look: Great Expectations' results, drawn by this project's templates.

The library's own pages fetch some fifteen files from other hosts, one of them a logo with an identifier of
the installation, and show neither an expectation's notes nor its severity nor the rows a query found.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import jinja2
from great_expectations.data_context import AbstractDataContext
from markupsafe import Markup, escape

from core import frame
from expectations.outcome import Outcome, Run, TableOutcome, read

TEMPLATES = Path(__file__).with_name("templates")


def _code(text: str) -> Markup:
    """Show what stands between backticks as code; escape everything."""
    parts = text.split("`")
    return Markup().join(
        Markup("<code>{}</code>").format(part) if index % 2 else escape(part)
        for index, part in enumerate(parts)
    )


def _environment() -> jinja2.Environment:
    environment = frame.environment(TEMPLATES)
    environment.filters["code"] = _code
    return environment


_ENVIRONMENT = _environment()


class TableRenderer:
    """The renderer of the site's section: what a stored result says about its table, and of which run."""

    def __init__(self, data_context: AbstractDataContext, api: str, verdict: str) -> None:
        self._context = data_context
        self._api = api
        # The verdict was written before the pages are drawn.
        self._told = frozenset(json.loads(Path(verdict).read_bytes())["told"])

    def render(self, result: Any) -> tuple[Run, TableOutcome]:
        """Read an ``ExpectationSuiteValidationResult``."""
        identity = result.meta["run_id"]
        run = Run(identity["run_name"], datetime.fromisoformat(identity["run_time"]), self._api)
        table = read(result, self._context.suites.get(result.suite_name).meta, page="")
        return run, table.compared_with(self._told)


class TableView:
    """The view of the site's section: the page of one table."""

    def render(self, content: tuple[Run, TableOutcome], **_: Any) -> str:
        """Return the page as HTML; it lies at ``validations/<schema>/<table>/<run>/<time>/<batch>.html``."""
        run, table = content
        return _page("table.html.j2", run, depth=5, table=table)


def index(outcome: Outcome, history: Sequence[Any]) -> str:
    """Return the first page: the verdict, what does not hold, every table, and the runs before."""
    return _page("index.html.j2", outcome.run, depth=0, outcome=outcome, history=history)


def _page(template: str, run: Run, depth: int, **shown: Any) -> str:
    """Draw a page that lies ``depth`` folders below the docs', which lie one below the site's."""
    docs = "../" * depth
    return _ENVIRONMENT.get_template(template).render(
        root=f"{docs}../",
        docs=docs,
        assets=f"{docs}static/",
        current="Data docs",
        sandbox=run.api == "sandbox",
        run=run,
        **shown,
    )
