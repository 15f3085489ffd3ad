-- Two accounts with the very same figures on one day: one row per account's version.
with days as (
    select
        *,
        count(*) over same as accounts,
        min(platform || ' ' || account_id) over same as first_account,
        max(platform || ' ' || account_id) over same as last_account
    from {{ ref('int_series_days') }}
    where
        impressions >= 100
        and clicks >= 3
        and figures in (
            select repeated.figures from {{ ref('int_repeated_figures') }} as repeated
        )
    window same as (partition by figures, date)
),

pairs as (
    select
        *,
        if(
            platform || ' ' || account_id = first_account, last_account, first_account
        ) as other
    from days
    where accounts > 1 and first_account <> last_account
)

select
    'same_figures' as rule,
    version_id,
    client_id,
    platform,
    account_id,
    null::varchar as campaign_id,
    date,
    'account' as metric,
    'the figures of ' || other as observed,
    'figures of its own' as expected,
    'every figure is that of account ' || other as message
from pairs
