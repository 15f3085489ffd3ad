"""What the SQL of suites knows of platforms and measures: variables of the session, from the tables."""

from typing import Any

import orjson

from core.measures import answer_path, kpis, measures
from core.platforms import platforms

# How each is read from JSON.
_TYPES: dict[type, str] = {dict: "map(varchar, varchar)", list: "varchar[]"}


def variables() -> dict[str, Any]:
    """Return the variables by name: a mapping or a list each."""
    shown = [measure for measure in measures().values() if measure.total]
    listed = measures().values()
    return {
        # The figure of a day that sums a figure of campaigns.
        "figure_of": {str(one.of_campaign): one.total for one in shown} | {name: name for name in kpis()},
        "unsure_figures": [one.total for one in shown],
        "counts_of_campaigns": [one.of_campaign for one in listed if one.of_campaign and one.kind == "count"],
        "link_click_platforms": list(measures()["link_clicks"].wire),
        "conversions_of": {
            name: answer_path(platform, measures()["conversions"].wire[name].field)
            for name, platform in platforms().items()
            if name in measures()["conversions"].wire
        },
        "usual_ctr_of": {name: str(platform.usual_ctr) for name, platform in platforms().items()},
    }


def statements() -> list[tuple[str, tuple[str]]]:
    """Return the statements that set them, each with its parameter."""
    return [
        (f"set variable {name} = ($1::varchar)::json::{_TYPES[type(value)]}", (orjson.dumps(value).decode(),))
        for name, value in variables().items()
    ]
