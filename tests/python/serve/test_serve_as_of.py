"""Figures as readers had them at an instant, and the questions about what was shown."""

import re

import duckdb
import pytest

from core.settings import ROOT
from tests.python.serve.conftest import DAY, Served

pytestmark = pytest.mark.slow


def test_questions_about_what_was_shown(served: Served) -> None:
    questions = re.findall(r"```sql\n(.*?)```", (ROOT / "docs" / "months.md").read_text(), re.DOTALL)
    assert len(questions) == 4
    with duckdb.connect(str(served.installation.warehouse / "ads.duckdb"), read_only=True) as file:
        for question in questions:
            file.execute(question)


@pytest.mark.parametrize("grain", ["day", "month"])
def test_figures_as_of_an_instant(served: Served, grain: str) -> None:
    fields = "total_spend,reservations,maturity"
    path = f"/api/kpi?client=dune&grain={grain}&fields={fields}&from=2026-10-01&to={DAY}"
    before, now = (served.ask(f"{path}&as_of=2026-11-10T{time}+00:00") for time in ("11:59:59", "12:30:00"))
    assert before.json["rows"] == []
    assert now.json["rows"] == served.ask(path).json["rows"] != []
    assert now.json["as_of"] == "2026-11-10T12:30:00+00:00"


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ("as_of=yesterday", "2026-11-01T06:00:00Z"),
        ("as_of=2026-11-01T06:00:00", "2026-11-01T06:00:00Z"),
        ("as_of=2026-11-01T06:00:00Z&grain=week", "day, month"),
    ],
)
def test_an_instant_that_cannot_be_asked_for(served: Served, asked: str, says: str) -> None:
    answer = served.ask(f"/api/kpi?{asked}")
    assert answer.status == 400
    assert says in answer.sentence
