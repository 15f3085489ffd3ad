-- Whether a day had settled, on the clock of a time zone, at an instant. Clocks differ from UTC by -12 to +14 hours, so
-- for most days plain numbers tell: a look at the time zone, or an interval taken off an instant, costs a hundred times
-- as much.
create or replace temp macro is_settled(day, zone, settling, instant) as case
    when epoch_us(instant) - epoch_us(settling) - epoch_us((day + 1)::timestamp) >= 43_200_000_000 then true
    when epoch_us(instant) - epoch_us(settling) - epoch_us((day + 1)::timestamp) < -50_400_000_000 then false
    else timezone(zone, instant - settling)::date > day
end;

-- What is expected of each registration, month by month: few rows, where days would be a hundred times as many. A month
-- is closed when its last day, or the registration's, has left the account's restatement window; what was seen after
-- that is final. The window is the one that was known last while the month was open: a longer one that is found later
-- opens no month that it has left behind as well.
-- The running day is expected too, and what the platform no longer keeps is not: nothing beyond an edge that was met is
-- asked for until it is time to try it again.
create or replace temp table months as
with calendar as (
    select
        r.registration,
        r.account,
        r.timezone,
        z.today,
        z.due,
        p.lookback_days,
        p.settling,
        greatest(
            r.started_on,
            (z.today - to_months($retention_months))::date,
            if($forced, $from_date, r.started_on),
            if(k.seen_on + $tried_again_days > z.today, z.today - k.kept_days::int, null)
        ) as first_day,
        least(coalesce(r.ended_on, z.today), z.today) as last_day
    from registrations as r
    inner join zones as z using (platform, timezone)
    inner join policies as p using (platform)
    left join kept as k using (account)
    where
        not $forced
        or (r.client_id = $client_id and r.platform = coalesce($platform, r.platform))
),

started as (
    select
        *,
        unnest(
            generate_series(date_trunc('month', first_day), date_trunc('month', last_day), interval 1 month)
        )::date as month
    from calendar
    where first_day <= last_day
),

bounded as (
    select
        *,
        greatest(month, first_day) as from_date,
        least(last_day(month), last_day) as to_date
    from started
    where not $forced or month <= $to_date
),

longer as (
    select
        b.registration,
        b.month,
        arg_max(k.days, k.seen_at)::int as days
    from bounded as b
    inner join restated as k on b.account = k.account and b.to_date + k.days::int + 1 > k.seen_on
    group by b.registration, b.month
),

-- Beyond the daily looks an account is looked at once a week, on a day that its id chooses.
restating as (
    select
        bounded.*,
        greatest(bounded.lookback_days, coalesce(longer.days, 0)) as restatement_days,
        bounded.today - (
            (isodow(bounded.today) + 7 - (md5_number_lower(r.platform || r.account_id) % 7)::int) % 7
        )::int as look_day
    from bounded
    inner join registrations as r using (registration)
    left join longer using (registration, month)
),

-- Time zones are few, and looking at them is slow.
closings as (
    select
        timezone,
        to_date,
        restatement_days,
        timezone(timezone, (to_date + restatement_days + 1)::timestamp) as closed_at
    from (select distinct timezone, to_date, restatement_days from restating)
),

looks as (
    select timezone, look_day, timezone(timezone, look_day::timestamp) as look_at
    from (select distinct timezone, look_day from restating)
)

select
    restating.*,
    closings.closed_at,
    looks.look_at,
    restating.today - restating.to_date > restating.restatement_days as is_closed
from restating
inner join closings using (timezone, to_date, restatement_days)
inner join looks using (timezone, look_day);

-- The days of a month as the bits of a number.
create or replace temp macro bits(from_date, to_date) as (2 << day(to_date)) - (1 << day(from_date));

-- Days of closed months whose last look contradicts what is shown, as the release knows it: a look that met an outage is
-- no last look. What was seen since then is not known to it.
create or replace temp table unconfirmed_months as
select
    m.registration,
    m.month,
    bit_or(1 << day(u.date)) as unconfirmed
from unconfirmed as u
inner join months as m on u.account = m.account and m.is_closed and u.date between m.from_date and m.to_date
group by m.registration, m.month;

-- Which days of each month were seen after they had settled, in the last week, and after their month had closed.
create or replace temp table seen_months as
select
    m.registration,
    m.month,
    bit_or(if(is_settled(s.date, m.timezone, m.settling, s.seen_at), 1 << day(s.date), 0)) as settled,
    bit_or(if(s.seen_at >= m.look_at, 1 << day(s.date), 0)) as looked,
    bit_or(if(s.seen_at >= m.closed_at, 1 << day(s.date), 0)) as closed,
    bit_or(
        if(
            s.seen_at >= m.closed_at
            and s.seen_at > (select coalesce(max(judged_at), timestamptz '1970-01-01 00:00:00+00') from unconfirmed),
            1 << day(s.date),
            0
        )
    ) as closed_since
from seen as s
inner join months as m
    on
        s.account = m.account
        and date_trunc('month', s.date)::date = m.month
        and s.date between m.from_date and m.to_date
group by m.registration, m.month;

-- Which account-days are needed, and why; only months that are not done are looked at day by day.
create or replace temp table needed as
with judged_months as (
    select
        m.registration,
        m.month,
        bit_or(1 << day(j.date)) as not_whole
    from judged as j
    inner join months as m on j.account = m.account and j.date between m.from_date and m.to_date
    group by m.registration, m.month
),

known as (
    select
        m.*,
        coalesce(s.settled, 0) as settled,
        coalesce(s.looked, 0) as looked,
        (coalesce(s.closed, 0) & ~coalesce(u.unconfirmed, 0)) | coalesce(s.closed_since, 0) as closed,
        coalesce(j.not_whole, 0) as not_whole
    from months as m
    left join seen_months as s using (registration, month)
    left join judged_months as j using (registration, month)
    left join unconfirmed_months as u using (registration, month)
),

days as (
    select
        *,
        from_date + unnest(range(to_date - from_date + 1))::int as date,
        1 << day(date) as bit
    from known
    where
        $forced
        or to_date >= today - lookback_days
        or not_whole <> 0
        or (
            to_date > today - restatement_days
            and bits(from_date, to_date) & looked <> bits(from_date, to_date)
        )
        or bits(from_date, to_date) & settled & if(is_closed, closed, settled) <> bits(from_date, to_date)
)

select
    registration,
    account,
    date,
    case
        when $forced then 0
        when date = today - 1 then 1
        when date = today then 2
        when date >= today - lookback_days then 3
        when settled & bit = 0 then 6
        when is_closed and closed & bit = 0 then 5
        when date > today - restatement_days and looked & bit = 0 then 5
    end::tinyint as priority,
    date <= due and (settled & bit = 0 or not_whole & bit <> 0) as is_not_whole
from days
where
    case
        when $forced then date between $from_date and $to_date
        else priority is not null or is_not_whole
    end;

-- Days that should be whole and are not, and were asked for when they could have been: these are healed.
create or replace temp table healing as
select distinct
    n.registration,
    n.date
from needed as n
inner join registrations as r using (registration)
inner join policies as p using (platform)
inner join attempts as a
    on n.account = a.account and n.date between a.from_date and a.to_date
where n.is_not_whole and is_settled(n.date, r.timezone, p.settling, a.asked_at);

-- Where the budget will not do for all of them, history must not ride on yesterday: the restatement window is a piece
-- of its own then, and every account's comes before the past of any.
create or replace temp table scarce as
select r.platform
from (
    select registration, count(*) as days
    from needed
    group by registration
) as n
inner join registrations as r using (registration)
inner join policies as p using (platform)
group by r.platform, p.max_requests
having sum(p.account_requests + p.window_requests * ceil(n.days / p.window_days)) > p.max_requests;

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
        case
            when p.platform not in (from scarce) then (z.today - n.date) // p.window_days
            when z.today - n.date <= p.lookback_days then 0
            else 1 + (z.today - n.date - p.lookback_days - 1) // p.window_days
        end as piece,
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

-- Only pieces with days in between that are not needed have to be looked at day by day.
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
