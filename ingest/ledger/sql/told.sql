-- What asking again can mend of days that were told otherwise than they are registered, as corrections of `judged`:
-- an account that is told otherwise for good would be asked for ever, and one that is told right again, or registered
-- right at last, has a past that is whole in the release and in no other currency.
create or replace temp table told as
with described as (
    select
        a.account,
        l.seen_at,
        (l.currency, l.timezone) is distinct from lag((l.currency, l.timezone)) over (
            partition by a.account order by l.seen_at, l.run_id
        ) as is_other
    from landing.ledger.accounts as l
    inner join accounts_asked as a using (platform, account_id)
    where l._dlt_load_id in (from completed) and l.seen_at <= (from clock)
)

select
    account,
    max(seen_at) filter (where is_other) as changed_at,
    count(*) filter (where is_other) > 1 as has_changed
from described
group by account;

-- Days without any version as they are registered, and when they were last looked at.
create or replace temp table told_otherwise as
-- Few accounts were ever told otherwise: only their past is read.
with doubtful as (
    select r.*, t.has_changed
    from registrations as r
    inner join told as t using (account)
    where t.has_changed or r.account in (select account from judged where is_registration)
),

days as (
    select
        r.account,
        d.date
    from landing.ledger.account_days as d
    inner join doubtful as r using (platform, account_id)
    left join judged as j on r.account = j.account and d.date = j.date
    where
        d._dlt_load_id in (from completed)
        and d.finished_at <= (from clock)
        and d.date between r.started_on and coalesce(r.ended_on, d.date)
        and (r.has_changed or j.is_registration)
    group by r.account, d.date
    having not bool_or(d.currency = r.currency and d.timezone = r.timezone)
)

select
    days.account,
    days.date,
    max(s.seen_at) >= any_value(t.changed_at) as was_asked_since
from days
inner join told as t on days.account = t.account
inner join seen as s on days.account = s.account and days.date = s.date
group by days.account, days.date;

delete from judged
where is_registration
    and (account, date) in (select (account, date) from told_otherwise where was_asked_since);

insert into judged
select account, date, false
from told_otherwise
where not was_asked_since
    and (account, date) not in (select (account, date) from judged);
