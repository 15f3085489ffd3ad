"""Insights rows as Meta writes them: every number a string, a key absent where there is nothing to say."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sandbox.data.calendar import Ints, day_of
from sandbox.data.meta import ROW
from sandbox.data.schema import MetaAction, meta_actions, place
from sandbox.data.shape import minor_units
from sandbox.meta.entities import Entity

Values = Sequence[Any]


@dataclass(frozen=True)
class Table:
    """The n rows of one page: what each is about, its period; ``figures`` are META_ROWS by n."""

    entities: list[Entity]
    periods: list[tuple[int, int]]
    figures: Ints

    @property
    def minor(self) -> int:
        """Minor units of the account's currency."""
        return minor_units(self.entities[0].account.currency)


def written(table: Table, fields: Iterable[str], windows: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return the rows of ``table`` with the asked ``fields``."""
    if not table.entities:
        return []
    names = list(dict.fromkeys((*fields, "date_start", "date_stop")))
    columns: dict[str, Values] = {}
    for name in names:
        column = _column(table, name, windows)
        if column is not None:
            columns[name] = column
    keys = list(columns)
    rows = [
        {key: value for key, value in zip(keys, values, strict=True) if value is not None}
        for values in zip(*columns.values(), strict=True)
    ]
    for row, entity in zip(rows, table.entities, strict=True):
        row.update(entity.breakdown)
    return rows


def _column(table: Table, name: str, windows: tuple[str, ...]) -> Values | None:
    if name in _ABOUT:
        about = _ABOUT[name]
        return [about(entity) for entity in table.entities]
    if name == "date_start":
        return [day_of(first).isoformat() for first, _ in table.periods]
    if name == "date_stop":
        return [day_of(last).isoformat() for _, last in table.periods]
    if name in _COUNTS:
        return list(map(str, table.figures[ROW[_COUNTS[name]]].tolist()))
    if name == "spend":
        return [_money(value, table.minor) for value in table.figures[ROW["spend"]].tolist()]
    if name in _RATIOS:
        return _ratio(table, *_RATIOS[name])
    if name in _LISTS:
        return _LISTS[name](table, windows)
    return None


def _campaign(read: Callable[[Any], str]) -> Callable[[Entity], str | None]:
    return lambda entity: read(entity.campaign) if entity.campaign else None


_ABOUT: dict[str, Callable[[Entity], str | None]] = {
    "account_id": lambda entity: entity.account.account_id,
    "account_name": lambda entity: entity.account.name,
    "account_currency": lambda entity: entity.account.currency,
    "campaign_id": _campaign(lambda campaign: campaign.campaign_id),
    "campaign_name": _campaign(lambda campaign: campaign.name),
    "objective": _campaign(lambda campaign: campaign.channel.name),
    "buying_type": _campaign(lambda campaign: "AUCTION"),
    "attribution_setting": _campaign(lambda campaign: campaign.attribution),
    "created_time": _campaign(lambda campaign: day_of(campaign.first).isoformat()),
    "updated_time": _campaign(lambda campaign: day_of(campaign.first).isoformat()),
    "adset_id": lambda entity: entity.piece.adset_id if entity.piece else None,
    "adset_name": lambda entity: entity.piece.adset_name if entity.piece else None,
    "ad_id": lambda entity: (
        entity.piece.id if entity.piece and entity.piece.id != entity.piece.adset_id else None
    ),
    "ad_name": lambda entity: (
        entity.piece.name if entity.piece and entity.piece.id != entity.piece.adset_id else None
    ),
}
_COUNTS = {
    "impressions": "impressions",
    "clicks": "clicks",
    "inline_link_clicks": "link_clicks",
    "reach": "reach",
    "inline_post_engagement": "engagement",
    "unique_clicks": "clicks",
    "unique_inline_link_clicks": "link_clicks",
}
_RATIOS: dict[str, tuple[str, str, float]] = {
    "ctr": ("clicks", "impressions", 100),
    "cpc": ("spend", "clicks", 1),
    "cpm": ("spend", "impressions", 1000),
    "cpp": ("spend", "reach", 1000),
    "frequency": ("impressions", "reach", 1),
    "inline_link_click_ctr": ("link_clicks", "impressions", 100),
    "cost_per_inline_link_click": ("spend", "link_clicks", 1),
    "unique_ctr": ("clicks", "reach", 100),
}


def _money(value: int, minor: int) -> str:
    if minor == 1 or value == 0:
        return str(value)
    sign, value = ("-", -value) if value < 0 else ("", value)
    return f"{sign}{value // minor}.{value % minor:02d}"


def _ratio(table: Table, over: str, under: str, factor: float) -> Values:
    factor = factor / table.minor if over == "spend" else factor
    pairs = zip(table.figures[ROW[over]].tolist(), table.figures[ROW[under]].tolist(), strict=True)
    return [f"{top / bottom * factor:.6f}" if bottom else None for top, bottom in pairs]


def _actions(table: Table, windows: tuple[str, ...]) -> Values:
    account = table.entities[0].account
    found = [(action, table.figures[place(account, action.row)]) for action in meta_actions(account)]
    return _listed(table, found, str, windows)


def _action_values(table: Table, windows: tuple[str, ...]) -> Values:
    account = table.entities[0].account
    kinds = [action for action in meta_actions(account) if action.value_row]
    minor = table.minor
    return _listed(
        table,
        [(action, table.figures[place(account, action.value_row)]) for action in kinds],
        lambda value: _money(value, minor),
        windows,
    )


def _outbound_clicks(table: Table, windows: tuple[str, ...]) -> Values:
    action = MetaAction("outbound_click", "landing_page_views")
    return _listed(table, [(action, table.figures[ROW["landing_page_views"]])], str, windows)


def _plays(table: Table, windows: tuple[str, ...]) -> Values:
    """Return how often videos started to play: three times for each view of three seconds."""
    action = MetaAction("video_view", "video_views")
    return _listed(table, [(action, 3 * table.figures[ROW["video_views"]])], str, windows)


def _roas(table: Table, windows: tuple[str, ...]) -> Values:
    pairs = zip(
        table.figures[ROW["purchase_value"]].tolist(), table.figures[ROW["spend"]].tolist(), strict=True
    )
    return [
        [{"action_type": "omni_purchase", "value": f"{value / spend:.6f}"}] if value and spend else None
        for value, spend in pairs
    ]


def _cost_per_action(table: Table, windows: tuple[str, ...]) -> Values:
    spends = table.figures[ROW["spend"]].tolist()
    return [
        [
            {"action_type": entry["action_type"], "value": f"{spend / table.minor / int(entry['value']):.6f}"}
            for entry in entries
        ]
        if entries
        else None
        for entries, spend in zip(_actions(table, ()), spends, strict=True)
    ]


_LISTS: dict[str, Callable[[Table, tuple[str, ...]], Values]] = {
    "actions": _actions,
    "action_values": _action_values,
    "outbound_clicks": _outbound_clicks,
    "purchase_roas": _roas,
    "video_play_actions": _plays,
    "cost_per_action_type": _cost_per_action,
}


def _listed(
    table: Table, kinds: list[tuple[MetaAction, Ints]], write: Callable[[int], str], windows: tuple[str, ...]
) -> Values:
    """Return per row the list of its action types that are not zero, or None; windows add their keys."""
    if not kinds:
        return [None] * len(table.entities)
    names = [action.action_type for action, _ in kinds]
    matrix = np.stack([figures for _, figures in kinds], axis=1)
    if not windows:
        return [
            [
                {"action_type": name, "value": write(value)}
                for name, value in zip(names, line, strict=True)
                if value
            ]
            or None
            for line in matrix.tolist()
        ]
    per_window = {
        window: np.stack([_within(figures, action, window) for action, figures in kinds], axis=1).tolist()
        for window in windows
    }
    return [
        [
            {"action_type": names[kind], "value": write(value)}
            | {window: write(lines[row][kind]) for window, lines in per_window.items() if lines[row][kind]}
            for kind, value in enumerate(line)
            if value
        ]
        or None
        for row, line in enumerate(matrix.tolist())
    ]


def _within(figures: Ints, action: MetaAction, window: str) -> Ints:
    """Return what one attribution window counts; ``value`` is the default setting's and no sum of windows."""
    viewed = figures * 15 // 100 if action.viewable else figures * 0
    clicked = figures - viewed
    match window:
        case "1d_view":
            return viewed
        case "1d_ev":
            return viewed // 3
        case "1d_click":
            return clicked * 80 // 100 if action.viewable else clicked
        case "7d_click":
            return clicked
        case "28d_click":
            return clicked * 106 // 100 if action.viewable else clicked
    return figures * 0
