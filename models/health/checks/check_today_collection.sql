-- Whether every client that is due was collected: one row. An account passes when its
-- last closed day is whole and the last attempt at it succeeded; before the day's first
-- attempt, the day before speaks, for as long as a day's run may take.
with days as (
    select
        *,
        lag(status) over account as status_before,
        lag(last_success_at) over account as success_before
    from {{ ref('int_account_days') }}
    window account as (partition by platform, account_id order by date)
),

accounts as (
    select
        days.client_id,
        days.platform,
        coalesce(days.reason, 'the last attempt failed or is overdue') as reason,
        days.waived or case
            when days.last_attempt_at >= days.due_at
                then
                    days.status = 'whole'
                    and days.last_success_at = days.last_attempt_at
            else
                coalesce(days.status_before, 'whole') in ('whole', 'not_expected')
                and greatest(days.last_success_at, days.success_before)
                >= run.as_of - to_hours(setting.parameters['hours']::integer)
        end as passes
    from days
    inner join {{ ref('int_rules') }} as setting
        on setting.client_id = '' and setting.rule = 'today_collection'
    cross join {{ ref('stg_run') }} as run
    where
        days.date = days.last_closed_date
        and days.status is distinct from 'not_expected'
),

clients as (
    select
        client_id,
        bool_and(coalesce(passes, false)) as passes,
        list(distinct { 'client': client_id, 'platform': platform, 'reason': reason })
        filter (where not coalesce(passes, false)) as failed
    from accounts
    group by client_id
),

counted as (
    select
        count(*) filter (where passes) as passing,
        count(*) as expected,
        coalesce(list_sort(flatten(list(failed))), []) as failed
    from clients
)

select
    'todayCollection' as name,
    case when passing = expected then 'pass' else 'fail' end as status,
    passing::varchar as observed,
    expected::varchar as expected,
    format('{} of {} clients are whole for their last closed day', passing, expected)
        as message,
    to_json({ 'clientCount': passing, 'expected': expected, 'failed': failed })
        as details
from counted
