-- The calendar as run-length strings: one row per client and platform. "w340s2" is 340
-- whole days and two split ones, from the first day on; a day on which nothing is
-- expected is "-". Variables: days, codes (the letter of each state).
with bounds as (
    select max(date) - getvariable('days')::integer as before_first
    from health.account_days
),

shown_days as (
    select
        client_id,
        platform,
        date
    from marts.daily_kpi
    where date > (select before_first from bounds)
    union all
    select
        client_id,
        platform,
        date
    from reports.withheld_days
    where date > (select before_first from bounds)
),

calendar_rows as (
    select
        client_id,
        platform,
        min(date) as first_date,
        max(date) as last_date,
        count(*) < max(date) - min(date) + 1 as has_holes
    from shown_days
    group by client_id, platform
),

-- Most days are whole, so only the others are looked at one by one.
next_days as (
    select
        client_id,
        platform,
        date,
        lead(date) over (partition by client_id, platform order by date) as next_date
    from shown_days
    where
        (client_id, platform) in (
            select (client_id, platform)
            from calendar_rows
            where has_holes
        )
),

withheld_days as (
    select
        client_id,
        platform,
        date,
        state,
        date - row_number() over (
            partition by client_id, platform, state order by date
        )::integer as stretch
    from reports.withheld_days
    where state <> 'whole' and date > (select before_first from bounds)
),

stretches as (
    select
        client_id,
        platform,
        min(date) as from_date,
        max(date) as to_date,
        state
    from withheld_days
    group by client_id, platform, state, stretch
    union all
    select
        client_id,
        platform,
        date + 1 as from_date,
        next_date - 1 as to_date,
        'not_expected' as state
    from next_days
    where next_date > date + 1
),

pieces as (
    select
        stretches.client_id,
        stretches.platform,
        stretches.from_date,
        stretches.to_date,
        stretches.state,
        stretches.from_date - coalesce(
            lag(stretches.to_date) over (
                partition by stretches.client_id, stretches.platform
                order by stretches.from_date
            ) + 1,
            calendar_rows.first_date
        ) as whole_before
    from stretches
    inner join calendar_rows
        on
            stretches.client_id = calendar_rows.client_id
            and stretches.platform = calendar_rows.platform
),

told as (
    select
        client_id,
        platform,
        max(to_date) as to_date,
        string_agg(
            if(whole_before > 0, 'w' || whole_before, '')
            || getvariable('codes')[state]
            || (to_date - from_date + 1),
            ''
            order by from_date
        ) as stretches
    from pieces
    group by client_id, platform
)

select
    calendar_row.client_id,
    calendar_row.platform,
    if(
        calendar_row.first_date > bounds.before_first + 1,
        '-' || (calendar_row.first_date - bounds.before_first - 1), ''
    )
    || coalesce(told.stretches, '')
    || if(
        calendar_row.last_date > coalesce(told.to_date, calendar_row.first_date - 1),
        'w' || (
            calendar_row.last_date - coalesce(told.to_date, calendar_row.first_date - 1)
        ), ''
    ) as stretches
from calendar_rows as calendar_row
cross join bounds
left join told
    on
        calendar_row.client_id = told.client_id
        and calendar_row.platform = told.platform
order by all
