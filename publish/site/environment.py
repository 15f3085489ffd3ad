"""The templates' words: how dates, statuses and addresses are written on a page."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import jinja2

from core import frame
from publish.site.details import folder_name
from publish.site.incidents import heal
from publish.site.statuses import GLYPHS
from publish.words import age, counted, day, instant, spans

HERE = Path(__file__).parent


@cache
def make() -> jinja2.Environment:
    """Return the environment of all pages of this room."""
    environment = frame.environment(HERE / "templates")
    environment.filters |= {
        "day": day, "instant": instant, "spans": spans, "age": age, "page_of": _page_of, "data": _data,
        "heal": heal, "folder": folder_name,
    }  # fmt: skip
    environment.globals |= {
        "counted": counted,
        "glyphs": GLYPHS,
        "ring": _ring,
        "sandbox": False,
        "current": "",
    }
    return environment


def compile_templates() -> None:
    """Compile every template of this room, which each would else be when it is first used."""
    environment = make()
    for name in environment.list_templates(extensions=["html"]):
        environment.get_template(name)


def _page_of(runbook: str) -> str:
    """Return the name of a runbook's page: ``docs/runbooks/split_data.md`` is ``split_data``."""
    return Path(runbook).stem


def _data(value: Any) -> str:
    """Return a value as JSON for an attribute; the template escapes it."""
    return json.dumps(value, ensure_ascii=False)


def _ring(score: float) -> str:
    """Return how a circle of circumference 100 is dashed so that ``score`` of it is drawn."""
    drawn = max(0.0, min(100.0, score))
    return f"{drawn:.1f} {100 - drawn:.1f}"
