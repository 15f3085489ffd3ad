-- Closed days without any answer: one row per account-day.
with days as (
    select
        *,
        case
            when failed_answer is null then 'queued'
            else concat_ws(
                ': ', 'the ' || failed_answer || ' request failed', error_class, message
            )
        end as why
    from {{ ref('int_unanswered_days') }}
    where
        failed_answer <> 'conversions'
        or (failed_answer is null and not has_unsettled_version)
)

select
    'missing_days' as rule,
    null::varchar as version_id,
    client_id,
    platform,
    account_id,
    null::varchar as campaign_id,
    date,
    'day' as metric,
    why as observed,
    'collected after ' || strftime(due_at, '%Y-%m-%d %H:%M') || ' UTC' as expected,
    if(why = 'queued', 'the day waits to be collected', why) as message
from days
