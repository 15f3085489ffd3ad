"""The tables that models and Python share: what a row may hold, and what is said of one that is wrong."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from core import measures, platforms, rules, severities, tables
from core.errors import UserError
from core.settings import ROOT

CACHED = (tables.variable, measures.kinds, measures.measures, measures.kpis, platforms.platforms, rules.rules)


@pytest.fixture(autouse=True)
def read_anew() -> Any:
    for cached in CACHED:
        cached.cache_clear()
    yield
    for cached in CACHED:
        cached.cache_clear()


def written(folder: Path, *path: str, value: Any) -> Path:
    """A copy of the tables with one cell changed; None: without it."""
    content = yaml.safe_load((ROOT / "dbt_project.yml").read_text())
    at = content["vars"]
    for key in path[:-1]:
        at = at[key]
    if value is None:
        del at[path[-1]]
    else:
        at[path[-1]] = value
    file = folder / "dbt_project.yml"
    file.write_text(yaml.safe_dump(content, sort_keys=False))
    return file


def test_all_tables_can_be_read() -> None:
    assert measures.shown()[:2] == ("total_spend", "total_impressions")
    assert platforms.kept_months() == 37
    assert severities.severities()[0] == "critical"
    assert rules.rules()["missing_days"].parameters == {"days": 7}
    assert {kpi.measure for kpi in measures.kpis().values()} <= set(measures.measures())


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (("platforms", "meta", "title"), None, "the row 'meta' of 'platforms' has no cell 'title'"),
        (
            ("platforms", "meta", "tilte"),
            "x",
            "the row 'meta' of 'platforms' has a cell 'tilte'",
        ),
        (
            ("platforms", "meta", "required"),
            "x",
            "the cell 'required' of the row 'meta' of",
        ),
        (("platforms", "meta", "tells_token"), 1, "is 1, which is no true or false"),
        (
            ("measures", "clicks", "kind"),
            "clicks",
            "'clicks' has the kind 'clicks', which is none of",
        ),
        (("measures", "clicks", "wire", "mtea"), {"field": "c"}, "has the platform 'mtea', which is none of"),
        (("measures", "clicks", "wire", "meta"), {"name": "c"}, "has a cell 'name' that no row has"),
        (("measures", "clicks", "additive"), False, "has the total 'total_clicks' and is not additive"),
        (("measures",), None, "the table 'measures' cannot be read"),
    ],
)
def test_a_wrong_row_is_one_sentence(
    path: tuple[str, ...], value: Any, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "FILE", written(tmp_path, *path, value=value))
    with pytest.raises(UserError) as told:
        platforms.platforms(), measures.measures()
    assert said in str(told.value)
    assert str(told.value).startswith(("dbt_project.yml: ", "the table 'measures'"))
    assert "\n" not in str(told.value)
