-- Platforms that the last run stopped asking, for too much of it failed: one row.
with last_run as (
    select arg_max(run_id, started_at) as run_id
    from {{ ref('stg_ledger__collections') }}
),

stopped as (
    select
        collection.platform,
        count(*) as accounts
    from {{ ref('stg_ledger__collections') }} as collection
    inner join last_run
        on collection.run_id = last_run.run_id
    where collection.error_class = 'breaker'
    group by collection.platform
),

counted as (
    select
        count(*) as issues,
        coalesce(sum(accounts), 0) as accounts,
        coalesce(list(platform order by platform), []) as platforms
    from stopped
)

select
    'breaker' as name,
    case when issues = 0 then 'pass' else 'fail' end as status,
    issues::varchar as observed,
    '0' as expected,
    format(
        '{} platforms were given up in the last run, {} windows were not asked for',
        issues, accounts
    ) as message,
    to_json({ 'platforms': platforms }) as details
from counted
