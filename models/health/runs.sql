-- The runs that are known: one row per run; the verdict on the run that builds this
-- file is written by the gate.
with runs as (
    select
        run_id,
        started_at,
        decided_at as published_at,
        verdict,
        api,
        command,
        versions
    from {{ ref('stg_ledger__runs') }}
    union all
    select
        run_id,
        started_at,
        null as published_at,
        null as verdict,
        api,
        command,
        '{}'::json as versions
    from {{ ref('stg_run') }}
    where
        run_id not in (select known.run_id from {{ ref('stg_ledger__runs') }} as known)
)

select * from runs
