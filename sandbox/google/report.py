"""Metrics of campaigns or of the customer, by time and by conversion action."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any

import numpy as np

from sandbox.data.book import Cube
from sandbox.data.calendar import Ints, day_of
from sandbox.data.campaigns import Campaign
from sandbox.data.google import CLICKS, EVENTS, IMPRESSIONS, SPEND, WHOLE
from sandbox.data.schema import GoogleAction, google_actions
from sandbox.data.shape import minor_units
from sandbox.google import fields
from sandbox.google.gaql import Statement

# Views of videos per ten impressions, by channel.
_VIEWS_PER_TEN = {"DISPLAY": 1, "DEMAND_GEN": 3}
_WEEKDAYS = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")


def _quarter(number: int) -> str:
    day = day_of(number)
    return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1).isoformat()


_TIME: dict[str, Callable[[int], Any]] = {
    "segments.date": lambda number: day_of(number).isoformat(),
    "segments.week": lambda number: (day_of(number) - timedelta(days=day_of(number).weekday())).isoformat(),
    "segments.month": lambda number: day_of(number).replace(day=1).isoformat(),
    "segments.quarter": _quarter,
    "segments.year": lambda number: day_of(number).year,
    "segments.day_of_week": lambda number: _WEEKDAYS[day_of(number).weekday()],
}


@dataclass(frozen=True)
class Report:
    """The rows of a report before they are written: three index arrays into the axes of the figures.

    ``figures[name]`` is subjects by actions by periods; without a segment by action there is one action,
    without a segment by time one period.
    """

    subjects: tuple[Campaign | None, ...]
    """Campaigns, or one None for the customer itself."""
    actions: tuple[GoogleAction | None, ...]
    periods: tuple[dict[str, Any], ...]
    """Values of the time segments."""
    figures: dict[str, Ints]
    minor: int
    subject: Ints
    action: Ints
    period: Ints

    def __len__(self) -> int:
        return len(self.subject)

    def cells(self, name: str) -> Ints:
        """Return the figures ``name`` of every row."""
        return np.asarray(self.figures[name][self.subject, self.action, self.period])

    def metric(self, field: str) -> Sequence[Any]:
        """Return a metric of every row: integers for int64, floats for double."""
        match field:
            case "metrics.impressions":
                return self._counts["impressions"]
            case "metrics.clicks" | "metrics.interactions":
                return self._counts["clicks"]
            case "metrics.cost_micros":
                return [value * (WHOLE // self.minor) for value in self._counts["spend"]]
            case "metrics.ctr":
                return self._ratio("clicks", "impressions", 1.0)
            case "metrics.average_cpc" | "metrics.average_cost":
                return self._ratio("spend", "clicks", WHOLE / self.minor)
            case "metrics.average_cpm":
                return self._ratio("spend", "impressions", 1000 * WHOLE / self.minor)
            case "metrics.cost_per_conversion":
                return self._ratio("spend", "conversions", WHOLE * WHOLE / self.minor)
            case "metrics.conversions_from_interactions_rate":
                return self._ratio("conversions", "clicks", 1 / WHOLE)
            case "metrics.video_trueview_views":
                return self._counts["views"]
            case "metrics.view_through_conversions":
                return [0] * len(self)
        return [value / WHOLE for value in self.cells(field.removeprefix("metrics.")).tolist()]

    @cached_property
    def _counts(self) -> dict[str, list[int]]:
        return {name: self.cells(name).tolist() for name in ("impressions", "clicks", "spend", "views")}

    def _ratio(self, over: str, under: str, factor: float) -> list[float]:
        pairs = zip(self.cells(over).tolist(), self.cells(under).tolist(), strict=True)
        return [top / bottom * factor if bottom else 0.0 for top, bottom in pairs]


def report(statement: Statement, cube: Cube, campaigns: Sequence[Campaign]) -> Report:
    """Return the rows of ``statement``; ``campaigns`` are all that exist, those of ``cube`` have figures.

    With any segment, rows whose selected metrics are all zero are left out, as Google leaves them out.
    """
    account = cube.account
    kinds = google_actions(account)
    times = [name for name in fields.TIME_SEGMENTS if name in statement.fields]
    by_action = any(name in fields.ACTION_SEGMENTS for name in statement.fields)
    values = _with_views(cube)
    subjects: tuple[Campaign | None, ...] = (None,)
    if statement.resource == "customer":
        values = values.sum(axis=0, keepdims=True)
    elif times or by_action:
        subjects = cube.campaigns
    else:
        subjects, values = _all(cube, values, campaigns)
    periods, values = _by_time(times, values, cube.first)
    figures = _figures(values, kinds, by_action)
    names = [_NEEDS[field] for field in statement.fields if field in fields.METRICS]
    shape = figures["conversions"].shape
    present = np.ones(shape, dtype=bool)
    if times or by_action:
        looked = names or ["impressions", "clicks", "spend", "all_conversions"]
        present = np.any([figures[name] != 0 for name in looked], axis=0)
    subject, action, period = np.nonzero(present)
    actions: tuple[GoogleAction | None, ...] = kinds if by_action else (None,)
    return Report(subjects, actions, periods, figures, minor_units(account.currency), subject, action, period)


_NEEDS = {
    "metrics.impressions": "impressions",
    "metrics.clicks": "clicks",
    "metrics.interactions": "clicks",
    "metrics.cost_micros": "spend",
    "metrics.ctr": "clicks",
    "metrics.average_cpc": "clicks",
    "metrics.average_cpm": "spend",
    "metrics.average_cost": "spend",
    "metrics.cost_per_conversion": "conversions",
    "metrics.conversions_from_interactions_rate": "conversions",
    "metrics.conversions": "conversions",
    "metrics.conversions_value": "conversions_value",
    "metrics.all_conversions": "all_conversions",
    "metrics.all_conversions_value": "all_conversions_value",
    "metrics.view_through_conversions": "nothing",
    "metrics.video_trueview_views": "views",
}


def _with_views(cube: Cube) -> Ints:
    """Return the figures with views of videos as the last row: a part of what some channels show."""
    shares = np.array(
        [_VIEWS_PER_TEN.get(campaign.channel.name, 0) for campaign in cube.campaigns], dtype=np.int64
    )
    views = cube.values[:, IMPRESSIONS : IMPRESSIONS + 1, :] * shares[:, None, None] // 10
    return np.concatenate([cube.values, views], axis=1)


def _all(cube: Cube, figures_of: Ints, campaigns: Sequence[Campaign]) -> tuple[tuple[Campaign, ...], Ints]:
    """Return all campaigns, with the figures of those that have any."""
    place = {campaign: index for index, campaign in enumerate(campaigns)}
    values = np.zeros((len(campaigns), *figures_of.shape[1:]), dtype=np.int64)
    for campaign, figures in zip(cube.campaigns, figures_of, strict=True):
        if campaign in place:
            values[place[campaign]] = figures
    return tuple(campaigns), values


def _by_time(times: list[str], values: Ints, first: int) -> tuple[tuple[dict[str, Any], ...], Ints]:
    """Return the periods and the figures summed over them: subjects by rows by periods."""
    if not times:
        return ({},), values.sum(axis=2, keepdims=True)
    days = range(first, first + values.shape[2])
    labels = [tuple(_TIME[name](number) for name in times) for number in days]
    keys = list(dict.fromkeys(labels))
    periods = tuple(dict(zip(times, key, strict=True)) for key in keys)
    if len(keys) == len(labels):
        return periods, values
    place = {key: index for index, key in enumerate(keys)}
    summed = np.zeros((*values.shape[:2], len(keys)), dtype=np.int64)
    for day, label in enumerate(labels):
        summed[:, :, place[label]] += values[:, :, day]
    return periods, summed


def _figures(values: Ints, kinds: tuple[GoogleAction, ...], by_action: bool) -> dict[str, Ints]:
    """Return the figures of all metrics: subjects by actions by periods."""
    count = len(kinds)
    primary = np.array([kind.primary for kind in kinds], dtype=np.int64)[None, :, None]
    events = values[:, EVENTS : EVENTS + count, :]
    worth = values[:, EVENTS + count : EVENTS + 2 * count, :]
    found = {
        "conversions": events * primary,
        "conversions_value": worth * primary,
        "all_conversions": events,
        "all_conversions_value": worth,
    }
    if not by_action:
        found = {name: array.sum(axis=1, keepdims=True) for name, array in found.items()}
        for name, row in (("impressions", IMPRESSIONS), ("clicks", CLICKS), ("spend", SPEND)):
            found[name] = values[:, row : row + 1, :]
        found["views"] = values[:, -1:, :]
    found["nothing"] = np.zeros_like(found["conversions"])
    return found
