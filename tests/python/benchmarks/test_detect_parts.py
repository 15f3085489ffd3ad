"""The detection benchmark counts what was found, what was named and what was alarmed without a reason."""

import pytest

from benchmarks.detect import kinds, plan
from benchmarks.detect.kinds import Kind
from benchmarks.detect.score import Score, Shares, Table
from benchmarks.detect.trial import DAY, Seen

FAULT = Kind("a fault", is_fault=True, rules=frozenset({"its_rule"}), effect={"status": 500})
QUIET = Kind("another fault", is_fault=True, rules=frozenset({"its_rule"}), effect={"scale": {"spend": 2}})
EVENT = Kind("an event", is_fault=False)


def counted(kind: Kind, findings: list[tuple[int, str, int]], broken: set[int] | None = None) -> Table:
    """Return the table of one pair of ``kind`` with these findings (look, rule, day)."""
    client = plan.Client("client-1", "meta", "1" * 15, "PLN", kind, seed=1)
    table = Table({kind.name: Score(kind)})
    seen = Seen({"client-1": findings}, {"client-1": broken or set()}, {"client-1": True})
    seen.rivals = {"z-score": {"client-1": {0}}, "fixed": {}}
    table.add([client], seen)
    return table


@pytest.mark.parametrize(
    ("findings", "broken", "recall", "named"),
    [
        ([(1, "its_rule", 0)], {0}, 1.0, 1.0),
        ([(1, "other_rule", 0)], {0}, 1.0, 0.0),
        ([(1, "its_rule", -9)], {0}, 0.0, None),
        ([(0, "its_rule", 0)], {0}, 0.0, None),
        ([], {0}, 0.0, None),
        ([], set(), 1.0, None),
    ],
    ids=["found", "by another name", "of a day before", "before it happened", "not found", "kept out"],
)
def test_a_fault(
    findings: list[tuple[int, str, int]], broken: set[int], recall: float, named: float | None
) -> None:
    shares = counted(FAULT, findings, broken).shares
    assert shares.recall == recall
    assert named is None or shares.named == named


def test_an_event_is_alarmed_by_any_rule_and_a_clean_day_too() -> None:
    assert counted(EVENT, []).shares.events == 0
    assert counted(EVENT, [(1, "any_rule", 0)]).shares.events == 1
    assert counted(QUIET, [(1, "any_rule", -9)]).shares.clean == pytest.approx(1 / 60)


def test_the_table_tells_every_kind_and_the_rivals() -> None:
    lines = "\n".join(counted(FAULT, [(1, "its_rule", 0)], {0}).lines())
    assert "a fault" in lines
    assert "recall 1.0000" in lines
    assert "z-score: recall 1.0000" in lines
    assert "fixed: recall 0.0000" in lines


@pytest.mark.parametrize("name", ["recall", "named", "events", "clean"])
def test_every_target_can_be_missed(name: str) -> None:
    good = {"recall": 1.0, "quiet": 0, "named": 1.0, "healed": 1.0, "events": 0.0, "clean": 0.0}
    assert Shares(**good).missed() == []  # type: ignore[arg-type]
    assert len(Shares(**good | {name: 0.5}).missed()) == 1  # type: ignore[arg-type]


def test_the_kinds_are_many_and_say_what_they_strike() -> None:
    loaded = kinds.load()
    assert sum(kind.is_fault for kind in loaded) >= 40
    assert sum(not kind.is_fault for kind in loaded) >= 15
    for kind in loaded:
        for platform in (kind.platform,) if kind.platform else ("meta", "google"):
            rules = kind.rules_for(platform, "1", "2", DAY)
            assert bool(rules) or not kind.is_fault, kind.name
            assert all(rule["match"]["account"] == "1" for rule in rules)


def test_batches_hold_every_pair_once() -> None:
    chosen = kinds.load()[:7]
    batches = list(plan.batches(chosen, range(3), 10))
    clients = [client for batch in batches for client in batch]
    assert [len(batch) for batch in batches] == [10, 10, 1]
    assert len({(client.kind.name, client.seed) for client in clients}) == 21
    assert len({client.account_id for client in clients}) == 21
