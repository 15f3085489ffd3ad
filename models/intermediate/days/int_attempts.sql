-- Attempts at account-days: one row per expected account-day that was ever asked for,
-- with what was wrong with the last attempt, if it failed.
with windows as (
    select
        platform,
        account_id,
        unnest(generate_series(from_date, to_date, interval 1 day))::date as date,
        run_id,
        started_at,
        outcome,
        if(outcome = 'failed', coalesce(failed_answer, 'account'), null)
            as failed_answer,
        if(outcome = 'failed', error_class, null) as error_class,
        if(outcome = 'failed', message, null) as message
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
        arg_max_null(failed_answer, (started_at, run_id)) as failed_answer,
        arg_max_null(error_class, (started_at, run_id)) as error_class,
        arg_max_null(message, (started_at, run_id)) as message
    from windows
    group by all
)

select attempts.*
from attempts
inner join {{ ref('int_calendar') }} as calendar
    on
        attempts.platform = calendar.platform
        and attempts.account_id = calendar.account_id
        and attempts.date = calendar.date
