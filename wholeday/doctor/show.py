"""The doctor's table, and the same as JSON."""

import json
from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from core.diagnosis import Diagnosis, Status
from core.log import scrub
from core.screen import Screen

_STYLE = {Status.PASS: "green", Status.WARN: "yellow", Status.FAIL: "bold red"}
# For a file or a pipe, which have no width of their own.
WIDTH = 140


def worst(found: Sequence[Diagnosis]) -> Status:
    """Return the worst status of all."""
    return max((one.status for one in found), key=list(Status).index, default=Status.PASS)


def as_json(found: Sequence[Diagnosis]) -> str:
    """Return everything as one JSON object."""
    checks = [{key: scrub(value) for key, value in one.as_dict().items()} for one in found]
    return json.dumps({"status": worst(found).value, "checks": checks}, indent=2, ensure_ascii=False)


def table(found: Sequence[Diagnosis]) -> None:
    """Print a line for everything that was looked at, and what to do where it is not as it should be."""
    screen = Screen(width=WIDTH)
    lines = Table("", "area", "what", "found", "what to do")
    for one in found:
        remedy = (
            f"{one.remedy} (docs/runbooks/{one.runbook}.md)" if one.runbook and one.remedy else one.remedy
        )
        status = Text(one.status.value, style=_STYLE[one.status])
        lines.add_row(status, one.area, one.name, scrub(one.found), scrub(remedy))
    screen.print(lines)
    counts = {status: sum(one.status is status for one in found) for status in Status}
    screen.print(
        f"{counts[Status.PASS]} as they should be, {counts[Status.WARN]} to look at,"
        f" {counts[Status.FAIL]} to repair."
    )
