-- Days that were not whole and were asked for again: one row per closed account-day.
with doubtful as (
    select
        platform,
        account_id,
        unnest(generate_series(from_date, to_date, interval 1 day))::date as date
    from {{ ref('stg_ledger__collections') }}
    where outcome = 'failed'
    union
    select
        platform,
        account_id,
        date
    from {{ ref('int_versions_judged') }}
    where status <> 'whole'
),

attempts as (
    select
        day.client_id,
        day.platform,
        day.account_id,
        day.date,
        day.status,
        day.reason,
        collection.outcome,
        collection.failed_answer,
        collection.error_class,
        collection.started_at,
        version.status as version_status,
        version.broken_rule
    from doubtful
    inner join {{ ref('int_account_days') }} as day
        on
            doubtful.platform = day.platform
            and doubtful.account_id = day.account_id
            and doubtful.date = day.date
    inner join {{ ref('stg_ledger__collections') }} as collection
        on
            day.platform = collection.platform
            and day.account_id = collection.account_id
            and day.date between collection.from_date and collection.to_date
            and day.due_at <= collection.started_at
            and collection.outcome <> 'skipped'
    -- What the collection brought, if it was not only sighted again.
    left join {{ ref('int_versions_judged') }} as version
        on
            collection.run_id = version.run_id
            and day.platform = version.platform
            and day.account_id = version.account_id
            and day.date = version.date
    where day.is_due
),

troubled as (
    select
        platform,
        account_id,
        date,
        min(started_at) as failed_at,
        arg_min(
            coalesce(broken_rule, concat_ws(
                ': ', 'the ' || coalesce(failed_answer, 'account') || ' request failed',
                error_class
            )),
            started_at
        ) as reason
    from attempts
    where outcome = 'failed' or version_status <> 'whole'
    group by all
)

select
    attempts.client_id,
    attempts.platform,
    attempts.account_id,
    attempts.date,
    any_value(attempts.status) = 'whole' as healed,
    count(*) as attempts,
    any_value(troubled.reason) as reason,
    min(troubled.failed_at) as failed_at,
    max(attempts.started_at) as last_attempt_at
from attempts
inner join troubled
    on
        attempts.platform = troubled.platform
        and attempts.account_id = troubled.account_id
        and attempts.date = troubled.date
        and attempts.started_at > troubled.failed_at
group by attempts.client_id, attempts.platform, attempts.account_id, attempts.date
