"""From a file to figures: each campaign's day, by the declared format, or the reason why it is refused."""

import unicodedata
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from core.measures import measures
from ingest import spelling
from ingest.files import sidecar, table
from ingest.files.format import BadCellError, Cell, Format
from ingest.files.sidecar import Sidecar
from ingest.files.table import RefusedError, Row, Table

KEYS = ("date", "campaign_id", "campaign_name", "currency")
VALUE = "_value"
# A row that names no campaign is about all of the account, or about what no campaign brought.
NO_CAMPAIGN = "(none)"


@dataclass
class Figures:
    """One campaign's day: ``delivery`` by measure; ``actions`` and their ``values`` by action."""

    delivery: dict[str, Decimal] = field(default_factory=dict)
    actions: dict[str, Decimal] = field(default_factory=dict)
    values: dict[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True)
class FileDays:
    """What a file tells: the figures of its days by campaign, names, and ``control`` totals by day.

    A day from ``since`` to ``until`` that has no figures is a day of zeros. ``delivery``, ``actions`` and
    ``values`` are the columns that it tells; ``unread`` are those that nothing reads.
    """

    since: date
    until: date
    delivery: tuple[str, ...]
    actions: tuple[str, ...]
    values: tuple[str, ...]
    unread: tuple[str, ...] = ()
    rows: int = 0
    days: Mapping[date, Mapping[str, Figures]] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    control: Mapping[date, Mapping[str, Decimal]] = field(default_factory=dict)

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of what it tells."""
        return (*self.delivery, *self.actions, *(name + VALUE for name in self.values))

    def covered(self) -> list[date]:
        """Return every day that it covers."""
        return [self.since + timedelta(days=n) for n in range((self.until - self.since).days + 1)]


def key_of(name: str) -> str:
    """Return the name of an action as lines are matched: letters' case and spaces are no fact."""
    return " ".join(unicodedata.normalize("NFC", name).split()).lower()


def known_measures() -> tuple[str, ...]:
    """Return the measures of delivery that a file may have as columns."""
    return tuple(one.name for one in measures().values() if one.answer == "delivery" and "files" in one.wire)


def read(
    name: str,
    content: bytes,
    beside: bytes | None,
    declared: Format,
    mapped: frozenset[str],
    currency: Callable[[date], str | None],
) -> FileDays:
    """Return what the file ``name`` tells; raises ``RefusedError``.

    ``mapped`` are the actions that conversion_actions.csv names, as ``key_of`` writes them; ``currency``
    returns what the account is registered in.
    """
    told = sidecar.of(name, beside)
    found = table.read(name, content, declared)
    layout = _Layout.of(found, declared, mapped)
    return _Reader(told, declared, layout, currency).read(found)


@dataclass(frozen=True)
class _Layout:
    """Where each of our columns stands; ``titles`` are their names in the file."""

    keys: Mapping[str, int]
    delivery: Mapping[str, int]
    actions: Mapping[str, int]
    values: Mapping[str, int]
    titles: list[str]
    unread: tuple[str, ...]

    @classmethod
    def of(cls, found: Table, declared: Format, mapped: frozenset[str]) -> "_Layout":
        titles = found.header
        ours = {theirs: name for name, theirs in declared.columns.items()}
        if twice := sorted({title for title in titles if title and titles.count(title) > 1}):
            raise RefusedError(f"the column {twice[0]!r} stands there twice", declared.header_row)
        if lacking := [theirs for theirs in ours if theirs not in titles]:
            raise RefusedError(f"the column {lacking[0]!r} is missing", declared.header_row, lacking[0])
        keys: dict[str, int] = {}
        delivery: dict[str, int] = {}
        actions: dict[str, int] = {}
        values: dict[str, int] = {}
        unread: list[str] = []
        for at, title in enumerate(titles):
            name = ours.get(title, title)
            plain = key_of(name)
            if plain in KEYS:
                keys[plain] = at
            elif plain in known_measures():
                delivery[plain] = at
            elif title in ours or plain in mapped or plain.removesuffix(VALUE) in mapped:
                is_value = plain.endswith(VALUE) and plain not in mapped
                (values if is_value else actions)[plain.removesuffix(VALUE) if is_value else plain] = at
            elif title:
                unread.append(title)
        if "date" not in keys:
            raise RefusedError("the column 'date' is missing", declared.header_row, "date")
        if not delivery and not actions:
            raise RefusedError(
                "no column is a measure or an action: name its actions in conversion_actions.csv",
                declared.header_row,
            )
        if orphans := sorted(set(values) - set(actions)):
            raise RefusedError(
                f"the column {orphans[0]!r} is missing beside its value", declared.header_row, orphans[0]
            )
        if comma := [name for name in actions if "," in name]:
            raise RefusedError(f"the name of the action {comma[0]!r} has a comma", declared.header_row)
        return cls(keys, delivery, actions, values, titles, tuple(unread))


class _Reader:
    def __init__(
        self,
        told: Sidecar,
        declared: Format,
        layout: _Layout,
        currency: Callable[[date], str | None],
    ) -> None:
        self._told = told
        self._format = declared
        self._layout = layout
        self._currency = currency
        self._days: dict[date, dict[str, Figures]] = defaultdict(dict)
        self._names: dict[str, str] = {}
        self._total: Row | None = None

    def read(self, found: Table) -> FileDays:
        rows = 0
        for row in found.rows:
            if self._is_total(row):
                self._total = row
                continue
            rows += 1
            self._take(row)
        self._check(rows)
        layout = self._layout
        return FileDays(
            since=self._told.since,
            until=self._told.until,
            delivery=tuple(sorted(layout.delivery)),
            actions=tuple(sorted(layout.actions)),
            values=tuple(sorted(layout.values)),
            unread=layout.unread,
            rows=rows,
            days=self._days,
            names=self._names,
            control=self._control(),
        )

    def _is_total(self, row: Row) -> bool:
        cell = row.cells[self._layout.keys["date"]]
        named = self._told.total_row or self._format.total_row
        if named is None or not isinstance(cell, str) or cell.strip() != named:
            return False
        if self._total is not None:
            raise RefusedError(f"the row {named!r} stands there twice", row.line)
        return True

    def _take(self, row: Row) -> None:
        day = self._cell(row, "date", self._layout.keys["date"], self._format.day)
        if not self._told.since <= day <= self._told.until:
            raise RefusedError(
                f"{day} is outside the days that the file covers, {self._told.since} to {self._told.until}",
                row.line,
                self._layout.titles[self._layout.keys["date"]],
            )
        self._check_currency(row, day)
        campaign = self._campaign(row)
        if campaign in self._days[day]:
            raise RefusedError(f"{day} and the campaign {campaign!r} have a row already", row.line)
        self._days[day][campaign] = self._figures(row)

    def _check_currency(self, row: Row, day: date) -> None:
        said, registered = self._text(row, "currency"), self._currency(day)
        if "currency" in self._layout.keys and registered and spelling.currency(said) != registered:
            raise RefusedError(f"{said!r} is not {registered}, which is registered", row.line, "currency")

    def _campaign(self, row: Row) -> str:
        name = self._text(row, "campaign_name")
        campaign = self._text(row, "campaign_id") or name or NO_CAMPAIGN
        if name:
            self._names[campaign] = name
        return campaign

    def _text(self, row: Row, key: str) -> str:
        if key not in self._layout.keys:
            return ""
        cell = row.cells[self._layout.keys[key]]
        if isinstance(cell, float) and cell.is_integer():
            cell = int(cell)
        return "" if cell is None else str(cell).strip()

    def _figures(self, row: Row) -> Figures:
        kinds = {name: measures()[name].kind for name in self._layout.delivery}

        def amounts(places: Mapping[str, int]) -> dict[str, Decimal]:
            return {
                name: self._cell(row, name, at, self._format.number, whole=kinds.get(name) == "count")
                for name, at in places.items()
            }

        return Figures(
            amounts(self._layout.delivery), amounts(self._layout.actions), amounts(self._layout.values)
        )

    def _cell(self, row: Row, name: str, at: int, parse: Callable[..., Cell], **how: bool) -> Cell:
        try:
            return parse(row.cells[at], **how)
        except BadCellError as problem:
            raise RefusedError(str(problem), row.line, self._layout.titles[at] or name) from None

    def _places(self) -> dict[str, int]:
        layout = self._layout
        return {
            **layout.delivery,
            **layout.actions,
            **{name + VALUE: at for name, at in layout.values.items()},
        }

    def _sum(self, name: str, days: list[date] | None = None) -> Decimal:
        listed = self._days.values() if days is None else [self._days.get(day, {}) for day in days]
        return sum((_amount(one, name) for day in listed for one in day.values()), Decimal())

    def _check(self, rows: int) -> None:
        """Compare the rows with what they have to add up to."""
        if self._told.rows is not None and rows != self._told.rows:
            raise RefusedError(f"it has {rows} rows, and its sidecar says {self._told.rows}")
        expected = {self._ours(name): amount for name, amount in self._told.totals.items()}
        self._compare(expected, "its sidecar says", 0)
        if self._total is not None:
            row = self._total
            total = {
                name: self._cell(row, name, at, self._format.number, whole=False)
                for name, at in self._places().items()
                if row.cells[at] is not None and str(row.cells[at]).strip()
            }
            self._compare(total, "the row of the total says", row.line)
        elif self._told.total_row or self._format.total_row:
            raise RefusedError(f"the row {self._told.total_row or self._format.total_row!r} is missing")

    def _compare(self, expected: Mapping[str, Decimal], who: str, line: int) -> None:
        for name, amount in expected.items():
            if self._sum(name) != amount:
                summed, said = (format(one.normalize(), "f") for one in (self._sum(name), amount))
                raise RefusedError(f"its rows add up to {summed}, {who} {said}", line, name)

    def _control(self) -> dict[date, dict[str, Decimal]]:
        return {
            day: {self._ours(name): amount for name, amount in amounts.items()}
            for day, amounts in self._told.days.items()
        }

    def _ours(self, name: str) -> str:
        ours = {theirs: mine for mine, theirs in self._format.columns.items()}
        plain = key_of(ours.get(name, name))
        if plain not in self._places():
            raise RefusedError(f"its sidecar has a total of {name!r}, and the file no such column")
        return plain


def _amount(figures: Figures, name: str) -> Decimal:
    if name in figures.delivery:
        return figures.delivery[name]
    if name in figures.actions:
        return figures.actions[name]
    return figures.values.get(name.removesuffix(VALUE), Decimal())
