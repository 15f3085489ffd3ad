"""What is asked for, why, and in which windows: the planner over calendars and pasts made for the purpose."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import UserError
from ingest.agency.registrations import Agency, Registration
from ingest.client.source_spec import load_settings
from ingest.client.sources import SourceSettings
from ingest.collect import backfill
from ingest.collect.planner import (
    BackfillRequest,
    Window,
    local_days,
    plan,
    put_calendar,
)

NOW = datetime(2026, 11, 24, 6, tzinfo=UTC)
TODAY = date(2026, 11, 24)
SOURCES = load_settings("sandbox")
META = Registration("meta", "1", "dune", "EUR", "Europe/Berlin", date(2026, 9, 1), None)
GOOGLE = replace(META, platform="google", account_id="2")

# (registration, day, seen at); (registration, first day, last day, asked at); (registration, day);
# (registration, days kept, found on)
Seen = tuple[int, date, datetime]
Attempt = tuple[int, date, date, datetime]
Judged = tuple[int, date]
Kept = tuple[int, int | None, date]
Restated = tuple[int, int, date, datetime]
Unconfirmed = tuple[int, date, datetime]


def planned(
    registrations: Sequence[Registration],
    *,
    seen: Iterable[Seen] = (),
    attempts: Iterable[Attempt] = (),
    judged: Iterable[Judged] = (),
    kept: Iterable[Kept] = (),
    restated: Iterable[Restated] = (),
    unconfirmed: Iterable[Unconfirmed] = (),
    now: datetime = NOW,
    request: BackfillRequest | None = None,
    sources: dict[str, SourceSettings] = SOURCES,
) -> list[Window]:
    with duckdb.connect(":memory:") as db:
        db.execute("set timezone = 'UTC'")
        put_calendar(db, registrations, sources, now)
        account = dict(db.execute("select registration, account from registrations").fetchall())
        for name, columns, rows in (
            ("seen", "account int, date date, seen_at timestamptz", seen),
            ("attempts", "account int, from_date date, to_date date, asked_at timestamptz", attempts),
            ("judged", "account int, date date", judged),
            ("kept", "account int, kept_days bigint, seen_on date", kept),
            ("restated", "account int, days bigint, seen_on date, seen_at timestamptz", restated),
            ("unconfirmed", "account int, date date, judged_at timestamptz", unconfirmed),
        ):
            db.execute(f"create temp table {name} ({columns})")
            for registration, *values in rows:
                marks = ", ".join("?" * (1 + len(values)))
                db.execute(f"insert into {name} values ({marks})", [account[registration], *values])
        return plan(db, registrations, request)


def days_of(windows: Iterable[Window]) -> set[date]:
    return {w.from_date + timedelta(n) for w in windows for n in range(w.days)}


def seen_daily(registration: int, first: date, last: date, at: datetime) -> list[Seen]:
    return [(registration, first + timedelta(n), at) for n in range((last - first).days + 1)]


def test_first_collection_asks_for_everything_in_few_windows() -> None:
    windows = planned([META])
    assert days_of(windows) == days_of([replace(windows[0], from_date=META.started_on, to_date=TODAY)])
    assert [(w.from_date, w.to_date, w.priority) for w in windows] == [(META.started_on, TODAY, 1)]


def test_history_comes_newest_first_in_windows_of_ninety_days() -> None:
    windows = planned([replace(META, started_on=date(2026, 3, 1))])
    assert [w.days for w in windows] == [90, 90, 89]
    assert [w.to_date for w in windows] == sorted((w.to_date for w in windows), reverse=True)
    assert [w.priority for w in windows] == [1, 6, 6]


def test_what_the_platform_no_longer_keeps_is_not_asked_for() -> None:
    windows = planned([replace(META, started_on=date(2020, 1, 1))])
    assert min(w.from_date for w in windows) == date(2023, 10, 24)


@pytest.mark.parametrize(
    ("kept", "first"),
    [
        ((0, 400, TODAY), TODAY - timedelta(400)),
        ((0, 400, TODAY - timedelta(29)), TODAY - timedelta(400)),
        ((0, 400, TODAY - timedelta(30)), date(2023, 10, 24)),
        ((0, None, TODAY), date(2023, 10, 24)),
        ((0, 3000, TODAY), date(2023, 10, 24)),
    ],
)
def test_a_known_edge_is_not_crossed_for_a_month(kept: Kept, first: date) -> None:
    windows = planned([replace(META, started_on=date(2020, 1, 1))], kept=[kept])
    assert min(w.from_date for w in windows) == first


def test_whole_history_leaves_the_restatement_window() -> None:
    yesterday = TODAY - timedelta(1)
    windows = planned([META, GOOGLE], seen=[*seen_daily(0, META.started_on, yesterday, NOW)])
    of_meta = [w for w in windows if w.registration.platform == "meta"]
    assert [(w.from_date, w.to_date) for w in of_meta] == [(TODAY - timedelta(28), TODAY)]
    of_google = [w for w in windows if w.registration.platform == "google"]
    assert days_of(of_google) == days_of([replace(of_google[0], from_date=META.started_on, to_date=TODAY)])


def test_the_months_that_left_the_window_are_asked_for_once_more() -> None:
    """September leaves the restatement window on 28 October: what was seen before may have changed since."""
    october = seen_daily(0, date(2026, 10, 1), TODAY, NOW)
    for seen_at, asked in ((date(2026, 10, 28), True), (date(2026, 10, 29), False)):
        noon = datetime.combine(seen_at, datetime.min.time(), UTC) + timedelta(hours=12)
        september_seen = seen_daily(0, META.started_on, date(2026, 9, 30), noon)
        windows = planned([META], seen=[*september_seen, *october])
        september = [(w.priority, w.from_date, w.to_date) for w in windows if w.from_date.month == 9]
        assert september == ([(5, META.started_on, date(2026, 9, 30))] if asked else [])


def _restated(days: int, seen_on: date) -> Restated:
    return (0, days, seen_on, datetime.combine(seen_on, datetime.min.time(), UTC) + timedelta(hours=5))


def _window(registration: Registration, since: date, until: date) -> Window:
    return Window(registration, since, until, 6, TODAY, 28)


def _ages(windows: Iterable[Window], today: date = TODAY) -> set[int]:
    return {(today - day).days for day in days_of(windows)}


def test_a_longer_window_is_looked_at_once_a_week() -> None:
    """Every morning 29 days, on one of them 90; a look that was missed is made on the next morning."""
    registration = replace(META, started_on=date(2026, 3, 1))
    long = [_restated(90, date(2026, 1, 1))]
    last = dict.fromkeys(days_of([_window(registration, date(2026, 3, 1), TODAY)]), NOW)
    weekly = []
    for n in range(1, 22):
        now, today = NOW + timedelta(n), TODAY + timedelta(n)
        seen = [(0, day, at) for day, at in last.items()]
        windows = planned([registration], seen=seen, restated=long, now=now)
        ages = _ages(windows, today)
        newest = next(w for w in windows if w.to_date == today)
        assert newest.days in (29, 90)
        weekly += [n] if newest.days == 90 else []
        if n != weekly[0] + 7 if weekly else True:  # that morning nothing is collected
            last |= {today - timedelta(age): now for age in ages}
    assert [later - weekly[0] for later in weekly] == [0, 7, 8, 14]


def test_accounts_are_spread_over_the_week() -> None:
    registrations = [replace(META, account_id=str(1000 + n), started_on=date(2026, 3, 1)) for n in range(70)]
    long = [(n, 90, date(2026, 1, 1), NOW - timedelta(200)) for n in range(70)]
    yesterday = [seen_daily(n, date(2026, 3, 1), TODAY, NOW - timedelta(1)) for n in range(70)]
    windows = planned(registrations, seen=[s for one in yesterday for s in one], restated=long)
    looked = {w.registration.account_id for w in windows if w.days > 29}
    assert 3 <= len(looked) <= 20


@pytest.mark.parametrize(("found", "is_open"), [(date(2026, 11, 20), False), (date(2026, 9, 10), True)])
def test_a_month_keeps_the_window_of_its_time(found: date, is_open: bool) -> None:
    """August was closed under 28 days on 29 September; of 60 days it would have been until 31 October."""
    october = datetime(2026, 10, 15, 12, tzinfo=UTC)
    registration = replace(META, started_on=date(2026, 8, 1))
    august = seen_daily(0, registration.started_on, date(2026, 8, 31), october)
    later = seen_daily(0, date(2026, 9, 1), TODAY, NOW)
    windows = planned([registration], seen=[*august, *later], restated=[_restated(60, found)])
    asked = {day for day in days_of(windows) if day <= date(2026, 8, 31)}
    assert asked == ({date(2026, 8, 1) + timedelta(n) for n in range(31)} if is_open else set())


def test_a_window_that_grows_opens_what_is_still_inside() -> None:
    """September, final under 28 days, is inside of 90: it is looked at weekly again, and closed anew."""
    noon = datetime(2026, 10, 30, 12, tzinfo=UTC)
    september = seen_daily(0, META.started_on, date(2026, 9, 30), noon)
    october = seen_daily(0, date(2026, 10, 1), TODAY, NOW)
    assert min(days_of(planned([META], seen=[*september, *october]))) == TODAY - timedelta(28)
    grown = planned([META], seen=[*september, *october], restated=[_restated(90, TODAY - timedelta(1))])
    assert min(days_of(grown)) == META.started_on
    assert {w.data_source(META.started_on) for w in grown} == {"lookback"}
    closed = datetime(2026, 12, 30, 6, tzinfo=UTC)
    later = [
        (0, day, closed - timedelta(1))
        for _, day, _ in [*september, *seen_daily(0, date(2026, 10, 1), date(2026, 12, 29), NOW)]
    ]
    final = planned([META], seen=later, restated=[_restated(90, TODAY - timedelta(1))], now=closed)
    assert {day for day in days_of(final) if day.month == 9} == {
        date(2026, 9, 1) + timedelta(n) for n in range(30)
    }


def test_a_last_look_that_met_an_outage_is_made_again() -> None:
    seen = seen_daily(0, META.started_on, TODAY, NOW - timedelta(days=1))
    day, judged_at = date(2026, 9, 15), NOW - timedelta(hours=20)
    again = planned([META], seen=seen, unconfirmed=[(0, day, judged_at), (0, TODAY, judged_at)])
    assert {d for d in days_of(again) if d.month == 9} == {day}
    since = [*seen, (0, day, NOW - timedelta(hours=1))]
    assert min(days_of(planned([META], seen=since, unconfirmed=[(0, day, judged_at)]))).month == 10


def test_a_month_is_not_closed_while_its_last_day_can_change() -> None:
    early = datetime(2026, 11, 20, 6, tzinfo=UTC)
    windows = planned([META], seen=seen_daily(0, META.started_on, TODAY, early))
    assert days_of(windows) == {TODAY - timedelta(n) for n in range(29)}


def test_a_day_seen_before_it_ended_is_asked_for_again() -> None:
    day = date(2026, 10, 10)
    seen = [s for s in seen_daily(0, META.started_on, TODAY, NOW) if s[1] != day]
    afternoon = datetime(2026, 10, 10, 15, tzinfo=UTC)
    window = next(w for w in planned([META], seen=[*seen, (0, day, afternoon)]) if w.to_date == day)
    assert (window.priority, window.data_source(day)) == (6, "backfill")
    attempts = [(0, day, day, afternoon + timedelta(days=1))]
    healing = planned([META], seen=[*seen, (0, day, afternoon)], attempts=attempts)
    window = next(w for w in healing if w.to_date == day)
    assert (window.priority, window.data_source(day)) == (4, "heal")


def test_an_attempt_before_the_day_was_over_heals_nothing() -> None:
    yesterday = TODAY - timedelta(1)
    noon = datetime.combine(yesterday, datetime.min.time(), UTC) + timedelta(hours=12)
    window = planned([META], attempts=[(0, yesterday, yesterday, noon)])[0]
    assert window.data_source(yesterday) == "daily"


def test_days_that_the_release_shows_as_not_whole_are_healed_first_of_the_past() -> None:
    judged = date(2026, 9, 20)
    seen = seen_daily(0, META.started_on, TODAY, NOW)
    windows = planned([META], seen=seen, judged=[(0, judged)], attempts=[(0, judged, judged, NOW)])
    assert [(w.priority, w.data_source(w.to_date)) for w in windows] == [(1, "daily"), (4, "heal")]
    assert days_of(windows[1:]) == {judged}


def test_reasons_by_age() -> None:
    window = planned([META])[0]
    assert [window.data_source(TODAY - timedelta(age)) for age in (0, 1, 2, 28, 29)] == [
        "daily",
        "daily",
        "lookback",
        "lookback",
        "backfill",
    ]


def test_short_gaps_are_bridged_and_long_ones_are_not() -> None:
    settled = seen_daily(0, META.started_on, TODAY, NOW)
    missing = {date(2026, 9, 2), date(2026, 9, 9), date(2026, 9, 20)}
    windows = planned([META], seen=[s for s in settled if s[1] not in missing])
    assert [(w.from_date.day, w.to_date.day) for w in windows[1:]] == [(20, 20), (2, 9)]


def test_the_budget_pays_for_the_most_urgent_windows() -> None:
    accounts = [replace(META, account_id=str(n), started_on=date(2025, 1, 1)) for n in range(5)]
    sources = {**SOURCES, "meta": replace(SOURCES["meta"], max_requests=22)}
    windows = planned(accounts, sources=sources)
    assert [w.priority for w in windows] == [1] * 5 + [6], "5 accounts of 2 + 2 requests, and one window of 2"
    assert [w.days for w in windows] == [29] * 5 + [90], "nobody's past rides on yesterday"
    plenty = planned(accounts, sources={**SOURCES, "meta": replace(SOURCES["meta"], max_requests=220)})
    assert [w.days for w in plenty[:5]] == [90] * 5
    assert days_of(plenty) >= days_of(windows)


def test_an_account_that_has_left_and_one_that_is_to_come() -> None:
    left = replace(META, ended_on=date(2026, 9, 30))
    coming = replace(META, account_id="3", started_on=TODAY + timedelta(1))
    windows = planned([left, coming])
    assert days_of(windows) == {date(2026, 9, 1) + timedelta(n) for n in range(30)}


def test_days_are_those_of_the_account() -> None:
    tokyo = replace(META, timezone="Asia/Tokyo")
    honolulu = replace(META, account_id="9", timezone="Pacific/Honolulu")
    newest = {w.registration.timezone: w.to_date for w in reversed(planned([tokyo, honolulu]))}
    assert newest == {"Asia/Tokyo": TODAY, "Pacific/Honolulu": TODAY - timedelta(1)}


@pytest.mark.parametrize(
    ("hour", "due"), [(1, date(2026, 11, 22)), (2, date(2026, 11, 23)), (3, date(2026, 11, 23))]
)
def test_a_day_is_due_three_hours_after_its_end(hour: int, due: date) -> None:
    """Berlin is one hour ahead of UTC in November: 23 November settles at 02:00 UTC."""
    assert local_days(datetime(2026, 11, 24, hour, tzinfo=UTC), "Europe/Berlin", 3) == (TODAY, due)


def test_a_day_with_25_hours_settles_when_it_is_over() -> None:
    """Berlin, 25 October 2026: the day ends at 23:00 UTC."""
    over = datetime(2026, 10, 26, 2, tzinfo=UTC)
    assert local_days(over - timedelta(seconds=1), "Europe/Berlin", 3)[1] == date(2026, 10, 24)
    assert local_days(over, "Europe/Berlin", 3)[1] == date(2026, 10, 25)


def test_backfill_asks_for_its_days_only() -> None:
    request = BackfillRequest("dune", date(2026, 9, 3), date(2026, 12, 31), "google")
    seen = seen_daily(1, META.started_on, TODAY, NOW)
    windows = planned(
        [META, GOOGLE, replace(META, account_id="3", client_id="fjord")], seen=seen, request=request
    )
    assert {(w.registration.account_id, w.priority) for w in windows} == {("2", 0)}
    assert days_of(windows) == {date(2026, 9, 3) + timedelta(n) for n in range(83)}


zones = st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Tokyo", "Pacific/Kiritimati", "UTC"])


@settings(max_examples=60)
@given(
    now=st.datetimes(datetime(2026, 10, 1), datetime(2026, 12, 31)).map(lambda at: at.replace(tzinfo=UTC)),
    zone=zones,
    started=st.integers(0, 250),
    ended=st.none() | st.integers(-20, 200),
    data=st.data(),
)
def test_nothing_that_is_needed_is_forgotten(
    now: datetime, zone: str, started: int, ended: int | None, data: st.DataObject
) -> None:
    today, _ = local_days(now, zone, 3)
    last = None if ended is None else today - timedelta(ended)
    account = replace(META, timezone=zone, started_on=today - timedelta(started), ended_on=last)
    expected = {
        account.started_on + timedelta(n)
        for n in range((min(last or today, today) - account.started_on).days + 1)
    }
    ages = data.draw(st.dictionaries(st.integers(0, started), st.integers(-1, 60), max_size=40))
    seen: list[Seen] = []
    for age, later in ages.items():
        at = datetime.combine(today - timedelta(age), datetime.min.time(), ZoneInfo(zone)) + timedelta(
            days=later, hours=12
        )
        if at <= now:
            seen.append((0, today - timedelta(age), at.astimezone(UTC)))
    windows = planned([account], seen=seen, now=now)
    asked = days_of(windows)
    settled = {day for _, day, at in seen if local_days(at, zone, 3)[1] >= day}
    assert asked <= expected
    assert sum(window.days for window in windows) == len(asked), "windows overlap"
    assert all(window.days <= 90 for window in windows)
    assert {day for day in expected if day not in settled} <= asked
    assert {day for day in expected if (today - day).days <= 28} <= asked
    assert [w.priority for w in windows] == sorted(w.priority for w in windows)


LEFT = replace(META, client_id="left", account_id="3", ended_on=date(2026, 9, 30))
AGENCY = Agency(
    {"dune": "Hotel Dune", "new": "New Inn", "left": "Villa Left"},
    (
        META,
        replace(GOOGLE, started_on=date(2020, 1, 1)),
        LEFT,
        # It came back for ten days.
        replace(LEFT, started_on=date(2026, 10, 21), ended_on=date(2026, 10, 31)),
    ),
)


@pytest.mark.parametrize(
    ("client", "since", "until", "platform", "says"),
    [
        ("glade", "2026-10-01", "2026-10-02", None, "client 'glade' is unknown"),
        ("new", "2026-10-01", "2026-10-02", None, "client 'new' has no account: "),
        ("new", "2026-10-01", "2026-10-02", "meta", "client 'new' has no account on meta"),
        ("dune", "2026-10-02", "2026-10-01", None, "exchange them"),
        ("dune", "2026-08-31", "2026-10-01", "meta", "use FROM=2026-09-01"),
        ("dune", "2020-01-01", "2023-10-23", None, "the platforms keep 37 months"),
        ("dune", "2026-11-26", "2026-11-27", None, "is to come"),
        ("left", "2026-11-01", "2026-11-05", None, "'left' ended on 2026-10-31, .* use TO=2026-10-31"),
        ("left", "2026-10-01", "2026-10-20", "meta", "'left' ended on 2026-09-30, .* use TO=2026-09-30"),
    ],
)
def test_a_backfill_of_nothing_is_refused(
    client: str, since: str, until: str, platform: str | None, says: str
) -> None:
    asked = BackfillRequest(client, date.fromisoformat(since), date.fromisoformat(until), platform)
    with pytest.raises(UserError, match=says):
        backfill.check(asked, AGENCY, NOW)


def test_a_backfill_beyond_a_refused_edge_is_one_sentence() -> None:
    edge, again = date(2026, 10, 5), date(2026, 12, 10)
    kept = {("meta", "1"): (edge, again), ("google", "2"): (edge, again)}
    asked = BackfillRequest("dune", date(2026, 9, 20), date(2026, 10, 4), "meta")
    with pytest.raises(
        UserError, match=r"Meta Ads refused older days.*use FROM=2026-10-05.*from 2026-12-10 on"
    ):
        backfill.check(asked, AGENCY, NOW, kept)
    in_part = replace(asked, to_date=date(2026, 10, 7))
    assert "keeps no days before 2026-10-05" in str(backfill.check(in_part, AGENCY, NOW, kept))
    assert backfill.check(replace(asked, from_date=edge, to_date=edge), AGENCY, NOW, kept) is None


def test_a_backfill_over_the_end_is_asked_for_until_then() -> None:
    asked = BackfillRequest("left", date(2026, 9, 29), date(2026, 10, 5), None)
    backfill.check(asked, AGENCY, NOW)
    assert days_of(planned(AGENCY.registrations, request=asked)) == {date(2026, 9, 29), date(2026, 9, 30)}


@pytest.mark.parametrize("platform", ["google", None])
def test_a_backfill_in_part_is_clamped_to_what_the_platform_keeps(platform: str | None) -> None:
    asked = BackfillRequest("dune", date(2020, 1, 1), date(2023, 10, 26), platform)
    backfill.check(asked, AGENCY, NOW)
    assert days_of(planned(AGENCY.registrations, request=asked)) == {
        date(2023, 10, day) for day in (24, 25, 26)
    }


@given(today=st.dates(date(2020, 1, 1), date(2040, 1, 1)))
def test_retention_is_counted_as_the_models_count_it(today: date) -> None:
    found = duckdb.execute("select (?::date - to_months(37))::date", [today]).fetchone()
    assert found == (backfill.kept_since(today),)
