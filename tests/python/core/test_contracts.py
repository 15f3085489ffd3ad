"""Contracts and pages cannot read the table of measures, so they are compared with it."""

from typing import Any

import yaml

from core.measures import kinds, measures, shown
from core.settings import ROOT

CONTRACTS = yaml.safe_load((ROOT / "models" / "marts" / "_marts__models.yml").read_text())["models"]


def columns(model: str) -> dict[str, dict[str, Any]]:
    (found,) = (one for one in CONTRACTS if one["name"] == model)
    return {column["name"]: column for column in found["columns"]}


def test_contracts_have_the_figures_of_the_table() -> None:
    for model in ("daily_kpi", "today_kpi", "weekly_kpi", "monthly_kpi"):
        assert [name for name in columns(model) if name in shown()] == list(shown()), model


def test_contracts_have_the_types_of_the_table() -> None:
    for measure in measures().values():
        kind = kinds()[measure.kind].type.replace(" ", "")
        if measure.of_campaign:
            assert columns("campaign_daily_kpi")[measure.of_campaign]["data_type"] == kind
        if measure.total:
            told = columns("daily_kpi")[measure.total]
            assert told["data_type"] == kind
            # A source may not tell it: then it is NULL.
            assert "constraints" not in told, measure.name


def test_the_page_of_metrics_has_every_figure() -> None:
    page = (ROOT / "docs" / "metrics.md").read_text()
    for measure in measures().values():
        for name in filter(None, (measure.total, measure.of_campaign)):
            assert f"`{name}`" in page, name
