"""What the agency's files say once every line that cannot be understood counts as it was read last.

A line belongs to a group: a client, an account, an action, a rule's threshold, a waiver, a rate, a setting,
an invoice. A group counts as it is written if each of its lines can be understood and none contradicts
another. Else it counts as it did before, or not at all. So what counts is free of contradictions, and what a
line costs is its own group. Pure: contents in, lines and problems out.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from difflib import SequenceMatcher, get_close_matches
from typing import Any

from ingest.agency import columns
from ingest.agency.checks import clashes, of_line, remarks
from ingest.agency.file_formats import FILE_FORMATS, LEFT_OUT
from ingest.agency.files import (
    Contents,
    File,
    Line,
    Problem,
    Row,
    cell,
)
from ingest.agency.rules import SCORE, WHOLE, default_weights

FILES: tuple[File, ...] = (
    columns.CLIENTS,
    columns.ACCOUNTS,
    columns.CONVERSION_ACTIONS,
    columns.RULES,
    columns.WAIVERS,
    columns.RATES,
    columns.SETTINGS,
    columns.INVOICES,
    FILE_FORMATS,
)
Group = tuple[str, ...]
# How alike two texts have to be for one to be taken for the other, spoilt.
ALIKE = 0.6
_WEIGHTS = "weights"
_LEFT_OUT = {
    columns.CLIENTS.name: "the client and its accounts are left out until then",
    columns.ACCOUNTS.name: "the account is left out until then",
    columns.CONVERSION_ACTIONS.name: "the line maps nothing until then",
    columns.RULES.name: "the default counts until then",
    columns.WAIVERS.name: "it waives nothing until then",
    columns.RATES.name: "the rate before it counts until then",
    columns.SETTINGS.name: "the default counts until then",
    columns.INVOICES.name: "it is matched with nothing until then",
    FILE_FORMATS.name: LEFT_OUT,
}


@dataclass(frozen=True)
class State:
    """What counts of the files from one of their contents on.

    ``counted`` are the lines that count, by file and group; ``rows`` the texts of all rows with their groups;
    ``problems`` the lines that do not count as they are written, and those that count as nothing.
    """

    counted: dict[str, dict[Group, tuple[Line, ...]]] = field(default_factory=dict)
    rows: dict[str, tuple[tuple[str, Group | None], ...]] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    def lines(self, file: File) -> list[Line]:
        """The lines of ``file`` that count, in the order of the file."""
        found = [line for lines in self.counted.get(file.name, {}).values() for line in lines]
        return sorted(found, key=lambda line: line.number)

    @property
    def is_clean(self) -> bool:
        """Whether every line counts as it is written."""
        return all(problem.bearable for problem in self.problems)


NOTHING = State()


def resolve(contents: Mapping[str, Contents], before: State = NOTHING, at: datetime | None = None) -> State:
    """Return what counts of ``contents``, read ``at`` that instant, where ``before`` counted till then."""
    clients = _Settled(columns.CLIENTS, contents, before)
    named = frozenset(group[0] for _, group in clients.rows if group)
    # If the file of clients cannot be read as a whole, that is told once.
    readable = columns.CLIENTS.name in contents and not contents[columns.CLIENTS.name].problems
    known = clients.known() if readable else None
    others = [_Settled(file, contents, before, known, named) for file in FILES[1:]]
    # An account whose line counts as before needs its client, which the file of clients may have lost.
    for line in others[0].lines():
        client: Group = (line["client_id"].casefold(),)
        if client not in clients.counted and client in clients.before:
            clients.counted[client] = clients.before[client]
    known = clients.known()
    for one in others:
        one.keep(known)
    since = {problem.key: problem.since for problem in before.problems}
    ids = frozenset(known.values())
    files = (clients, *others)
    return State(
        {one.file.name: one.counted for one in files},
        {one.file.name: tuple((row.text, group) for row, group in one.rows) for one in files},
        tuple(
            replace(problem, since=since.get(problem.key, at))
            for one in files
            for problem in one.problems(ids)
        ),
    )


class _Settled:
    """One file: which lines of it count, and why the others do not.

    ``known`` are the ids of clients that count, by the id in small letters; ``named`` those that the file of
    clients names, some of them in lines that cannot be understood, which is told there.
    """

    def __init__(
        self,
        file: File,
        contents: Mapping[str, Contents],
        before: State,
        known: Mapping[str, str] | None = None,
        named: frozenset[str] = frozenset(),
    ) -> None:
        rows = contents.get(file.name, Contents()).rows
        self.file = file
        self.before = before.counted.get(file.name, {})
        clients = None if known is None else named | known.keys()
        groups = _groups(file, rows, before.rows.get(file.name, ()), clients)
        self.rows = list(zip(rows, groups, strict=True))
        self._lines: dict[int, Line] = {}
        # Lines that are told of, though what counts in their place says the same.
        self._told: set[int] = set()
        self._reasons: dict[int, list[str]] = defaultdict(list)
        written: dict[Group, list[Line]] = defaultdict(list)
        spoilt: set[Group | None] = set()
        for row, group in self.rows:
            line = self._lines[row.number] = Line(row.number, row.values)
            reasons = [*row.reasons] or [*of_line(file, line)]
            if not reasons and known is not None and line.values.get("client_id"):
                client = line["client_id"].casefold()
                if client in known:
                    line.values["client_id"] = known[client]
                elif client in named:
                    spoilt.add(group)
                else:
                    reasons = [
                        f"the client {line['client_id']!r} is unknown: it is not in {columns.CLIENTS.name}"
                    ]
            self._reasons[row.number] += reasons
            if reasons:
                spoilt.add(group)
                self._told.add(row.number)
            elif group is not None:
                written[group].append(line)
        self._as_before = {group for group in spoilt if group is not None}
        self.counted = {group: tuple(lines) for group, lines in written.items() if group not in spoilt}
        self.counted |= {group: self.before[group] for group in self._as_before if group in self.before}
        while self._untangle():
            pass
        if file is columns.RULES:
            self._weigh()

    def known(self) -> dict[str, str]:
        """The ids of the clients that count, by the id in small letters."""
        return {lines[0]["client_id"].casefold(): lines[0]["client_id"] for lines in self.counted.values()}

    def lines(self) -> list[Line]:
        """The lines that count."""
        return [line for lines in self.counted.values() for line in lines]

    def keep(self, known: Mapping[str, str]) -> None:
        """Let lines count only if their client does."""
        kept: dict[Group, tuple[Line, ...]] = {}
        for group, lines in self.counted.items():
            clients = {line["client_id"].casefold() for line in lines if line.values.get("client_id")}
            if clients <= known.keys():
                kept[group] = lines
        self.counted = kept

    def problems(self, clients: frozenset[str]) -> Iterator[Problem]:
        """Yield a problem for every line that does not count as it is written, and the remarks."""
        keys: Counter[str] = Counter()
        for row, group in self.rows:
            line = self._lines[row.number]
            counted = self.counted.get(group, ()) if group else ()
            counts = any(line.values == one.values for one in counted)
            if counts and row.number not in self._told:
                for remark in remarks(self.file, line):
                    yield Problem(self.file.name, row.number, remark, bearable=True)
                continue
            reason = "; ".join(dict.fromkeys(self._reasons[row.number]))
            if not reason and group in self._as_before and counted:
                reason = "it counts together with another line of the same name, which cannot be understood"
            if not reason:
                continue  # its client has no line that can be understood, which is told of that line
            key = f"{self.file.name}: {' '.join(filter(None, group)) if group else row.text[:80]}"
            keys[key] += 1
            client, platform, account = self._about(group, line, counted)
            yield Problem(
                self.file.name,
                row.number,
                reason,
                instead=self._instead(counted),
                key=key if keys[key] == 1 else f"{key} ({keys[key]})",
                client_id=client if client in clients else "",
                platform=platform,
                account_id=account,
            )

    def _untangle(self) -> bool:
        """Let groups count as before whose lines contradict others; say whether there were any."""
        group_of = {id(line): group for group, lines in self.counted.items() for line in lines}
        moved: set[Group] = set()
        for *pair, what in clashes(self.file, sorted(self.lines(), key=lambda line: line.number)):
            groups = [group_of[id(line)] for line in pair]
            written = [n for n, group in enumerate(groups) if group not in self._as_before]
            for n in written:
                other, is_written = pair[1 - n], 1 - n in written
                where = f"line {other.number}" if is_written else "what counts in place of another line"
                told = what.format(mine=pair[n], theirs=other, other=where)
                self._reasons[pair[n].number].append(told)
            if len(written) == 2:
                self._told.add(max(line.number for line in pair))
            # Of two that count as before, which no content ever held, the later one goes.
            moved |= {groups[n] for n in written} or {groups[1]}
        for group in moved:
            if group not in self._as_before and group in self.before:
                self.counted[group] = self.before[group]
            else:
                del self.counted[group]
            self._as_before.add(group)
        return bool(moved)

    def _weigh(self) -> None:
        """Let weights of the score count only if they add up: the agency's, then those of each client."""
        everybodys = default_weights()
        groups = sorted(
            {group for _, group in self.rows if group and group[1] == _WEIGHTS} | {(SCORE, _WEIGHTS, "")}
        )
        for group in groups:
            own = self.counted.get(group, ())
            weights = everybodys | _weights(own)
            if sum(weights.values()) != WHOLE:
                parts = ", ".join(f"{part} {weight}" for part, weight in weights.items())
                why = f"the weights of {SCORE} add up to {sum(weights.values())}, not {WHOLE}: {parts}"
                for line in own:
                    if line["value"] != everybodys[line["parameter"]]:
                        self._reasons[line.number].append(why)
                self._as_before.add(group)
                own = self.before.get(group, ())
                weights = everybodys | _weights(own)
                if sum(weights.values()) == WHOLE:
                    self.counted[group] = own
                else:
                    self.counted.pop(group, None)
                    weights = everybodys
            if not group[2]:
                everybodys = weights

    def _about(self, group: Group | None, line: Line, counted: Sequence[Line]) -> tuple[str, str, str]:
        """Return the client, platform and account that a line is about, as far as they are known."""
        known: dict[str, Any] = {**(counted[0].values if counted else {}), **line.values}
        if group and not known:
            known = dict(zip(self.file.identity, group, strict=False))
        account = known.get("account_id") if self.file is columns.ACCOUNTS else None
        return known.get("client_id") or "", known.get("platform") or "", account or ""

    def _instead(self, counted: Sequence[Line]) -> str:
        if not counted:
            return _LEFT_OUT[self.file.name]
        shown = " and ".join(_shown(self.file, line) for line in counted)
        return f"until then it counts as it was read last: {shown}"


def _weights(lines: Iterable[Line]) -> dict[str, Decimal]:
    return {line["parameter"]: line["value"] for line in lines}


def _shown(file: File, line: Line) -> str:
    return ",".join(cell(line[name]) for name in file.columns).rstrip(",")


def _groups(
    file: File,
    rows: Sequence[Row],
    before: Sequence[tuple[str, Group | None]],
    clients: AbstractSet[str] | None,
) -> list[Group | None]:
    """Return the group of each row, by what it says of itself, else by the row that stood there before."""
    groups = [_group(file, row) if row.is_split else None for row in rows]
    if clients is not None and "client_id" in file.identity:
        n = file.identity.index("client_id")
        named = {"", *clients}
        groups = [group if group and group[n] in named else None for group in groups]
    if None in groups:
        _align([row.text for row in rows], groups, before)
    return [group or _group(file, row) for group, row in zip(groups, rows, strict=True)]


def _group(file: File, row: Row) -> Group | None:
    parts = []
    for name in file.identity:
        if row.reasons:
            text, column = row.cells.get(name, ""), file.columns[name]
            if not text and column.filled:
                return None
            try:
                value = str(column.parse(text)) if text else ""
            except ValueError:
                return None
        else:
            value = str(row.values[name] or "")
        parts.append(value.casefold() if name == "client_id" else value)
    if file is columns.RULES and parts[0] == SCORE and parts[1] in default_weights():
        parts[1] = _WEIGHTS
    return tuple(parts)


def _align(
    texts: Sequence[str], groups: list[Group | None], before: Sequence[tuple[str, Group | None]]
) -> None:
    """Give rows that do not say what they are about the group of the row they were: same place, or alike."""
    present, unchanged = Counter(groups), set(texts)
    known = Counter(group for _, group in before)
    gone = {
        n
        for n, (text, group) in enumerate(before)
        if group is not None and present[group] < known[group] and not (present[group] and text in unchanged)
    }
    matcher = SequenceMatcher(None, [text for text, _ in before], texts, autojunk=False)
    for tag, old, old_end, new, new_end in matcher.get_opcodes():
        if tag in ("equal", "replace") and old_end - old == new_end - new:
            for n, m in zip(range(old, old_end), range(new, new_end), strict=True):
                if groups[m] is None and (n in gone or tag == "equal"):
                    groups[m] = before[n][1]
                    gone.discard(n)
    for m, text in enumerate(texts):
        if groups[m] is None and gone:
            candidates = {before[n][0]: n for n in gone}
            for found in get_close_matches(text, candidates, n=1, cutoff=ALIKE):
                groups[m] = before[candidates[found]][1]
                gone.discard(candidates[found])
