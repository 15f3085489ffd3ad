-- Whether a day was over, on the clock of a time zone, at an instant. Clocks differ from UTC by -12 to +14 hours, so
-- most days need no look at the time zone, which is slow, even for what never was. The session's time zone is UTC.
create or replace temp macro is_over(day, zone, instant) as case
    when instant is null then null
    when instant >= (day + 1)::timestamptz + interval 12 hour then true
    when instant < (day + 1)::timestamptz - interval 14 hour then false
    else timezone(zone, instant)::date > day
end;

-- Which account-days are needed, and why. Reads the relations that ingest/planner.py describes.
create or replace temp table needed as
with calendar as (
    -- One row per registration: the days that the platform still keeps, the running day included.
    select
        r.registration,
        r.account,
        r.timezone,
        z.today,
        z.due,
        p.lookback_days,
        p.settling,
        greatest(r.started_on, (z.today - interval 37 month)::date) as first_day,
        least(coalesce(r.ended_on, z.today), z.today) as last_day
    from registrations as r
    inner join zones as z using (platform, timezone)
    inner join policies as p using (platform)
    where
        not $forced
        or (r.client_id = $client_id and r.platform = coalesce($platform, r.platform))
),

expected as (
    select *, first_day + unnest(range(greatest(last_day - first_day + 1, 0)))::int as date
    from calendar
),

known as (
    select
        e.registration,
        e.date,
        e.today - e.date as age,
        e.lookback_days,
        e.date <= e.due as is_due,
        coalesce(is_over(e.date, e.timezone, s.seen_at - e.settling), false) as is_settled,
        -- The month's last day has left its restatement window, and this day was not seen since then.
        e.today - least(last_day(e.date), e.last_day) > e.lookback_days
        and not is_over(
            least(last_day(e.date), e.last_day) + e.lookback_days, e.timezone, s.seen_at
        ) as is_unclosed,
        j.date is not null as is_judged
    from expected as e
    left join seen as s using (account, date)
    left join judged as j using (account, date)
)

select
    registration,
    date,
    case
        when $forced then 0
        when age = 1 then 1
        when age = 0 then 2
        when age <= lookback_days then 3
        when is_settled and is_unclosed then 5
        when not is_settled then 6
    end::tinyint as priority,
    is_due and (not is_settled or is_judged) as is_not_whole
from known
where
    case
        when $forced then date between $from_date and $to_date
        else priority is not null or is_not_whole
    end;

-- Days that should be whole and are not, and were asked for when they could have been: these are healed.
create or replace temp table healing as
select distinct n.registration, n.date
from needed as n
inner join registrations as r using (registration)
inner join attempts as a
    on r.account = a.account and n.date between a.from_date and least(a.to_date, a.due)
where n.is_not_whole;

-- Days that are close together are asked for together: few more rows cost less than one more request.
create or replace temp table windows as
with prioritised as (
    select
        n.registration,
        n.date,
        -- What is healed comes before the past, and after what is needed every day.
        if(h.date is not null and coalesce(n.priority, 6) > 3, 4, n.priority) as priority
    from needed as n
    left join healing as h using (registration, date)
    where n.priority is not null or h.date is not null
),

pieces as (
    -- Pieces of the longest window, counted back from the running day.
    select
        n.registration,
        (z.today - n.date) // p.window_days as piece,
        min(n.date) as from_date,
        max(n.date) as to_date,
        count(*) as days,
        min(n.priority) as priority
    from prioritised as n
    inner join registrations as r using (registration)
    inner join zones as z using (platform, timezone)
    inner join policies as p using (platform)
    group by all
),

-- Only pieces with days in between that nobody needs have to be looked at day by day.
steps as (
    select
        p.registration,
        p.piece,
        n.date,
        n.priority,
        coalesce(lag(n.date) over newest_first - n.date > $bridge_days, true) as is_new
    from pieces as p
    inner join prioritised as n
        on p.registration = n.registration and n.date between p.from_date and p.to_date
    where p.days < p.to_date - p.from_date + 1
    window newest_first as (partition by p.registration, p.piece order by n.date desc)
),

islands as (
    select *, sum(is_new::int) over (partition by registration, piece order by date desc) as island
    from steps
),

merged as (
    select registration, from_date, to_date, priority
    from pieces
    where days = to_date - from_date + 1
    union all
    select registration, min(date), max(date), min(priority)
    from islands
    group by registration, piece, island
),

costed as (
    select
        m.*,
        r.platform,
        r.account,
        p.max_requests,
        p.window_requests
        + if(
            row_number() over (partition by r.account order by m.priority, m.to_date desc) = 1,
            p.account_requests,
            0
        ) as requests
    from merged as m
    inner join registrations as r using (registration)
    inner join policies as p using (platform)
),

affordable as (
    select
        *,
        sum(requests) over (
            partition by platform
            order by priority, to_date desc, account, from_date
            rows unbounded preceding
        ) as requests_so_far
    from costed
    qualify $forced or max_requests is null or requests_so_far <= max_requests
)

select
    a.registration,
    a.from_date,
    a.to_date,
    a.priority,
    coalesce(h.days, []) as healing
from affordable as a
left join (
    select w.registration, w.from_date, list(h.date) as days
    from affordable as w
    inner join healing as h
        on w.registration = h.registration and h.date between w.from_date and w.to_date
    group by all
) as h using (registration, from_date);
