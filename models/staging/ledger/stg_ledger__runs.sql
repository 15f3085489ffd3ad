-- Runs: one row per run that began, with the gate's last decision on it.
with decided as (
    select
        run_id,
        arg_max(verdict, decided_at) as verdict,
        max(decided_at) as decided_at
    from {{ source('journal', 'verdicts') }}
    where decided_at <= (select as_of from {{ ref('stg_run') }})
    group by run_id
)

select
    run.run_id,
    run.started_at,
    run.command,
    run.api,
    run.versions,
    decided.verdict,
    decided.decided_at
from {{ source('journal', 'runs') }} as run
left join decided on run.run_id = decided.run_id
where run.started_at <= (select as_of from {{ ref('stg_run') }})
