-- A day with the very figures of another day of the account: one row per version. Of
-- the two, the one that was collected later, else the later day, is the copy.
with days as (
    select
        *,
        row_number() over copies as place,
        first_value(date) over copies as original
    from {{ ref('int_series_days') }}
    where
        impressions >= 100
        and clicks >= 3
        and figures in (
            select repeated.figures from {{ ref('int_repeated_figures') }} as repeated
        )
    window copies as (
        partition by platform, account_id, currency, figures
        order by started_at, date
    )
)

select
    'copied_day' as rule,
    days.version_id,
    days.client_id,
    days.platform,
    days.account_id,
    null::varchar as campaign_id,
    days.date,
    'day' as metric,
    'the figures of ' || days.original as observed,
    'figures of its own' as expected,
    format(
        'every figure is that of {}: {} impressions, {} clicks',
        days.original, days.impressions::bigint, days.clicks::bigint
    ) as message
from days
where days.place > 1
