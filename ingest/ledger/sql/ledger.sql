-- What the planner has to know of the past, as views: nothing of it is kept but what the planner makes of it. Reads the
-- attached `landing` and the relations of ingest/collect/planner.py. Only loads that dlt has marked as complete count; a load that
-- was repeated after a crash changes nothing, since only maxima and distinct rows are taken.
create or replace temp view completed as
select load_id from landing.ledger._dlt_loads where status = 0;

create or replace temp view accounts_asked as
select distinct account, platform, account_id from registrations;

-- When landed days were seen: a version and a sighting of it count the same. What a clock that was ahead has written is
-- still to come, for the models too.
create or replace temp view seen as
select a.account, l.date, l.started_at as seen_at
from (
    select platform, account_id, date, started_at, finished_at, _dlt_load_id from landing.ledger.account_days
    union all
    select platform, account_id, date, started_at, finished_at, _dlt_load_id from landing.ledger.sightings
) as l
inner join accounts_asked as a using (platform, account_id)
where l._dlt_load_id in (from completed) and l.finished_at <= (from clock);

-- What was asked for, and when.
create or replace temp view attempts as
select a.account, l.from_date, l.to_date, l.started_at as asked_at
from landing.ledger.collections as l
inner join accounts_asked as a using (platform, account_id)
where l._dlt_load_id in (from completed) and l.outcome <> 'skipped' and l.finished_at <= (from clock);
