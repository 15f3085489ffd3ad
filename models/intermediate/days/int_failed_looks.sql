-- Looks at account-days that brought no whole version: one row per account-day and
-- collection, with what was wrong.
{{ config(materialized='ephemeral') }}

with failed_windows as (
    select
        run_id,
        platform,
        account_id,
        started_at,
        outcome = 'failed' as was_asked,
        coalesce(error_class, 'unknown') as error_class,
        coalesce(failed_answer, 'account') as failed_answer,
        unnest(generate_series(from_date, to_date, interval 1 day))::date as date
    from {{ ref('stg_ledger__collections') }}
    where outcome <> 'collected'
),

bad_versions as (
    select
        version_id,
        run_id,
        platform,
        account_id,
        date,
        started_at,
        broken_rule,
        reason
    from {{ ref('int_versions_judged') }}
    where is_due and is_settled and status <> 'whole'
),

bad_looks as (
    {{ looks_at('bad_versions') }}
),

failures as (
    select
        run_id,
        platform,
        account_id,
        date,
        started_at,
        was_asked,
        error_class,
        case failed_answer
            when 'conversions' then 'answers_present' else 'missing_days'
        end as rule,
        concat_ws(': ', 'the ' || failed_answer || ' request failed', error_class)
            as reason,
        reason as message
    from failed_windows
    union all
    select
        bad_looks.run_id,
        bad_looks.platform,
        bad_looks.account_id,
        bad_looks.date,
        bad_looks.started_at,
        true as was_asked,
        if(
            bad_looks.broken_rule = 'suspect_empty' and look.is_outage, 'silence', null
        ) as error_class,
        bad_looks.broken_rule as rule,
        bad_looks.broken_rule as reason,
        bad_looks.reason as message
    from bad_looks
    left join {{ ref('int_empty_looks') }} as look
        on
            bad_looks.version_id = look.version_id
            and bad_looks.run_id = look.run_id
)

select * from failures
