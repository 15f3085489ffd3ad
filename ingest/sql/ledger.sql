-- What the planner has to know of the past. Reads the attached `landing` and the relations of ingest/planner.py.
-- Only loads that dlt has marked as complete count; a load that was repeated after a crash counts once, since only
-- maxima and distinct rows are taken.
create or replace temp view completed as
select load_id from landing.ledger._dlt_loads where status = 0;

create or replace temp view accounts_asked as
select distinct account, platform, account_id from registrations;

-- When each landed day was last seen: a version and a sighting of it count the same.
create or replace temp table seen as
select a.account, l.date, max(l.started_at) as seen_at
from (
    select platform, account_id, date, started_at, _dlt_load_id from landing.ledger.account_days
    union all
    select platform, account_id, date, started_at, _dlt_load_id from landing.ledger.sightings
) as l
inner join accounts_asked as a using (platform, account_id)
where l._dlt_load_id in (from completed)
group by all;

-- What was asked for, and the newest day whose settling time was over by then.
create or replace temp table attempts as
select
    r.account,
    l.from_date,
    l.to_date,
    max(timezone(r.timezone, l.started_at - p.settling)::date - 1) as due
from landing.ledger.collections as l
inner join registrations as r using (platform, account_id)
inner join policies as p using (platform)
where l._dlt_load_id in (from completed) and l.outcome <> 'skipped'
group by all;
