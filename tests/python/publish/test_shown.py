"""What readers were shown, publication by publication, survives releases, rollbacks and kills."""

from typing import Any

import duckdb
import pytest

from publish import places
from publish.publish import publish
from publish.rollback import rollback, unpin
from publish.swap import reconcile

FIGURES = (
    "select * exclude (quality_score, data_source, collected_at, confirmed_at, run_id) from marts.daily_kpi"
    " order by all"
)
SPENT_MORE = (
    "update marts.daily_kpi set total_spend = 21 where date = '2026-11-20' and client_id = 'hotel-01'"
)


def at(monkeypatch: pytest.MonkeyPatch, hour: int) -> str:
    instant = f"2026-11-24T{hour:02}:00:00+00:00"
    monkeypatch.setenv("WHOLEDAY_NOW", instant)
    return instant


def published(warehouse: Any, change: str = "") -> str:
    run = warehouse.begin()
    warehouse.build(run, change=change)
    assert publish(warehouse.settings, run).verdict == "published"
    return str(run.run_id)


def history(warehouse: Any) -> list[tuple[Any, ...]]:
    return list(
        warehouse.query(
            "select publication, platform, total_spend, gap_reason, hour(shown_from), hour(shown_until)"
            " from marts.kpi_history where date = '2026-11-20' and client_id = 'hotel-01' order by all"
        )
    )


def ledger(warehouse: Any, sql: str) -> list[tuple[Any, ...]]:
    return list(warehouse.query(sql, warehouse.settings.landing))


def test_only_what_changes_has_a_row(warehouse: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    at(monkeypatch, 6)
    published(warehouse)
    at(monkeypatch, 7)
    published(warehouse)
    assert ledger(warehouse, "select publication, count(*) from journal.figures group by all") == [(1, 180)]
    at(monkeypatch, 8)
    published(warehouse, SPENT_MORE)
    assert ledger(warehouse, "select count(*) from journal.figures where publication = 3") == [(2,)]
    assert [row[:3] for row in history(warehouse)] == [
        (1, "google", 20.5),
        (1, "meta", 20.5),
        (3, "google", 21),
        (3, "meta", 21),
    ]
    assert {row[4:] for row in history(warehouse)} == {(6, 8), (8, None)}


def test_as_of_each_publication_is_its_own_mart(warehouse: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    changes = ("", SPENT_MORE, "delete from marts.daily_kpi where date = '2026-11-19'", SPENT_MORE)
    shown = {}
    for hour, change in enumerate(changes, 6):
        instant = at(monkeypatch, hour)
        published(warehouse, change)
        shown[instant] = warehouse.query(FIGURES), warehouse.query("from marts.monthly_kpi order by all")
    instant = at(monkeypatch, 12)
    rollback(warehouse.settings, None)
    shown[instant] = warehouse.query(FIGURES), warehouse.query("from marts.monthly_kpi order by all")
    unpin(warehouse.settings)
    for instant, (days, months) in shown.items():
        assert warehouse.query(f"from marts.daily_kpi_as_of('{instant}') order by all") == days
        assert warehouse.query(f"from marts.monthly_kpi_as_of('{instant}') order by all") == months
    assert warehouse.query("from marts.daily_kpi_as_of('2026-11-24T05:59:59+00:00')") == []


def test_a_day_that_is_taken_back_is_a_gap(warehouse: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    at(monkeypatch, 6)
    published(warehouse)
    at(monkeypatch, 7)
    published(
        warehouse,
        "update health.account_days set status = 'split', reason = 'answers_present: no conversions'"
        " where date = '2026-11-20' and client_id = 'hotel-01'",
    )
    assert [row[1:4] for row in history(warehouse) if row[0] == 2] == [
        ("google", None, "answers_present: no conversions"),
        ("meta", None, "answers_present: no conversions"),
    ]


def test_a_rollback_is_a_publication_and_keeps_the_history(
    warehouse: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    at(monkeypatch, 6)
    first = published(warehouse)
    at(monkeypatch, 7)
    second = published(warehouse, SPENT_MORE)
    at(monkeypatch, 8)
    rollback(warehouse.settings, None)
    assert [row[0] for row in history(warehouse)] == [1, 1, 2, 2, 3, 3]
    known = (
        "select run_id, previous_run_id, kind, hour(shown_from) from marts.publications order by publication"
    )
    assert warehouse.query(known) == [
        (first, None, "published", 6),
        (second, first, "published", 7),
        (first, second, "rollback", 8),
    ]
    assert warehouse.query(FIGURES) == warehouse.query(FIGURES, places.kept(warehouse.settings, first))
    unpin(warehouse.settings)
    at(monkeypatch, 9)
    published(warehouse, SPENT_MORE)
    assert ledger(warehouse, "select count(*) from journal.figures where publication = 4") == [(2,)]


def test_a_kill_before_the_ledger_knows_is_made_up_for(
    warehouse: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    published(warehouse)
    with monkeypatch.context() as killed:
        killed.setattr("publish.publish.shown.keep", lambda _: [])
        published(warehouse, SPENT_MORE)
    assert ledger(warehouse, "select max(publication) from journal.figures") == [(1,)]
    for _ in range(2):
        reconcile(warehouse.settings)
        assert ledger(warehouse, "select count(*) from journal.figures where publication = 2") == [(2,)]
        assert ledger(warehouse, "select count(*) from journal.publications") == [(2,)]


def test_a_warehouse_without_a_history_begins_with_what_it_shows(warehouse: Any) -> None:
    first = published(warehouse)
    _forget(warehouse)
    second = published(warehouse, SPENT_MORE)
    known = warehouse.query("select run_id, kind from marts.publications order by publication")
    assert known == [(first, "adopted"), (second, "published")]
    assert [row[2] for row in history(warehouse)] == [20.5, 20.5, 21, 21]


def test_back_to_a_release_from_before_the_history(warehouse: Any) -> None:
    first = published(warehouse)
    kept = places.kept(warehouse.settings, first)
    kept.chmod(0o644)
    _drop(kept)
    published(warehouse, SPENT_MORE)
    rollback(warehouse.settings, None)
    assert [row[2] for row in history(warehouse)] == [20.5, 20.5, 21, 21, 20.5, 20.5]


def test_a_new_measure_leaves_old_rows_as_they_were(warehouse: Any) -> None:
    published(warehouse)
    published(warehouse, "alter table marts.daily_kpi add column calls bigint default 7")
    rows = ledger(
        warehouse, "select publication, calls, count(*) from journal.figures group by all order by 1"
    )
    assert rows == [(1, None, 180), (2, 7, 180)]
    published(warehouse)
    assert ledger(warehouse, "select count(*) from journal.figures where publication = 3") == [(180,)]


def test_a_month_is_saved_when_it_is_whole_and_finished_when_it_is_final(
    warehouse: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    october = "month = '2026-10-01' and client_id = 'hotel-01' and platform = 'meta'"
    closed = (
        "select revision, kind, total_spend, hour(closed_at), closed_by, is_current from marts.monthly_closed"
        f" where {october} order by revision"
    )
    at(monkeypatch, 6)
    published(warehouse, f"update marts.monthly_kpi set status = 'incomplete' where {october}")
    assert warehouse.query(closed) == []
    at(monkeypatch, 7)
    published(warehouse)
    at(monkeypatch, 8)
    restated = f"update marts.monthly_kpi set total_spend = 99 where {october}"
    published(warehouse, restated)
    assert warehouse.query(closed) == [(1, "saved", 143.5, 7, "run", True)]
    at(monkeypatch, 9)
    published(warehouse, f"{restated}; update marts.monthly_kpi set maturity = 'final' where {october}")
    both = [(1, "saved", 143.5, 7, "run", False), (2, "final", 99, 9, "run", True)]
    assert warehouse.query(closed) == both
    rollback(warehouse.settings, None)
    assert warehouse.query(closed) == both
    unpin(warehouse.settings)
    published(warehouse)
    assert warehouse.query(closed) == both
    assert ledger(warehouse, f"select count(*) from journal.closed where {october}") == [(2,)]


def _forget(warehouse: Any) -> None:
    """Make the warehouse one of a wholeday that kept no history."""
    warehouse.settings.release.chmod(0o644)
    _drop(warehouse.settings.release)
    with duckdb.connect(str(warehouse.settings.landing)) as file:
        for table in ("publications", "figures", "monthly_figures", "closed"):
            file.execute(f"drop table journal.{table}")


def _drop(path: Any) -> None:
    with duckdb.connect(str(path)) as file:
        for table in ("publications", "kpi_history", "monthly_history", "monthly_closed"):
            file.execute(f"drop table marts.{table}")
