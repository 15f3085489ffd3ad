-- Closed days that were only seen before they ended: one row per account-day.
select
    'settled' as rule,
    null::varchar as version_id,
    day.client_id,
    day.platform,
    day.account_id,
    null::varchar as campaign_id,
    day.date,
    'day' as metric,
    'seen only before the day ended' as observed,
    'collected after ' || strftime(day.due_at, '%Y-%m-%d %H:%M') || ' UTC' as expected,
    'the day was seen only before it ended' as message
from {{ ref('int_unanswered_days') }} as day
where day.failed_answer is null and day.has_unsettled_version
