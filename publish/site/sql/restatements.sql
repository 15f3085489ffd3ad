-- What the platforms changed afterwards: one row per date and metric, and for each age
-- the changes that came by then, in percent of what was shown first. Counts only: no sum
-- crosses currencies.
with metrics as (
    select *
    from marts.restatements
    where
        metric in ('total_impressions', 'total_clicks', 'reservations')
        and date > (select max(date) - 42 from health.account_days)
),

days as (
    select
        date,
        metric,
        sum(previous_value) filter (where is_first) as first_value
    from (
        select
            *,
            row_number() over (
                partition by platform, account_id, date, metric order by changed_at
            ) = 1 as is_first
        from metrics
    )
    group by all
),

totals as (
    select
        date,
        unnest([
            { 'metric': 'total_impressions', 'total': sum(total_impressions) },
            { 'metric': 'total_clicks', 'total': sum(total_clicks) },
            { 'metric': 'reservations', 'total': sum(reservations) }
        ], recursive := true)
    from marts.daily_kpi
    group by date
),

changes as (
    select
        date,
        metric,
        days_after,
        sum(value - previous_value) as change
    from metrics
    group by all
)

select
    changes.date::varchar as date,
    changes.metric,
    map_from_entries(list(
        { 'k': changes.days_after, 'v': changes.change } order by changes.days_after
    )) as changes,
    any_value(totals.total)
    - sum(changes.change) as first_total
from changes
inner join days
    on changes.date = days.date and changes.metric = days.metric
left join totals
    on changes.date = totals.date and changes.metric = totals.metric
group by changes.date, changes.metric
order by changes.date desc, changes.metric
