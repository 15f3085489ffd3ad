"""What a batch's findings are worth: recall, right name, day of detection, healing, and false alarms."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import median

from benchmarks.detect.kinds import Kind
from benchmarks.detect.plan import Client
from benchmarks.detect.trial import Seen

METHODS = ("wholeday", "z-score", "fixed")
LEAST = {"recall": 0.95, "named": 0.8}
MOST = {"events": 0.02, "clean": 0.002}
# Days after the trial's first that a finding may name: what a fault does can be seen the day after.
_LATE = 1
_HISTORY = -60
"""Clean days are those from here to the day before the trial: there is history enough to alarm."""


@dataclass
class Score:
    """The pairs of one kind."""

    kind: Kind
    pairs: int = 0
    harmless: int = 0
    """Pairs of a fault that never let a wrong figure through, though nothing was said."""
    found: int = 0
    named: int = 0
    healed: int = 0
    on: list[int] = field(default_factory=list)
    """Days after the first on which it was found."""
    others: dict[str, int] = field(default_factory=lambda: dict.fromkeys(METHODS[1:], 0))

    @property
    def recall(self) -> float:
        """Share of the pairs that were found, or of an event's that were alarmed."""
        return self.found / self.pairs if self.pairs else 0.0

    @property
    def day(self) -> str:
        """Median day of detection, counted from 0."""
        return f"{median(self.on):.0f}" if self.on else "-"


@dataclass(frozen=True)
class Shares:
    """Shares over all scored kinds, NaN where nothing was tried; ``named`` is of the found.

    ``quiet`` counts the pairs of ``recall`` that were kept out of all figures without a word.
    """

    recall: float
    quiet: int
    named: float
    healed: float
    events: float
    clean: float

    def missed(self) -> list[str]:
        """Return what is missed of the targets."""
        return [
            *(f"{name} below {bound}" for name, bound in LEAST.items() if getattr(self, name) < bound),
            *(f"{name} above {bound}" for name, bound in MOST.items() if getattr(self, name) > bound),
        ]


@dataclass
class Table:
    """All kinds, and the days on which nothing was wrong."""

    scores: dict[str, Score]
    clean_days: int = 0
    alarmed: dict[str, int] = field(default_factory=lambda: dict.fromkeys(METHODS, 0))
    missed: list[str] = field(default_factory=list)
    """Pairs that were not found, or alarmed without a reason: kind, client and what was said."""

    def add(self, clients: Iterable[Client], seen: Seen) -> None:
        """Add a batch."""
        for client in clients:
            self._pair(client, seen)
            self._clean(client, seen)

    def _pair(self, client: Client, seen: Seen) -> None:
        kind, score = client.kind, self.scores[client.kind.name]
        first, last = kind.days[0], kind.days[1] + _LATE
        said = [
            entry for entry in seen.findings[client.client_id] if first <= entry[2] <= last and entry[0] > 0
        ]
        score.pairs += 1
        for method, count in score.others.items():
            days = seen.rivals[method].get(client.client_id, set())
            score.others[method] = count + any(max(first, 0) <= day <= last for day in days)
        if not kind.is_fault:
            said = [entry for entry in said if entry[2] >= max(first, _HISTORY)]
            score.found += bool(said)
            if said:
                self._note(client, said)
            return
        if not said and not seen.broken[client.client_id]:
            score.harmless += 1
        score.found += bool(said)
        score.named += any(rule in kind.rules for _, rule, _ in said)
        score.healed += seen.healed[client.client_id]
        if said:
            score.on.append(max(0, min(look for look, _, _ in said) - 1))
        if not any(rule in kind.rules for _, rule, _ in said):
            self._note(client, said)

    def _clean(self, client: Client, seen: Seen) -> None:
        kind = client.kind
        if kind.days[0] < 0 or kind.started > _HISTORY or kind.is_wide:
            return
        self.clean_days += -_HISTORY
        for method in METHODS:
            days = (
                {day for _, _, day in seen.findings[client.client_id]}
                if method == METHODS[0]
                else seen.rivals[method].get(client.client_id, set())
            )
            count = sum(_HISTORY <= day < 0 for day in days)
            self.alarmed[method] += count
            if count and method == METHODS[0]:
                said = [entry for entry in seen.findings[client.client_id] if _HISTORY <= entry[2] < 0]
                self.missed.append(
                    f"clean day of {client.client_id} ({client.kind.name}): {sorted(said)[:4]}"
                )

    def _note(self, client: Client, said: list[tuple[int, str, int]]) -> None:
        what = ", ".join(sorted({f"{rule} on {day}" for _, rule, day in said})[:4]) or "nothing"
        self.missed.append(
            f"{client.kind.name} ({client.platform} {client.account_id}, {client.seed}): {what}"
        )

    @property
    def shares(self) -> Shares:
        """Return the figures over all kinds that are scored."""
        faults = [score for score in self.scores.values() if score.kind.is_fault and score.kind.scored]
        events = [score for score in self.scores.values() if not score.kind.is_fault]
        pairs, found = sum(s.pairs for s in faults), sum(s.found for s in faults)
        quiet = sum(s.harmless for s in faults)
        return Shares(
            recall=_share(found + quiet, pairs),
            quiet=quiet,
            named=_share(sum(s.named for s in faults), found),
            healed=_share(sum(s.healed for s in faults), pairs),
            events=_share(sum(s.found for s in events), sum(s.pairs for s in events)),
            clean=_share(self.alarmed[METHODS[0]], self.clean_days),
        )

    # what is printed

    def lines(self) -> list[str]:
        """Return the table, one line per kind, and the figures over all of them."""
        faults = [score for score in self.scores.values() if score.kind.is_fault]
        events = [score for score in self.scores.values() if not score.kind.is_fault]
        columns = f"{'z-score':>9}{'fixed':>7}"
        head = f"{'fault':<44}{'pairs':>6}{'found':>7}{'named':>7}{'day':>5}{'healed':>8}{columns}"
        lines = [head, *(_line(score) for score in faults), ""]
        head = f"{'legitimate event: alarmed':<44}{'pairs':>6}{'alarms':>7}{'':>20}{columns}"
        lines += [head, *(_event(score) for score in events), ""]
        return [*lines, *self._sums(faults, events)]

    def _sums(self, faults: list[Score], events: list[Score]) -> list[str]:
        scored, shares = [score for score in faults if score.kind.scored], self.shares
        pairs, legal = sum(s.pairs for s in scored), sum(s.pairs for s in events)
        return [
            f"{len(scored)} kinds of fault, {pairs} pairs: recall {shares.recall:.4f}"
            f" ({shares.quiet} of them kept out without a word), right name {shares.named:.4f} of the found,"
            f" healed exactly {shares.healed:.4f}",
            f"{len(events)} legitimate events, {legal} pairs: alarmed {shares.events:.4f}",
            f"{self.clean_days} clean client-days: alarmed {shares.clean:.4f}",
            *(
                f"{method}: recall {_share(sum(s.others[method] for s in scored), pairs):.4f},"
                f" legitimate events alarmed {_share(sum(s.others[method] for s in events), legal):.4f},"
                f" clean client-days {_share(self.alarmed[method], self.clean_days):.4f}"
                for method in METHODS[1:]
            ),
            *(f"missed: {target}" for target in shares.missed()),
        ]


def _line(score: Score) -> str:
    pairs = score.pairs or 1
    name = score.kind.name + ("" if score.kind.scored else " (not scored)")
    rivals = "".join(
        f"{score.others[method] / pairs:>{width}.2f}"
        for method, width in zip(METHODS[1:], (9, 7), strict=True)
    )
    found = (score.found + score.harmless) / pairs
    return (
        f"{name:<44}{score.pairs:>6}{found:>7.2f}{score.named / pairs:>7.2f}{score.day:>5}"
        f"{score.healed / pairs:>8.2f}{rivals}"
    )


def _event(score: Score) -> str:
    pairs = score.pairs or 1
    rivals = "".join(
        f"{score.others[method] / pairs:>{width}.2f}"
        for method, width in zip(METHODS[1:], (9, 7), strict=True)
    )
    return f"{score.kind.name:<44}{score.pairs:>6}{score.recall:>7.2f}{'':>20}{rivals}"


def _share(part: int, whole: int) -> float:
    return part / whole if whole else float("nan")
