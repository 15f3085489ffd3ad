-- Attempts at account-days: one row per expected account-day that was ever asked for, with how the last attempt ended.
with windows as (
    select
        platform,
        account_id,
        unnest(generate_series(from_date, to_date, interval 1 day))::date as date,
        outcome,
        failed_answer,
        error_class,
        message,
        run_id,
        started_at
    from {{ ref('stg_ledger__collections') }}
    where
        outcome <> 'skipped'
        and finished_at <= (select as_of from {{ ref('stg_run') }})
),

attempts as (
    select
        platform,
        account_id,
        date,
        count(*) as attempts,
        max(started_at) as last_attempt_at,
        max(started_at) filter (where outcome = 'collected') as last_success_at,
        min(started_at) filter (where outcome = 'failed') as first_failure_at,
        arg_max(
            {
                'outcome': outcome,
                'failed_answer': failed_answer,
                'error_class': error_class,
                'message': message
            },
            (started_at, run_id)
        ) as last_attempt
    from windows
    group by all
)

select
    attempts.platform,
    attempts.account_id,
    attempts.date,
    attempts.attempts,
    attempts.last_attempt_at,
    attempts.last_success_at,
    attempts.first_failure_at,
    attempts.last_attempt.outcome as last_outcome,
    attempts.last_attempt.failed_answer as failed_answer,
    attempts.last_attempt.error_class as error_class,
    attempts.last_attempt.message as message
from attempts
inner join {{ ref('int_calendar') }} as calendar
    on
        attempts.platform = calendar.platform
        and attempts.account_id = calendar.account_id
        and attempts.date = calendar.date
