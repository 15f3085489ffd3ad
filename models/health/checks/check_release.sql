-- Whether the last run that the gate decided on was published: one row.
with decided as (
    select
        verdict,
        run_id
    from {{ ref('stg_ledger__runs') }}
    where verdict is not null
    qualify row_number() over (order by decided_at desc, run_id desc) = 1
),

counted as (
    select
        coalesce(any_value(verdict), 'published') as verdict,
        coalesce(any_value(run_id), '') as run_id
    from decided
)

select
    'release' as name,
    case verdict
        when 'published' then 'pass'
        when 'held' then 'warn'
        else 'fail'
    end as status,
    verdict as observed,
    'published' as expected,
    'the run before was ' || verdict as message,
    to_json({ 'verdict': verdict, 'runId': run_id }) as details
from counted
