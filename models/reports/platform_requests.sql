-- What each platform was asked in the last run that asked it: one row per platform,
-- with the days that were not whole and were asked for again in this run.
with last_runs as (
    select
        platform,
        arg_max(run_id, (started_at, run_id)) as run_id
    from {{ ref('collections') }}
    group by platform
),

asked as (
    select
        collection.platform,
        collection.run_id,
        count(distinct collection.account_id) as accounts,
        count(*) as windows,
        count(*) filter (where collection.outcome = 'failed') as failed,
        coalesce(sum(collection.requests), 0)::bigint as requests,
        coalesce(sum(collection.rows), 0)::bigint as rows,
        max(collection.finished_at) as finished_at
    from {{ ref('collections') }} as collection
    inner join last_runs
        on
            collection.platform = last_runs.platform
            and collection.run_id = last_runs.run_id
    group by collection.platform, collection.run_id
),

-- What the last run that asked a platform noted of it; an older ledger has nothing.
noted as (
    select
        platform,
        arg_max_null(api_version, (seen_at, run_id)) as api_version,
        arg_max_null(usage_percent, (seen_at, run_id)) as usage_percent
    from {{ ref('stg_ledger__platforms') }}
    group by platform
),

healed as (
    select
        healing.platform,
        count(*) as days_asked_again,
        count(*) filter (where healing.healed) as days_healed
    from {{ ref('healing') }} as healing
    cross join {{ ref('stg_run') }} as run
    where healing.last_attempt_at >= run.started_at
    group by healing.platform
)

select
    asked.platform,
    asked.run_id,
    asked.run_id = run.run_id as is_own_run,
    asked.accounts,
    asked.windows,
    asked.failed,
    asked.requests,
    asked.rows,
    coalesce(healed.days_asked_again, 0) as days_asked_again,
    coalesce(healed.days_healed, 0) as days_healed,
    noted.api_version,
    noted.usage_percent,
    asked.finished_at
from asked
cross join {{ ref('stg_run') }} as run
left join noted
    on asked.platform = noted.platform
left join healed
    on asked.platform = healed.platform
