-- Closed days without a settled version: one row per expected account-day, with what
-- its last attempt came to.
{{ config(materialized='ephemeral') }}

with seen as (
    select
        platform,
        account_id,
        date,
        bool_or(is_settled) as has_settled_version
    from {{ ref('int_versions') }}
    group by all
)

select
    calendar.client_id,
    calendar.platform,
    calendar.account_id,
    calendar.date,
    calendar.due_at,
    seen.date is not null as has_unsettled_version,
    attempt.failed_answer,
    attempt.error_class,
    attempt.message
from {{ ref('int_calendar') }} as calendar
left join seen
    on
        calendar.platform = seen.platform
        and calendar.account_id = seen.account_id
        and calendar.date = seen.date
left join {{ ref('int_attempts') }} as attempt
    on
        calendar.platform = attempt.platform
        and calendar.account_id = attempt.account_id
        and calendar.date = attempt.date
where
    calendar.is_due
    and calendar.is_kept_by_platform
    and not coalesce(seen.has_settled_version, false)
